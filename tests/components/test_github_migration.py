from __future__ import annotations

import json
from typing import Any

import pulumi

from components.github_migration import GitHubMigration, GitHubMigrationArgs
from components.image_mirror import ImageMirror, ImageMirrorArgs
from hub2ghcr.plan import CredentialRef, GitHub, Package, Repository
from tests.components.recording import Registered, declared, is_secret, only

CONFIG = {"hub2ghcr:adminToken": "the-admin-token", "hub2ghcr:patToken": "the-pat"}
CHECK = "pulumi-python:dynamic/hub2ghcr:PackageCheck"
SETTINGS_URL = "https://github.com/orgs/acme/packages/container/shop/settings"


def migrated(answers: dict[str, dict[str, Any]] | None = None) -> list[Registered]:
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
            (Package("acme", "shop", "public", SETTINGS_URL),),
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


def test_another_visibility_is_a_warning_with_the_link(monkeypatch: Any) -> None:
    told: list[str] = []
    monkeypatch.setattr(pulumi.log, "warn", lambda message, *_: told.append(message))
    migrated({CHECK: {"found": "private"}})
    migrated({CHECK: {"found": "missing"}})
    assert told == [
        f"package acme/shop is private, wanted is public; no API sets this; set it at {SETTINGS_URL}",
        f"package acme/shop does not exist yet, wanted is public; no API sets this; set it at {SETTINGS_URL}",
    ]


def test_the_wanted_visibility_is_no_warning(monkeypatch: Any) -> None:
    told: list[str] = []
    monkeypatch.setattr(pulumi.log, "warn", lambda message, *_: told.append(message))
    migrated({CHECK: {"found": "public"}})
    assert told == []
