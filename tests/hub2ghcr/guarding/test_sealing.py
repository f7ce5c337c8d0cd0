"""Whether namespaces can be sealed, asked in few lists."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from hub2ghcr.errors import Refused
from hub2ghcr.guarding.policy import binding, deny_name
from hub2ghcr.guarding.sealing import MANY, Moving, unsealed
from hub2ghcr.guarding.unguarding import sealed
from tests.hub2ghcr.guarding.test_policy import cron_job, pod
from tests.hub2ghcr.pretended import Pretended


class Counted(Pretended):
    """A cluster that counts its lists, and may keep those of all namespaces to itself."""

    namespaced = False

    def __init__(self, *objects: Any) -> None:
        super().__init__(*objects)
        self.lists: list[str] = []

    def list(self, api_version: str, kind: str, namespace: str = "", **how: str) -> Iterator[dict[str, Any]]:
        self.lists.append(namespace)
        if self.namespaced and not namespace:
            raise Refused("may not list pods of all namespaces")
        return super().list(api_version, kind, namespace, **how)


def found(cluster: Pretended, *namespaces: str, moving: tuple[Moving, ...] = ()) -> list[str]:
    return [str(each).partition(": is not")[0] for each in unsealed(cluster, namespaces, moving=moving)]


MANY_OF_THEM = ("shop", *(f"n{number}" for number in range(MANY - 1)))


@pytest.mark.parametrize(
    ("namespaces", "namespaced", "lists"),
    [(("shop",), False, 5), (MANY_OF_THEM, False, 5), (MANY_OF_THEM, True, 5 * (MANY + 1))],
)
def test_many_namespaces_are_listed_at_once_where_that_is_allowed(
    namespaces: tuple[str, ...], namespaced: bool, lists: int
) -> None:
    cluster = Counted(pod("runs", "nginx"), pod("elsewhere", "nginx", metadata={"namespace": "other"}))
    cluster.namespaced = namespaced
    assert found(cluster, *namespaces) == ["cluster demo: namespace shop: Pod runs"]
    assert len(cluster.lists) == lists


def test_a_job_that_a_schedule_started_before_it_moves_still_needs_docker_hub() -> None:
    nightly, job = cron_job("nightly", "nginx:1"), pod("nightly-1", "nginx:1")
    moving = (Moving(nightly, frozenset({"nginx:1"})),)
    assert found(Pretended(nightly, job), "shop", moving=moving) == ["cluster demo: namespace shop: Pod nightly-1"]
    assert found(Pretended(nightly), "shop", moving=moving) == []


def test_only_the_images_that_move_are_let_pass() -> None:
    two = pod("two", "nginx:1")
    two["spec"]["containers"].append({"name": "d", "image": "busybox"})
    (line,) = unsealed(Pretended(two), ["shop"], moving=[Moving(two, frozenset({"nginx:1"}))])
    assert line.value == "busybox"


@pytest.mark.parametrize("made", [["web", "shop"], None])
def test_what_is_sealed_is_told_by_the_guard(made: list[str] | None) -> None:
    cluster = Pretended(*([binding(deny_name("g"), "g", ["Deny"], made)] if made else []))
    assert sealed(cluster, "g") == frozenset(made or ())


def test_a_guard_that_somebody_changed_seals_nothing() -> None:
    changed = binding(deny_name("g"), "g", ["Deny"], ["shop"])
    changed["spec"]["matchResources"] = {}
    assert sealed(Pretended(changed), "g") == frozenset()
