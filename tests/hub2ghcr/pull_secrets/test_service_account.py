from __future__ import annotations

import copy
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub2ghcr.cluster import Cluster
from hub2ghcr.errors import ClusterError, Conflict, Refused
from hub2ghcr.pull_secrets import service_account
from hub2ghcr.pull_secrets.service_account import add_entry, has_entry, remove_entry

OURS = "hub2ghcr-ghcr"
NAMES = st.lists(st.sampled_from(["a", "b", OURS, "c"]), max_size=6)


class Server:
    """One ServiceAccount behind an API server's rule: a write under another version than the live one is a conflict."""

    name = "lab"

    def __init__(self, *names: str) -> None:
        self.account: dict[str, Any] | None = {
            "apiVersion": "v1",
            "kind": "ServiceAccount",
            "metadata": {"name": "default", "namespace": "shop", "resourceVersion": "1"},
            "automountServiceAccountToken": False,
        }
        if names:
            self.account["imagePullSecrets"] = [{"name": name} for name in names]
        self.between: list[Callable[[], None]] = []
        self.writes = 0

    def get(self, api_version: str, kind: str, namespace: str, name: str) -> dict[str, Any] | None:
        assert (api_version, kind, namespace, name) == ("v1", "ServiceAccount", "shop", "default")
        found = copy.deepcopy(self.account)
        if self.between:
            self.between.pop(0)()
        return found

    def replace(self, document: Mapping[str, Any]) -> dict[str, Any]:
        if self.account is None:
            raise Refused("is refused: not found", reason="NotFound")
        if document["metadata"]["resourceVersion"] != self.account["metadata"]["resourceVersion"]:
            raise Conflict("is refused: the object has been modified")
        self.write(dict(document))
        return dict(document)

    def write(self, account: Mapping[str, Any]) -> None:
        self.writes += 1
        self.account = copy.deepcopy({**account})
        self.account["metadata"]["resourceVersion"] = str(self.writes + 1)

    def other(self, name: str) -> None:
        """Add an entry as a competing writer does."""
        assert self.account is not None
        self.write({**self.account, "imagePullSecrets": [*self.account.get("imagePullSecrets", ()), {"name": name}]})

    def gone(self) -> None:
        self.account = None

    @property
    def names(self) -> list[str]:
        assert self.account is not None
        return [each["name"] for each in self.account.get("imagePullSecrets", ())]


def as_cluster(server: Server) -> Cluster:
    return cast(Cluster, server)


def add(server: Server) -> None:
    add_entry(as_cluster(server), "shop", "default", OURS, lambda _: None)


def remove(server: Server) -> None:
    remove_entry(as_cluster(server), "shop", "default", OURS, lambda _: None)


@given(NAMES)
def test_our_entry_alone_comes_and_goes(names: list[str]) -> None:
    server = Server(*names)
    add(server)
    assert server.names == (names if OURS in names else [*names, OURS])
    assert has_entry(as_cluster(server), "shop", "default", OURS)
    remove(server)
    assert server.names == [name for name in names if name != OURS]
    assert server.account is not None
    assert server.account["automountServiceAccountToken"] is False


def test_what_is_there_already_is_not_written_again() -> None:
    server = Server("a", OURS)
    add(server)
    add(server)
    assert server.writes == 0
    remove(server)
    remove(server)
    assert server.writes == 1


@given(st.lists(st.sampled_from(["a", "b", "c"]), min_size=1, max_size=8))
def test_entries_that_others_add_between_our_read_and_our_write_are_kept(others: list[str]) -> None:
    for change in (add, remove):
        server = Server("x", *([OURS] if change is remove else []))
        server.between = [partial(server.other, name) for name in others]
        change(server)
        assert [name for name in server.names if name != OURS] == ["x", *others]
        assert (OURS in server.names) is (change is add)


def test_control_without_the_version_that_was_read_entries_are_lost() -> None:
    server = Server("x")
    server.between = [lambda: server.other("a")]
    found = server.get("v1", "ServiceAccount", "shop", "default")
    assert found is not None and server.account is not None
    found["metadata"]["resourceVersion"] = server.account["metadata"]["resourceVersion"]  # as a naive writer does
    server.replace({**found, "imagePullSecrets": [*found["imagePullSecrets"], {"name": OURS}]})
    assert "a" not in server.names


def test_who_never_gets_a_turn_says_so() -> None:
    server = Server("x")
    server.between = [lambda: server.other("a")] * (service_account.ATTEMPTS + 1)
    with pytest.raises(ClusterError, match=r"^cluster lab: ServiceAccount shop/default: was written by others "):
        add(server)
    assert OURS not in server.names


def test_a_serviceaccount_that_is_gone_has_nothing_to_be_taken_out_of() -> None:
    server = Server("a", OURS)
    server.between = [server.gone]
    remove(server)
    remove(server)
    assert not has_entry(as_cluster(server), "shop", "default", OURS)


def test_one_that_appears_late_is_waited_for_and_one_that_does_not_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    server = Server()
    late, server.account = server.account, None

    def appear(_: float) -> None:
        server.account = late

    add_entry(as_cluster(server), "shop", "default", OURS, appear)
    assert server.names == [OURS]
    server.account = None
    monkeypatch.setattr(service_account, "APPEARS", 0.0)
    with pytest.raises(ClusterError, match=r"^cluster lab: ServiceAccount shop/default: does not exist; create it"):
        add(server)
