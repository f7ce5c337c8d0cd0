from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pulumi
import pytest

from components import package_foretelling
from components.github_migration import GitHubMigration, GitHubMigrationArgs
from components.image_mirror import ImageMirror, ImageMirrorArgs
from hub2ghcr.credentials import Credential
from hub2ghcr.packages import MISSING, Seen
from hub2ghcr.plan import CredentialRef, GitHub, Package, Repository
from tests.components.recording import Registered, declared, is_secret, only

CONFIG = {"hub2ghcr:adminToken": "the-admin-token", "hub2ghcr:patToken": "the-pat"}
CHECK = "pulumi-python:dynamic/hub2ghcr:PackageCheck"
SETTINGS_URL = "https://github.com/orgs/acme/packages/container/shop/settings"


def migrated(
    answers: dict[str, dict[str, Any]] | None = None,
    package: Package = Package("acme", "shop", "ghcr.io", "public"),  # noqa: B008 - frozen
) -> list[Registered]:
    def declare() -> None:
        mirrors: dict[str, pulumi.Resource] = {
            target: ImageMirror(target, ImageMirrorArgs("docker.io/acme/shop:1", target, "sha256:" + "a" * 64))
            for target in ("ghcr.io/acme/shop:1", "ghcr.io/acme/shop-api:1")
        }
        github = GitHub(
            "acme",
            "https://github.example.com",
            CredentialRef("admin", "acme-admin", "adminToken"),
            (
                Repository(
                    "acme", "shop", {"CR_PAT": CredentialRef("pat", "bot", "patToken")}, ".github/w.yml", "on: x"
                ),
            ),
            (package,),
        )
        GitHubMigration("acme", GitHubMigrationArgs(github, mirrors))

    return declared(declare, CONFIG, answers)


def test_the_actions_secret_goes_over_the_wire_as_a_secret() -> None:
    secret = only(migrated(), "github:index/actionsSecret:ActionsSecret")
    assert is_secret(secret.inputs["value"])
    assert secret.inputs["value"]["value"] == CONFIG["hub2ghcr:patToken"]
    assert (secret.inputs["repository"], secret.inputs["secretName"]) == ("shop", "CR_PAT")


def test_the_token_of_the_provider_is_a_secret_and_its_endpoint_the_stacks() -> None:
    provider = only(migrated(), "pulumi:providers:github")
    assert is_secret(provider.inputs["token"])
    assert provider.inputs["baseUrl"] == "https://github.example.com"
    assert provider.inputs["owner"] == "acme"


def test_no_token_goes_anywhere_else() -> None:
    for each in migrated():
        plain = {key: value for key, value in each.inputs.items() if not is_secret(value)}
        assert not [value for value in CONFIG.values() if value in json.dumps(plain)]


def test_the_workflow_comes_after_its_secrets_and_overwrites_nothing() -> None:
    file = only(migrated(), "github:index/repositoryFile:RepositoryFile")
    assert {"acme/shop/CR_PAT", "acme"} <= set(file.depends_on)
    assert "overwriteOnCreate" not in file.inputs


def test_everything_on_github_goes_through_the_stacks_provider_after_the_proof() -> None:
    for each in migrated():
        if each.type.startswith("github:"):
            assert each.provider.endswith("pulumi:providers:github::acme")
            assert "acme" in each.depends_on


def test_a_package_is_looked_at_after_the_copies_that_land_in_it_and_no_other() -> None:
    check = only(migrated(), CHECK)
    assert "ghcr.io/acme/shop:1" in check.depends_on
    assert "ghcr.io/acme/shop-api:1" not in check.depends_on


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    found: list[str] = []
    monkeypatch.setattr(pulumi.log, "warn", lambda message, *_: found.append(message))
    monkeypatch.setattr(pulumi.log, "info", lambda message, *_: found.append(f"info: {message}"))
    return found


def test_what_is_not_as_wanted_is_a_warning_of_the_run_that_looked(told: list[str]) -> None:
    migrated({CHECK: {"differences": ["package acme/shop is private", "package acme/shop is linked to no repository"]}})
    assert told == ["package acme/shop is private", "package acme/shop is linked to no repository"]


def test_what_is_as_wanted_is_no_warning(told: list[str]) -> None:
    migrated({CHECK: {"differences": []}})
    assert told == []


PACKAGE = Package("acme", "shop", "ghcr.io", "public", access={"deployers": "read"})
PREVIEWS = [
    (PACKAGE, Seen("public", anonymous=True), []),
    (
        PACKAGE,
        Seen("private", anonymous=False),
        [
            "package acme/shop is private, wanted public: no API sets it, open "
            f"{SETTINGS_URL}; public cannot be undone",
        ],
    ),
    (replace(PACKAGE, enforce="fail"), Seen("private", anonymous=False), []),
    (
        PACKAGE,
        Seen(MISSING),
        [
            "info: package acme/shop does not exist yet, or the token may not see it; wanted public: its first push "
            "makes it private, and linked only by a label or a workflow's own token"
        ],
    ),
]


@pytest.mark.parametrize(("package", "seen", "lines"), PREVIEWS)
def test_a_preview_looks_itself_and_tells_nothing_twice(
    monkeypatch: pytest.MonkeyPatch, told: list[str], package: Package, seen: Seen, lines: list[str]
) -> None:
    monkeypatch.setattr("pulumi.runtime.is_dry_run", lambda: True)
    monkeypatch.setattr(package_foretelling, "look", lambda *_: seen)
    monkeypatch.setattr(package_foretelling, "credential", lambda _: Credential("admin", "the-admin-token"))
    monkeypatch.setattr(package_foretelling, "reader", lambda *_: None)
    migrated({CHECK: {"differences": ["what the state remembers"]}}, package)
    access = "info: package acme/shop: who has access no API shows; look whether it is deployers: read: " + SETTINGS_URL
    assert told == [access, *lines]


def test_a_preview_goes_on_where_packages_cannot_be_looked_at(monkeypatch: pytest.MonkeyPatch, told: list[str]) -> None:
    monkeypatch.setattr("pulumi.runtime.is_dry_run", lambda: True)
    migrated()
    assert told == [
        "info: packages: what they are is not known: admin: the credential has no value; "
        "pulumi config set --secret admin"
    ]
