"""The provider of package checks without an engine: what it sees, when that is a change, and what ends a run."""

from __future__ import annotations

import json
from typing import Any

import pytest
from pulumi.dynamic import CreateResult, ReadResult, UpdateResult

from components import package_check, provider_process, registry_access
from components.package_check import PackageCheckProvider
from hub2ghcr.errors import GitHubError, Problems
from hub2ghcr.packages import MISSING, Seen
from tests.hub2ghcr.answering import answering
from tests.hub2ghcr.packages.test_looking import Anonymous

PROPS: dict[str, Any] = {
    "owner": "acme",
    "name": "shop",
    "registry": "ghcr.io",
    "visibility": "public",
    "repository": "",
    "enforce": "warn",
    "endpoint": "http://github",
    "credential": "admin",
    "seen": None,
    "differences": None,
    "__provider": "p",
}
STRICT = {**PROPS, "enforce": "fail"}
OPEN = Seen("public", anonymous=True)
CLOSED = Seen("private", anonymous=False, why="refused to anonymous (403)")
LINE = (
    "package acme/shop is private, wanted public: no API sets it, open "
    "https://github.com/orgs/acme/packages/container/shop/settings; public cannot be undone"
)


def outs(result: CreateResult | UpdateResult | ReadResult) -> dict[str, Any]:
    assert result.outs is not None
    return result.outs


@pytest.fixture
def looks(monkeypatch: pytest.MonkeyPatch) -> list[Seen]:
    """What is found, look after look; the last one for ever."""
    found: list[Seen] = [CLOSED]
    monkeypatch.setattr(package_check, "_look", lambda _: found.pop(0) if len(found) > 1 else found[0])
    monkeypatch.setattr(package_check, "sleep", lambda _: None)
    return found


def test_what_somebody_set_meanwhile_is_seen_without_a_refresh(looks: list[Seen]) -> None:
    kept = outs(PackageCheckProvider().create(dict(PROPS)))
    assert kept["differences"] == [LINE] and kept["seen"]["visibility"] == "private"
    assert not PackageCheckProvider().diff("id", kept, PROPS).changes
    looks[:] = [OPEN]
    assert PackageCheckProvider().diff("id", kept, PROPS).changes
    assert outs(PackageCheckProvider().update("id", kept, dict(PROPS)))["differences"] == []
    assert outs(PackageCheckProvider().read("id", dict(kept)))["differences"] == []


def test_another_wish_is_a_change(looks: list[Seen]) -> None:
    kept = outs(PackageCheckProvider().create(dict(PROPS)))
    assert PackageCheckProvider().diff("id", kept, {**PROPS, "repository": "acme/shop"}).changes


def test_a_package_that_was_just_pushed_is_waited_for(looks: list[Seen]) -> None:
    looks[:] = [Seen(MISSING), Seen(MISSING), OPEN]
    assert outs(PackageCheckProvider().create(dict(PROPS)))["differences"] == []


def test_what_is_not_there_in_time_is_told(looks: list[Seen], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(package_check, "SECONDS", 0.0)
    looks[:] = [Seen(MISSING)]
    [line] = outs(PackageCheckProvider().create(dict(PROPS)))["differences"]
    assert line.startswith("package acme/shop does not exist yet")


def test_enforced_it_ends_a_preview_and_by_warning_alone_it_does_not(looks: list[Seen]) -> None:
    assert [each.reason for each in PackageCheckProvider().check({}, STRICT).failures] == [LINE]
    assert PackageCheckProvider().check({}, PROPS).failures == []
    looks[:] = [OPEN]
    assert PackageCheckProvider().check({}, STRICT).failures == []


def test_enforced_nobody_is_asked_twice_in_a_run(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[Seen] = []

    def looked(_: object) -> Seen:
        asked.append(OPEN)
        return OPEN

    monkeypatch.setattr(package_check, "_look", looked)
    provider = PackageCheckProvider()
    kept = outs(provider.create(provider.check({}, STRICT).inputs))
    assert (len(asked), kept["differences"]) == (1, [])
    news = provider.check(kept, {**STRICT, "repository": ""}).inputs
    assert not provider.diff("id", kept, news).changes
    assert outs(provider.update("id", kept, news))["seen"] == kept["seen"]
    assert len(asked) == 2
    outs(provider.read("id", kept))
    assert len(asked) == 3, "a refresh asks, whatever was seen"


def test_enforced_a_package_may_still_come_and_must_then_be_as_wanted(looks: list[Seen]) -> None:
    looks[:] = [Seen(MISSING)]
    assert PackageCheckProvider().check({}, STRICT).failures == []
    looks[:] = [CLOSED]
    for run in (
        lambda: PackageCheckProvider().create(dict(STRICT)),
        lambda: PackageCheckProvider().update("", {}, STRICT),
    ):
        with pytest.raises(Problems, match="no API sets it"):
            run()


def test_enforced_a_github_that_cannot_be_asked_ends_the_run(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(_: object) -> Seen:
        raise GitHubError("GitHub refuses admin (403)")

    monkeypatch.setattr(package_check, "_look", refuse)
    assert [each.reason for each in PackageCheckProvider().check({}, STRICT).failures] == ["GitHub refuses admin (403)"]


def test_github_is_asked_with_the_credential_and_its_registry_as_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[tuple[str, object]] = []

    def reader(host: str, pull: object) -> Anonymous:
        asked.append((host, pull))
        return Anonymous("1")

    monkeypatch.setattr(registry_access, "reader", reader)
    credentials = {"admin": {"username": "admin", "secretKey": "adminToken"}}
    provider_process.know({"hub2ghcr:credentials": json.dumps(credentials), "hub2ghcr:adminToken": "v"})
    answers = {
        "/api/v3/users/acme": {"type": "Organization"},
        "/api/v3/orgs/acme/packages/container/shop": {"name": "shop", "visibility": "public"},
    }
    with answering(answers) as server:
        props = {**PROPS, "endpoint": server.url}
        kept = outs(PackageCheckProvider().create(props))
        assert not PackageCheckProvider().diff("id", kept, props).changes
    provider_process.know({})
    assert kept["seen"] == {
        "visibility": "public",
        "repository": "",
        "owner_kind": "orgs",
        "anonymous": True,
        "why": "",
    }
    assert asked == [("ghcr.io", None)] * 2
    assert server.headers[0]["Authorization"] == "Bearer v"
    assert server.asked == [*answers, [*answers][1]]


def test_a_refresh_leaves_a_state_of_an_older_version_to_the_next_run() -> None:
    """It said neither the registry nor the endpoint: a refresh, which an upgrade asks for, ended with a traceback."""
    older = {"owner": "acme", "name": "shop", "visibility": "public", "__provider": "p"}
    found = PackageCheckProvider().read("acme/shop", older)
    assert (found.id, found.outs) == ("acme/shop", older)
    assert not PackageCheckProvider().diff("acme/shop", older, older).changes
