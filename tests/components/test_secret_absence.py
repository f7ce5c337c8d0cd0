"""Secrets are looked for in the moment before they are created: what somebody set since the proof stays."""

from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import pulumi
import pytest

from components import secret_absence
from components.secret_absence import PARTS, prove, proven
from hub2ghcr.errors import GitHubError
from tests.components.conftest import run
from tests.components.test_github_migration import PLAN, SECRETS, migrated
from tests.hub2ghcr.answering import answering

LISTS = {
    "acme/shop/CR_PAT": "/repos/acme/shop/actions/secrets/CR_PAT",
    "acme/shop/production/CR_PAT": "/repos/acme/shop/environments/production/secrets/CR_PAT",
    "acme/shop/dependabot/CR_PAT": "/repos/acme/shop/dependabot/secrets/CR_PAT",
    "acme/ALL": "/orgs/acme/actions/secrets/ALL",
}
"""Where each kind of secret is asked for."""


def inputs(name: str) -> dict[str, Any]:
    return {"repository": "shop", "environment": "production", "secretName": name.rpartition("/")[2]}


@pytest.fixture(autouse=True)
def configured(monkeypatch: pytest.MonkeyPatch) -> None:
    values = {
        "hub2ghcr:credentials": '{"admin": {"username": "a", "secretKey": "adminToken"}}',
        "hub2ghcr:adminToken": "t",
    }
    monkeypatch.setenv("PULUMI_CONFIG", json.dumps(values))


def test_every_secret_that_is_created_is_looked_for_before_and_nothing_else_is() -> None:
    looked = {(each.type, each.name) for each in migrated() if each.before_create}
    assert looked == {(kind, name) for name, kind in SECRETS.items()}
    assert set(PARTS) == set(SECRETS.values())


@pytest.mark.parametrize("name", SECRETS)
def test_what_somebody_has_set_is_not_replaced(name: str) -> None:
    with answering({f"/api/v3{LISTS[name]}": {"name": "x", "updated_at": "2026-11-22T01:20:11Z"}}) as server:
        plan = replace(PLAN, endpoint=server.url)
        with pytest.raises(GitHubError, match="its value would be lost; delete it first: gh secret delete"):
            prove(plan, SECRETS[name], inputs(name))


def test_when_it_was_set_is_told_for_a_failed_run_may_have_written_it() -> None:
    """GitHub answers 5xx, and has written it: the state does not know, and nobody else has a value to lose."""
    there = {f"/api/v3{LISTS['acme/ALL']}": {"name": "ALL", "updated_at": "2026-11-22T01:20:11Z"}}
    with answering(there) as server, pytest.raises(GitHubError) as refused:
        prove(replace(PLAN, endpoint=server.url), SECRETS["acme/ALL"], inputs("ALL"))
    told = "gh secret delete ALL --org acme (set at 2026-11-22T01:20:11Z; by a run of this stack that failed then, "
    assert f"{told}nothing is lost)" in str(refused.value)


@pytest.mark.parametrize("name", SECRETS)
def test_what_is_not_there_is_created(name: str) -> None:
    with answering({}) as server:
        prove(replace(PLAN, endpoint=server.url), SECRETS[name], inputs(name))
        assert server.asked == [f"/api/v3{LISTS[name]}"]


def test_a_github_that_cannot_be_asked_lets_nothing_be_created() -> None:
    with answering({f"/api/v3{LISTS['acme/ALL']}": 422}) as server, pytest.raises(GitHubError, match="422"):
        prove(replace(PLAN, endpoint=server.url), SECRETS["acme/ALL"], inputs("ALL"))


def test_a_hook_waits_for_no_thread_that_a_registration_holds(monkeypatch: pytest.MonkeyPatch) -> None:
    """Those of the event loop are all held by registrations that wait for their hooks: a run stood still for ever."""
    declared: list[Callable[[Any], Awaitable[None]]] = []
    monkeypatch.setattr(pulumi, "ResourceHook", lambda _, hook, __: declared.append(hook))
    monkeypatch.setattr(pulumi, "ResourceHookBinding", lambda **_: None)
    proven(PLAN)
    over = threading.Event()
    of = SimpleNamespace(type=SECRETS["acme/ALL"], new_inputs=inputs("ALL"))

    async def hooked() -> None:
        loop = asyncio.get_running_loop()
        loop.set_default_executor(ThreadPoolExecutor(1))
        held = loop.run_in_executor(None, over.wait)
        try:
            await asyncio.wait_for(declared[0](of), 5)
        finally:
            over.set()
            await held

    asked: list[str] = []
    monkeypatch.setattr(secret_absence, "prove", lambda _, kind, __: asked.append(kind))
    run(hooked())
    assert asked == [SECRETS["acme/ALL"]]
