"""Whether a preview can show that a Pod is made anew."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pulumi
import pytest
from pulumi.runtime.rpc import UNKNOWN

from components import cluster_access, kubernetes_object, made_anew
from hub2ghcr.errors import ClusterError, Hub2GhcrError, Refused
from hub2ghcr.owning import REMADE
from hub2ghcr.plan import Cluster, of_stack
from tests.hub2ghcr.conftest import Project, project

__all__ = ["project"]  # a fixture

POD = {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "one", "namespace": "shop"}, "spec": {}}


class Api:
    """A cluster that answers each dry run with an error, or takes it."""

    def __init__(self, error: Hub2GhcrError | None = None) -> None:
        self.error = error
        self.asked: list[dict[str, Any]] = []

    def apply(self, document: dict[str, Any], **how: Any) -> None:
        self.asked.append({**how, "kind": document["kind"]})
        if self.error:
            raise self.error


@pytest.fixture
def cluster(project: Project) -> Iterator[Cluster]:
    yield of_stack("test", project.save().root).plan.clusters[0]
    made_anew._silent.clear()


def answering(monkeypatch: pytest.MonkeyPatch, error: Hub2GhcrError | None, dry: bool = True) -> Api:
    api = Api(error)
    monkeypatch.setattr(cluster_access, "cluster", lambda _: api)
    monkeypatch.setattr(pulumi.runtime, "is_dry_run", lambda: dry)
    return api


def test_a_change_that_the_api_server_refuses_is_one(monkeypatch: pytest.MonkeyPatch, cluster: Cluster) -> None:
    api = answering(monkeypatch, Refused("Pod is invalid", reason="Invalid"))
    assert made_anew.refused(cluster, POD, "us")
    assert api.asked == [{"manager": "us", "force": True, "dry_run": True, "kind": "Pod"}]


@pytest.mark.parametrize("error", [None, Refused("no", reason="NotFound"), Refused("no", reason="Forbidden")])
def test_whatever_else_it_answers_is_for_the_engine(
    monkeypatch: pytest.MonkeyPatch, cluster: Cluster, error: Hub2GhcrError | None
) -> None:
    answering(monkeypatch, error)
    assert not made_anew.refused(cluster, POD, "us")


def test_a_cluster_that_does_not_answer_is_asked_once(monkeypatch: pytest.MonkeyPatch, cluster: Cluster) -> None:
    api = answering(monkeypatch, ClusterError("is unreachable"))
    assert not made_anew.refused(cluster, POD, "us")
    assert not made_anew.refused(cluster, POD, "us")
    assert len(api.asked) == 1


@pytest.mark.parametrize(("kind", "dry"), [("Pod", False), ("Job", True)])
def test_neither_runs_nor_other_kinds_ask(
    monkeypatch: pytest.MonkeyPatch, cluster: Cluster, kind: str, dry: bool
) -> None:
    api = answering(monkeypatch, Refused("no", reason="Invalid"), dry)
    assert not made_anew.refused(cluster, {**POD, "kind": kind}, "us")
    assert api.asked == []


@pytest.mark.parametrize(("unseen", "said"), [(True, UNKNOWN), (False, "true")])
def test_what_is_not_seen_says_so_by_a_value_that_only_the_run_gives(
    monkeypatch: pytest.MonkeyPatch, unseen: bool, said: str
) -> None:
    """pulumi-kubernetes does no dry run of such a document."""
    declared: list[Any] = []
    monkeypatch.setattr(pulumi, "CustomResource", lambda *given: declared.append(given))
    monkeypatch.setattr(kubernetes_object, "own_manager", lambda: "us")
    kubernetes_object.declare("one", POD, recreate=True, unseen=unseen, opts=pulumi.ResourceOptions())
    ((_, _, body, _),) = declared
    assert body["metadata"]["annotations"][REMADE] == said
