from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from pulumi import log

from components import expiry, stack_config
from hub2ghcr.errors import GitHubError
from hub2ghcr.plan import Cluster, CredentialRef, GitHub, Kubeconfig, Namespace, Plan, PullSecret, RegistryAccess
from hub2ghcr.platforms.openshift import Opens, OpenShift
from tests.components.recording import declared

CREDENTIALS = {name: {"username": "robot", "secretKey": name} for name in ("soon", "later", "never", "gone", "hub")}
CONFIG = {"hub2ghcr:credentials": json.dumps(CREDENTIALS), **{f"hub2ghcr:{name}": name for name in CREDENTIALS}}
LIFE = {"soon": timedelta(days=3, hours=1), "later": timedelta(days=60)}


def plan(*names: str, host: str = "ghcr.io", endpoint: str = "", github: str = "http://github") -> Plan:
    namespaces = tuple(
        Namespace(name, False, PullSecret("ours", {host: CredentialRef(name, "robot", name)}), ()) for name in names
    )
    registries = (RegistryAccess(host, endpoint, None, None),) if endpoint else ()
    admin = GitHub("acme", github, CredentialRef("a", "a", "a"), (), ()) if github else None
    return Plan("t", "cutover", "copy", registries, (), admin, (Cluster("c", Kubeconfig("", ""), namespaces),), ())


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, str]]:
    found: list[tuple[str, str]] = []
    for level in ("warn", "error", "info"):
        monkeypatch.setattr(log, level, lambda line, level=level: found.append((level, line)))
    return found


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    found: list[str] = []

    class Answers:
        def __init__(self, endpoint: str, credential: Any, seconds: float, *, patience: Any) -> None:
            found.append(endpoint)
            self.name = credential.secret

        def __enter__(self) -> Answers:
            return self

        def __exit__(self, *_: object) -> None: ...

        def expiry(self) -> datetime | None:
            if self.name == "gone":
                raise GitHubError("GitHub refuses the token of robot (401)", value="http://github/user", status=401)
            if self.name == "hub":
                raise GitHubError("GitHub is unreachable (refused)")
            return datetime.now(UTC) + LIFE[self.name] if self.name in LIFE else None

    monkeypatch.setattr(expiry, "GitHub", Answers)
    monkeypatch.setattr(stack_config, "given", lambda: CONFIG)
    return found


def test_a_token_that_expires_soon_is_a_warning_and_one_that_is_refused_an_error(
    told: list[tuple[str, str]], asked: list[str]
) -> None:
    declared(lambda: expiry.tell(plan("soon", "later", "never", "gone", "hub")))
    assert [level for level, _ in told] == ["error", "info", "warn"]
    assert told[0][1].startswith("credential gone: GitHub refuses the token of robot (401)")
    assert told[1][1].startswith("credential hub: when it expires is not known: GitHub is unreachable")
    assert told[2][1].startswith("the token of soon expires at")
    assert told[2][1].endswith("in 3 days: set a new one before")


ENDPOINTS = [
    (plan("never"), ["http://github"]),
    (plan("never", github=""), ["https://api.github.com"]),
    (plan("never", github="", host="containers.git.example"), ["https://git.example"]),
    (plan("never", github="", endpoint="http://proxy.example"), []),
    (plan("never", host="quay.io"), []),
    (plan("never", "never"), ["http://github"]),
    (plan(), []),
]


def test_the_token_that_all_nodes_have_is_asked_for_too(told: list[tuple[str, str]], asked: list[str]) -> None:
    wanted = OpenShift("t", "ours", (Opens("ghcr.io", "soon", "robot"),))
    cluster = Cluster("c", Kubeconfig("", ""), (), openshift=wanted)
    declared(lambda: expiry.tell(replace(plan(), clusters=(cluster,))))
    assert [level for level, _ in told] == ["warn"] and asked == ["http://github"]


def test_the_token_that_builds_push_with_is_asked_for_too(told: list[tuple[str, str]], asked: list[str]) -> None:
    pushing = PullSecret("push", {"ghcr.io": CredentialRef("soon", "robot", "soon")}, pushes="ghcr.io")
    cluster = Cluster("c", Kubeconfig("", ""), (Namespace("builds", False, None, (), push_secret=pushing),))
    declared(lambda: expiry.tell(replace(plan(), clusters=(cluster,))))
    assert [level for level, _ in told] == ["warn"] and asked == ["http://github"]


@pytest.mark.parametrize(("wanted", "endpoints"), ENDPOINTS)
def test_the_api_that_knows_the_tokens_is_asked_once_for_each_or_nobody_is(
    told: list[tuple[str, str]], asked: list[str], wanted: Plan, endpoints: list[str]
) -> None:
    declared(lambda: expiry.tell(wanted))
    assert asked == endpoints
    assert told == []
