"""A whole examination, with a scripted GitHub, an engine that is a function, and registries that open or do not."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from hub2ghcr.allowance import Allowance, Budget
from hub2ghcr.doctor import Examination, Finding, clusters, credentials, examine, registries, tokens
from hub2ghcr.errors import EngineError, Unavailable
from hub2ghcr.lock import Lock
from tests.hub2ghcr.answering import answering
from tests.hub2ghcr.conftest import Config, Project

NOW = datetime(2026, 11, 21, tzinfo=UTC)
PUSH, PULL = "ghp_pushpushpushpushpush", "ghp_pullpullpullpullpull"
API: dict[str, Any] = {
    "/api/v3/user": {"login": "pusher"},
    "/api/v3/users/acme": {"type": "Organization"},
    "/api/v3/orgs/acme/packages?per_page=100&package_type=container": [],
    "/api/v3/repos/Acme/shop": {"permissions": {"admin": True}},
}


def engine(values: Mapping[str, str]) -> Any:
    def run(arguments: Sequence[str]) -> str:
        if arguments[0] == "about":
            return json.dumps({"cliAbout": {"version": "3.256.0"}})
        if not values:
            raise EngineError("incorrect passphrase")
        return json.dumps({f"hub2ghcr:{key}": {"value": value} for key, value in values.items()})

    return run


@pytest.fixture
def opened(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, tuple[str, ...], bool]]:
    """What registries are asked to open; they do."""
    found: list[tuple[str, tuple[str, ...], bool]] = []

    def opens(name: str, registry: Any, repositories: Collection[str], *, push: bool = False) -> list[Finding]:
        found.append((name, tuple(sorted(repositories)), push))
        return [Finding("ok", "credential", name, f"opens {registry.host}{' to push' if push else ''}")]

    monkeypatch.setattr(credentials, "opens", opens)
    monkeypatch.setattr(registries, "opens", opens)
    monkeypatch.setattr(registries, "allowance", lambda _: [])
    monkeypatch.setattr(clusters, "look", lambda _, __, cluster: [Finding("ok", "cluster", cluster.name, "v1.34")])
    return found


def examined(
    project: Project, values: Mapping[str, str], answers: Mapping[str, Any] = API, **environ: str
) -> dict[str, list[str]]:
    with answering(answers) as server:
        if github := project.config.get("hub2ghcr:github"):
            github["endpoint"] = server.url
        project.save()
        examination = Examination("test", project.root, {"HOME": str(project.root), **environ}, NOW, print)
        found = examine(examination, engine(values))
    assert PUSH not in repr(found) and PULL not in repr(found)
    told: dict[str, list[str]] = {}
    for each in found:
        told.setdefault(f"{each.area} {each.name}", []).append(f"{each.state}: {each.text}")
    return told


@pytest.fixture(autouse=True)
def hub(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HUB_URL", "http://127.0.0.1:1")


VALUES = {"pushToken": PUSH, "pullToken": PULL, "adminToken": PUSH}


def test_everything_is_tried_where_it_is_used(project: Project, opened: list[Any]) -> None:
    told = examined(project, VALUES)
    assert told["stack test"] == ["ok: can be planned, in phase cutover"]
    assert told["engine pulumi"] == ["ok: 3.256.0"]
    assert told["cluster one"] == ["ok: v1.34"]
    assert told["registry docker.io"] == ["ok: anonymously opens docker.io"]
    assert told["credential push"] == [
        "ok: classic token ghp_… of pusher",
        "ok: packages of acme: open to it, no single sign-on is lacking",
        "ok: opens ghcr.io to push",
    ]
    assert "ok: repositories of Acme: administers all 1 of the plan" in told["credential admin"]
    assert sorted(opened) == [
        ("", ("acme/shop",), False),
        ("pull", ("acme/mirror/nginx", "acme/shop"), False),
        ("push", ("acme/mirror/nginx", "acme/shop"), True),
    ]


def test_a_value_comes_from_the_environment_before_the_engine_is_asked(project: Project, opened: list[Any]) -> None:
    values = {f"HUB2GHCR_SECRET_{name}_TOKEN": PUSH for name in ("PUSH", "PULL", "ADMIN", "PUBLISH")}
    told = examined(project, {}, API, **values)
    assert "engine secrets" not in told and told["credential push"][0].startswith("ok")


def test_a_credential_without_a_value_is_named_with_why(project: Project, opened: list[Any]) -> None:
    told = examined(project, {})
    assert told["credential push"] == ["failure: its value is not here, so it was not tried"]
    assert told["engine secrets"] == ["warning: cannot be read: incorrect passphrase"]


def test_a_registry_that_stands_elsewhere_has_an_api_that_nobody_named(project: Project, opened: list[Any]) -> None:
    def change(config: Config) -> None:
        del config["github"]
        config["registries"]["ghcr.io"]["endpoint"] = "https://proxy.example"

    told = examined(project.change(change), VALUES)
    assert told["credential push"] == [
        "warning: no API is known for ghcr.io, so its scopes, and when it ends, cannot be looked at",
        "ok: opens ghcr.io to push",
    ]


def test_a_credential_that_nothing_needs_is_a_warning(project: Project, opened: list[Any]) -> None:
    def change(config: Config) -> None:
        config["credentials"]["spare"] = {"username": "spare", "secretKey": "spareToken"}
        config["spareToken"] = {"secure": "v1:a:b"}

    told = examined(project.change(change), {**VALUES, "spareToken": "no-shape"})
    assert told["credential spare"] == ["warning: nothing of the plan needs it"]


def test_a_secret_for_others_is_sent_to_nobody(project: Project, opened: list[Any]) -> None:
    def change(config: Config) -> None:
        config["credentials"]["spare"] = {"username": "spare", "secretKey": "spareToken"}
        config["spareToken"] = {"secure": "v1:a:b"}
        config["github"]["repositories"]["shop"]["secrets"]["OTHER"] = "spare"

    told = examined(project.change(change), {**VALUES, "spareToken": "no-shape"})
    what = "ok: password or other token of spare is a secret for others, and was not tried"
    assert told["credential spare"] == [what]


def test_a_stack_that_cannot_be_planned_has_its_credentials_tried_all_the_same(
    project: Project, opened: list[Any]
) -> None:
    project.write("new.yaml", "kind: [")
    told = examined(project, {})
    assert told["stack test"][0].startswith("failure: ")
    assert "credential push" in told and "cluster one" not in told


def test_of_a_stack_that_cannot_be_read_the_engine_is_told(project: Project, opened: list[Any]) -> None:
    told = examined(project.change(lambda config: config.update(phase="never")), VALUES)
    assert [*told] == ["engine pulumi", "stack test"]


def test_a_cluster_that_does_not_answer_is_a_failure(
    project: Project, opened: list[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    def down(*_: object) -> list[Finding]:
        raise Unavailable("does not answer", "cluster one")

    monkeypatch.setattr(clusters, "look", down)
    assert examined(project, {})["cluster one"] == ["failure: does not answer"]


@pytest.mark.parametrize(
    ("answers", "line"),
    [
        ({"/api/v3/repos/Acme/shop": 404}, "failure: Acme/shop is not there, or not for it"),
        ({"/api/v3/repos/Acme/shop": 403}, "failure: Acme/shop: GitHub refuses admin (403)"),
        ({"/api/v3/repos/Acme/shop": {"permissions": {"admin": False}}}, "failure: may not administer Acme/shop"),
        (
            {"/api/v3/orgs/acme/packages?per_page=100&package_type=container": 403},
            "failure: packages of acme: GitHub refuses pusher (403)",
        ),
        ({"/api/v3/user": 401}, "failure: classic token ghp_… of pusher is refused (): expired or revoked"),
        ({}, "ok: opens ghcr.io to push"),
    ],
)
def test_what_the_owner_does_not_let_a_token_do_is_told(
    project: Project, opened: list[Any], monkeypatch: pytest.MonkeyPatch, answers: dict[str, Any], line: str
) -> None:
    told_scopes = frozenset({"repo", "workflow", "write:packages"})
    real = tokens.ask
    monkeypatch.setattr(
        tokens,
        "ask",
        lambda github, secret: tokens.Told("classic", real(github, secret).login, told_scopes),
    )
    told = examined(project, VALUES, {**API, **answers})
    lines = [*told["credential push"], *told["credential admin"]]
    assert any(each.startswith(line) for each in lines), lines


@pytest.mark.parametrize(
    ("left", "state", "told"),
    [
        (None, "ok", "says nothing of a pull limit"),
        (Allowance(100, 76, 21600, "1.2.3.4"), "ok", "76 of 100 pulls left within 6 h, counted as 1.2.3.4"),
        (
            Allowance(100, 1, 21600),
            "warning",
            "1 of 100 pulls left within 6 h; copying all of the lock takes 4",
        ),
    ],
)
def test_pulls_that_are_left_are_held_against_what_the_lock_takes(
    project: Project, monkeypatch: pytest.MonkeyPatch, left: Allowance | None, state: str, told: str
) -> None:
    monkeypatch.setattr(Budget, "ask", lambda *_: left)
    project.lock = Lock(tuple(replace(each, manifests=2) for each in project.lock.entries))
    monkeypatch.setattr(clusters, "look", lambda *_: [])
    for module in (credentials, registries):
        monkeypatch.setattr(module, "opens", lambda *_, **__: [])
    found = examined(project, VALUES)
    assert found["registry docker.io"] == [f"{state}: {told}"]
