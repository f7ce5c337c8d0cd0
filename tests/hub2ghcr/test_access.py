"""Who speaks at a registry: the stack's credentials, what is stored on the machine, or nobody."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from pathlib import Path

import pytest

from hub2ghcr import access
from hub2ghcr.errors import Problems
from hub2ghcr.registry import Access, Registries

from .conftest import Config, Project

GHCR = {"HUB2GHCR_SECRET_PUSH_TOKEN": "from-the-environment"}


@pytest.fixture
def stored(tmp_path: Path) -> Mapping[str, str]:
    def auth(user: str) -> dict[str, str]:
        return {"auth": base64.b64encode(f"{user}:stored".encode()).decode()}

    (tmp_path / "config.json").write_text(json.dumps({"auths": {"ghcr.io": auth("me"), "ghcr.io/acme": auth("acme")}}))
    return {"DOCKER_CONFIG": str(tmp_path), "HOME": str(tmp_path)}


def opened(found: Registries, host: str) -> Access:
    return found.at(host)._http.access


def test_a_credential_of_the_stack_comes_before_what_is_stored(project: Project, stored: Mapping[str, str]) -> None:
    settings = project.settings()
    named = opened(access.registries(settings, {**stored, **GHCR}, push=["ghcr.io"]), "ghcr.io")
    assert named.push is not None and (named.push.username, named.paths) == ("pusher", ())
    without = opened(access.registries(settings, stored, push=["ghcr.io"]), "ghcr.io")
    assert without.push is not None and without.push.username == "me"
    assert [(path, each.username) for path, each in without.paths] == [("acme", "acme")]


def test_what_can_be_pushed_is_pulled_with_the_same_credential_unless_there_is_one_for_pulling(
    project: Project, tmp_path: Path, stored: Mapping[str, str]
) -> None:
    settings = project.settings()
    alone = opened(access.registries(settings, {"HOME": str(tmp_path / "nobody"), **GHCR}), "ghcr.io")
    assert alone.pull is not None and alone.pull.username == "pusher"
    beside = opened(access.registries(settings, {**stored, **GHCR}), "ghcr.io")
    assert beside.pull is not None and beside.pull.username == "me"


def test_a_host_that_is_written_needs_a_credential(project: Project, tmp_path: Path) -> None:
    with pytest.raises(Problems, match=r"ghcr\.io: no credential to push with; set HUB2GHCR_SECRET_PUSH_TOKEN, or"):
        access.registries(project.settings(), {"HOME": str(tmp_path)}, push=["ghcr.io"])
    with pytest.raises(Problems, match=r"ghcr\.io: no credential to push with; `docker login ghcr\.io`"):
        access.undeclared(["docker.io"], {"HOME": str(tmp_path)}, endpoints={}, push=["ghcr.io"])


def test_a_registry_behind_a_private_authority_is_opened_with_it(project: Project, tmp_path: Path) -> None:
    def change(config: Config) -> None:
        config["registries"]["ghcr.io"] = {"certificateAuthority": "${CA}/company.pem", "push": "push"}

    settings = project.change(change).settings({"CA": "/etc/acme"})
    found = opened(access.registries(settings, {"HOME": str(tmp_path)}), "ghcr.io")
    assert found.certificate_authority == Path("/etc/acme/company.pem")
