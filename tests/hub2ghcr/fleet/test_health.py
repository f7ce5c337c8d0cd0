"""How the workloads of a plan are, as their objects and Pods say it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

from hub2ghcr.cluster import pull_failures
from hub2ghcr.fleet.gates import Health
from hub2ghcr.fleet.health import look, pods
from hub2ghcr.plan import Cluster, Kubeconfig, Namespace, Plan
from tests.hub2ghcr.pretended import Pretended
from tests.hub2ghcr.status.test_judging import NEW, namespace
from tests.hub2ghcr.switching.test_rollout import DEPLOYED, PULL, RACE, pod, workload

READY = {"conditions": [{"type": "Ready", "status": "True"}]}
DENIED = ("ErrImagePull", "desc = 403 Forbidden")


def live(kind: str, status: dict[str, Any], **spec: Any) -> dict[str, Any]:
    return at_home(workload(kind, status, **spec))


def at_home(found: Mapping[str, Any], **metadata: Any) -> dict[str, Any]:
    version = "v1" if found["kind"] in ("Pod", "Event") else "apps/v1"
    return {**found, "apiVersion": version, "metadata": {**found["metadata"], "namespace": "shop", **metadata}}


def told(about: str, *said: Mapping[str, Any]) -> list[dict[str, Any]]:
    """What a Pod's events say."""
    objects = ({"kind": "Event", "metadata": {"name": f"{about}.{n}"}, **each} for n, each in enumerate(said))
    return [at_home({**each, "involvedObject": {"name": about}}) for each in objects]


def looked(*objects: Mapping[str, Any], wanted: Namespace | None = None) -> Health:
    plan = Plan("test", "cutover", "copy", (), (), None, (_cluster(wanted or namespace("cutover")),), ())
    return look(plan, {"lab": Pretended(*objects)})


def _cluster(wanted: Namespace) -> Cluster:
    return Cluster("lab", Kubeconfig("", ""), (wanted,))


@pytest.mark.parametrize(
    ("kind", "status", "spec", "found"),
    [
        ("Deployment", {"availableReplicas": 2}, {"replicas": 3}, (2, 3)),
        ("Deployment", {"availableReplicas": 1}, {}, (1, 1)),
        ("Deployment", {}, {"replicas": 3}, (0, 3)),
        ("Deployment", {"availableReplicas": 5}, {"replicas": 3}, (3, 3)),
        ("Deployment", {}, {"replicas": 0}, (0, 0)),
        ("StatefulSet", {"availableReplicas": 2}, {"replicas": 3}, (2, 3)),
        ("StatefulSet", {"readyReplicas": 3}, {"replicas": 3}, (3, 3)),
        ("ReplicaSet", {"availableReplicas": 1}, {"replicas": 2}, (1, 2)),
        ("DaemonSet", {"desiredNumberScheduled": 2, "numberAvailable": 1}, {}, (1, 2)),
        ("Pod", READY, {}, (1, 1)),
        ("Pod", {}, {}, (0, 1)),
        ("Pod", {"phase": "Succeeded"}, {}, (0, 0)),
        ("Job", {"active": 1}, {}, (0, 0)),
        ("CronJob", {}, {}, (0, 0)),
    ],
)
def test_available_and_wanted_pods_are_told_by_the_kind_s_own_status(
    kind: str, status: dict[str, Any], spec: dict[str, Any], found: tuple[int, int]
) -> None:
    assert pods(workload(kind, status, **spec)) == found


def test_all_workloads_of_the_plan_are_counted() -> None:
    assert looked(live("Deployment", DEPLOYED, replicas=3)) == Health(3, 3)


def test_a_workload_that_is_gone_lacks_its_pods() -> None:
    assert looked() == Health(0, 1)


def test_what_the_stack_makes_only_at_cutover_is_not_missed_before() -> None:
    before = namespace("prepare")
    own = replace(before, workloads=(replace(before.workloads[0], delivery="own"),))
    assert looked(wanted=own) == Health()


def test_what_somebody_else_applies_is_not_missed_before_it_comes() -> None:
    theirs = replace(namespace("cutover").workloads[0], delivery="render")
    rendered = replace(namespace("cutover"), workloads=(), rendered=(theirs,))
    assert looked(wanted=rendered) == Health()
    assert looked(live("Deployment", {}, replicas=2), wanted=rendered) == Health(0, 2)


def test_a_pull_that_is_refused_is_told_with_its_place_and_remedy() -> None:
    stuck = (at_home(pod(waiting=DENIED)), *told("web-1", PULL))
    (said,) = looked(live("Deployment", DEPLOYED, replicas=3), *stuck).pull_errors
    assert said.startswith("cluster demo: namespace shop: Pod web-1 on node-1: container web: ErrImagePull: 403")
    assert pull_failures.remedy("ErrImagePull: 403 Forbidden") in said


@pytest.mark.parametrize("reason", ["CrashLoopBackOff", "ContainerCreating", "CreateContainerConfigError"])
def test_a_container_that_waits_for_something_else_is_no_pull_error(reason: str) -> None:
    waiting = at_home(pod(waiting=(reason, "x")))
    found = looked(live("Deployment", DEPLOYED, replicas=3), waiting, *told("web-1", PULL))
    assert found.pull_errors == ()


def test_a_pull_before_the_node_could_read_the_secret_is_forgiven() -> None:
    deployed = live("Deployment", DEPLOYED, replicas=3)
    stuck = at_home(pod(waiting=DENIED))
    assert looked(deployed, stuck, *told("web-1", RACE, PULL)).pull_errors == ()
    assert len(looked(deployed, stuck, *told("web-1", RACE, PULL, PULL)).pull_errors) == 1


def test_pods_of_others_do_not_count_unless_they_run_an_image_that_moved() -> None:
    deployed = live("Deployment", DEPLOYED, replicas=3)
    strange = at_home(pod("other-1", "nginx:broken", waiting=DENIED, labels={"app": "other"}))
    assert looked(deployed, strange, *told("other-1", PULL)).pull_errors == ()
    of_a_job = at_home(pod("nightly-1", NEW, waiting=DENIED, labels={"job": "nightly"}))
    assert len(looked(deployed, of_a_job, *told("nightly-1", PULL)).pull_errors) == 1


def test_a_pod_that_leaves_does_not_count() -> None:
    leaving = at_home(pod(waiting=DENIED, leaving=True))
    assert looked(live("Deployment", DEPLOYED, replicas=3), leaving, *told("web-1", PULL)).pull_errors == ()
