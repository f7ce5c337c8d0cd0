"""What of two stacks must be the same before the engine is asked: whatever is not known to be harmless."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from hub2ghcr.lock import Lock
from hub2ghcr.preview import guarded
from hub2ghcr.preview.guarded import FREE, differing, differing_files, new_hosts
from hub2ghcr.settings.schema import Settings

from ..conftest import LOCK, Config, Project, entry

HARMLESS: dict[str, Callable[[Config], object]] = {
    "the phase": lambda config: config.update(phase="seal"),
    "a namespace's phase": lambda config: shop(config).update(phase="prepare"),
    "a manifest": lambda config: shop(config)["manifests"].append("new.yaml"),
    "a rule": lambda config: config["mapping"]["rules"].append({"from": "quay.io/x/*", "to": "ghcr.io/acme/x/*"}),
    "a package": lambda config: config["github"].update(packages={}),
    "a workflow": lambda config: config["github"]["repositories"]["shop"]["workflow"].update(semver=True),
    "a namespace": lambda config: config["clusters"][0]["namespaces"].update(more={}),
}
GUARDED: dict[str, tuple[Callable[[Config], object], str]] = {
    "an endpoint": (
        lambda config: config["registries"]["ghcr.io"].update(endpoint="https://evil.example"),
        "registries.ghcr.io.endpoint",
    ),
    "a variable": (
        lambda config: config["registries"]["docker.io"].update(endpoint="https://${TOKEN}.evil.example"),
        "registries.docker.io.endpoint",
    ),
    "a registry": (
        lambda config: config["registries"].update({"evil.example": {"pull": "pull"}}),
        "registries.evil.example.pull",
    ),
    "another's credential": (
        lambda config: config["registries"]["docker.io"].update(pull="admin"),
        "registries.docker.io.pull",
    ),
    "an alias": (
        lambda config: config["registries"]["ghcr.io"].update(aliases=["evil.example"]),
        "registries.ghcr.io.aliases",
    ),
    "a user": (lambda config: config["credentials"]["pull"].update(username="evil"), "credentials.pull.username"),
    "another's value": (
        lambda config: (
            config["credentials"]["pull"].update(secretKey="adminToken"),
            config["credentials"]["admin"].update(secretKey="pullToken"),
        ),
        "credentials.pull.secretKey",
    ),
    "GitHub's endpoint": (lambda config: config["github"].update(endpoint="https://evil.example"), "github.endpoint"),
    "GitHub's owner": (lambda config: config["github"].update(owner="evil"), "github.owner"),
    "an Actions secret": (
        lambda config: config["github"]["repositories"]["shop"]["secrets"].update(TWO="admin"),
        "github.repositories.shop.secrets.TWO",
    ),
    "a kubeconfig": (lambda config: config["clusters"][0].update(kubeconfig="stacks/evil"), "clusters.one.kubeconfig"),
    "a context": (lambda config: config["clusters"][0].update(context="other"), "clusters.one.context"),
    "a namespace's credential": (
        lambda config: shop(config).update(pull="admin"),
        "clusters.one.namespaces.shop.pull",
    ),
    "a lock": (lambda config: config.update(images={"lock": "__main__.py"}), "images.lock"),
    "an archive": (lambda config: config.update(images={"archives": ["/proc/self/environ"]}), "images.archives"),
}


def shop(config: Config) -> dict[str, Any]:
    """Return the namespace ``shop`` of the only cluster."""
    found: dict[str, Any] = config["clusters"][0]["namespaces"]["shop"]
    return found


@pytest.mark.parametrize("name", HARMLESS)
def test_what_sends_no_credential_elsewhere_may_differ(project: Project, name: str) -> None:
    before = project.settings()
    after = project.change(HARMLESS[name]).settings()
    assert before != after and differing(before, after) == ()


@pytest.mark.parametrize("name", GUARDED)
def test_what_decides_where_credentials_go_is_named(project: Project, name: str) -> None:
    change, place = GUARDED[name]
    before = project.settings()
    after = project.change(change).settings()
    assert place in differing(before, after)
    assert place in differing(after, before)


def test_a_guard_that_is_taken_away_lets_it_through(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    """The control: the guard, and nothing else, names what is guarded."""
    before = project.settings()
    after = project.change(GUARDED["an endpoint"][0]).settings()
    monkeypatch.setattr(guarded, "FREE", FREE | {"registries"})
    assert differing(before, after) == ()


def test_each_place_that_may_differ_is_one_of_the_schema() -> None:
    """A key that was renamed would else be guarded without anybody's knowing, or free in another meaning."""
    known = {"stack", *(name for name in Settings.model_fields)}
    assert {each.partition("/")[0] for each in FREE} <= known


CONFIG: dict[str, Any] = {
    "hub2ghcr:phase": "prepare",
    "hub2ghcr:a": {"secure": "x"},
    "hub2ghcr:b": {"secure": "y"},
    "aws:r": 1,
}
STACK = {
    "encryptionsalt": "v1:salt",
    "config": CONFIG,
}


@pytest.mark.parametrize(
    ("change", "places"),
    [
        ({"encryptionsalt": "v1:other"}, ("encryptionsalt",)),
        ({"secretsprovider": "hashivault://evil"}, ("secretsprovider",)),
        ({"environment": ["evil"]}, ("environment",)),
        ({"config": {**CONFIG, "aws:r": True}}, ("aws:r",)),
        ({"config": {**CONFIG, "github:baseUrl": "https://evil.example"}}, ("github:baseUrl",)),
        ({"config": {**CONFIG, "hub2ghcr:a": {"secure": "y"}}}, ("hub2ghcr:a",)),
        ({"config": {**CONFIG, "hub2ghcr:c": [{"d": {"secure": "x"}}]}}, ("hub2ghcr:c.0.d",)),
        ({"config": {**CONFIG, "hub2ghcr:c": '{"secure": "x"}'}}, ("hub2ghcr:c",)),
        ({"config": {**CONFIG, "hub2ghcr:phase": "seal"}}, ()),
    ],
)
def test_what_the_engine_reads_itself_is_guarded_and_encrypted_values_stay_where_they_are(
    change: dict[str, Any], places: tuple[str, ...]
) -> None:
    assert differing_files(STACK, {**STACK, **change}) == places


def test_a_registry_that_a_rule_or_the_lock_brings_is_new(project: Project) -> None:
    before = project.settings()
    assert new_hosts(before, before, LOCK, LOCK) == ()
    locked = Lock((*LOCK.entries, entry("169.254.169.254/x/y:1", "ghcr.io/acme/y:1")))
    assert new_hosts(before, before, LOCK, locked) == ("169.254.169.254",)
    after = project.change(HARMLESS["a rule"]).settings()
    assert new_hosts(before, after, LOCK, LOCK) == ("quay.io",)
    assert new_hosts(after, after, LOCK, LOCK) == ()
