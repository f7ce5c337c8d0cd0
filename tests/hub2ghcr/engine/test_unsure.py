"""What previews of a plan cannot know."""

from __future__ import annotations

from dataclasses import replace

import pytest

from hub2ghcr.engine.unsure import COMPARED, IMPORTED, INVENTORIED, Unsure
from hub2ghcr.plan import Plan, of_stack
from tests.hub2ghcr.conftest import Project

WEB = "one/shop/Deployment/web"


@pytest.fixture
def plan(project: Project) -> Plan:
    return of_stack("test", project.save().root).plan


def inventoried(plan: Plan) -> Plan:
    (cluster,) = plan.clusters
    return replace(plan, clusters=(replace(cluster, inventoried=True),))


@pytest.mark.parametrize("kind", ["WorkloadPatch", "ServiceAccountEntry", "Guard", "RollOut", "WayBack"])
def test_of_a_cluster_with_an_inventory_nobody_knows_that_nothing_changes(plan: Plan, kind: str) -> None:
    assert Unsure(inventoried(plan)).of(kind, "one/shop", "same", {}) == INVENTORIED
    assert Unsure(inventoried(plan)).of(kind, "other/shop", "same", {}) == ""
    assert Unsure(plan).of(kind, "one/shop", "same", {}) == ""


@pytest.mark.parametrize("kind", ["Secret", "ImageCopy", "ActionsSecret"])
def test_what_looks_at_no_cluster_is_sure(plan: Plan, kind: str) -> None:
    assert Unsure(inventoried(plan)).of(kind, "one/shop", "same", {}) == ""


def test_a_patch_that_is_created_is_compared_when_it_is_written(plan: Plan) -> None:
    assert Unsure(plan).of("WorkloadPatch", WEB, "create", {}) == COMPARED


def test_what_is_adopted_is_imported_by_the_run_where_no_cluster_is_asked(plan: Plan) -> None:
    (cluster,) = plan.clusters
    namespaces = tuple(
        replace(each, workloads=tuple(replace(workload, adopt=True) for workload in each.workloads))
        for each in cluster.namespaces
    )
    adopting = replace(plan, clusters=(replace(cluster, namespaces=namespaces),))
    assert Unsure(inventoried(adopting)).of("Deployment", WEB, "create", {}) == IMPORTED
    assert Unsure(adopting).of("Deployment", WEB, "create", {}) == ""
