"""The registries asked for, out of what docker and podman login have stored."""

from __future__ import annotations

import base64
import json
import traceback
from pathlib import Path

import pytest

from hub2ghcr.credentials import Credential, asked, registry
from hub2ghcr.errors import CredentialError, Problems

SECRET = "s3cr3t-value-nobody-may-see"


def auth(user: str) -> dict[str, str]:
    return {"auth": base64.b64encode(f"{user}:{SECRET}".encode()).decode()}


CONFIG = {
    "auths": {
        "https://index.docker.io/v1/": auth("hub"),
        "ghcr.io": {**auth("ghcr"), "email": "e@x"},
        "ghcr.io/acme": auth("acme"),
        "quay.io": {},
        "azurecr.io": {"auth": base64.b64encode(b"00000000:").decode(), "identitytoken": SECRET},
        "r.example": {"registrytoken": SECRET},
        "secret.example": auth("nobody-asked"),
    },
    "HttpHeaders": {"User-Agent": "Docker-Client/19.03"},
    "credHelpers": {"helped.example": "ours"},
    "psFormat": "table",
}


@pytest.fixture
def config(tmp_path: Path) -> Path:
    path = tmp_path / "config.json"
    path.write_text(json.dumps(CONFIG, indent="\t"))
    return path


def helper(name: str, server: str) -> str | None:
    return json.dumps({"ServerURL": server, "Username": name, "Secret": SECRET}) if name == "ours" else None


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("ghcr.io", "ghcr.io"),
        ("https://ghcr.io/v2/", "ghcr.io"),
        ("GHCR.IO", "ghcr.io"),
        ("ghcr.io/Acme/", "ghcr.io/acme"),
        ("quay.io/acme/v1", "quay.io/acme/v1"),
        ("r.example:5000", "r.example:5000"),
        ("[::1]:5000", "[::1]:5000"),
        ("https://index.docker.io/v1/", "docker.io"),
        ("registry-1.docker.io", "docker.io"),
        ("index.docker.io/acme", "docker.io/acme"),
    ],
)
def test_a_registry_is_named_in_many_ways_and_means_one(text: str, expected: str) -> None:
    assert registry(text) == expected


@pytest.mark.parametrize("text", ["", "-", "a b", "ghcr.io:x", "*.example", f"u:{SECRET}@ghcr.io", "ghcr.io//x"])
def test_what_names_no_registry_is_refused_and_a_password_in_it_not_shown(text: str) -> None:
    with pytest.raises(CredentialError) as caught:
        registry(text)
    assert SECRET not in str(caught.value)


def test_only_what_was_asked_for_is_taken(config: Path) -> None:
    found = asked(["docker.io", "ghcr.io", "helped.example"], {}, config, run=helper)
    assert found == {
        "docker.io": Credential("hub", SECRET),
        "ghcr.io": Credential("ghcr", SECRET, "e@x"),
        "helped.example": Credential("ours", SECRET),
    }


def test_a_path_takes_the_entry_nearest_to_it(config: Path) -> None:
    found = asked(["ghcr.io/acme/shop", "ghcr.io/acmecorp"], {}, config)
    assert {name: each.username for name, each in found.items()} == {
        "ghcr.io/acme/shop": "acme",
        "ghcr.io/acmecorp": "ghcr",
    }


def test_all_that_is_missing_or_cannot_be_used_is_told_at_once(config: Path) -> None:
    with pytest.raises(Problems) as caught:
        asked(["quay.io", "azurecr.io", "r.example", "none.example", "a b"], {}, config)
    told = "".join(traceback.format_exception(caught.value))
    assert SECRET not in told
    token = "holds an identity token, which opens no registry here: neither we nor the kubelet can use one"
    login = "make an access token, and `docker login` with it"
    assert caught.value.lines == (
        f"{config}: auths[azurecr.io]: {token}; {login}",
        f"{config}: auths[r.example]: {token}; {login}",
        f"{config}: no credential for none.example; `docker login none.example` writes one",
        f"{config}: no credential for quay.io; `docker login quay.io` writes one",
        "registry: names no registry: 'a b'; write a host such as ghcr.io",
    )


def test_without_a_file_the_usual_places_are_searched_and_told(config: Path, tmp_path: Path) -> None:
    assert asked(["ghcr.io"], {"DOCKER_CONFIG": str(tmp_path)})["ghcr.io"].username == "ghcr"
    with pytest.raises(Problems) as caught:
        asked(["ghcr.io"], {"HOME": "/nowhere"})
    assert str(caught.value).startswith(
        "/nowhere/.docker/config.json or /nowhere/.config/containers/auth.json: no cred"
    )


def test_a_file_that_is_not_there_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(Problems, match=r"none\.json: no such file"):
        asked(["ghcr.io"], {}, tmp_path / "none.json")
