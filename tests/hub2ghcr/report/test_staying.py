"""What is still on Docker Hub, and why."""

from __future__ import annotations

from dataclasses import replace

from hub2ghcr.plan import Namespace, Phase, Plan
from hub2ghcr.report.staying import on_hub
from hub2ghcr.status import Part, Status

from . import samples

NONE = Part(0, 0)


def one(namespace: Namespace) -> Plan:
    plan = samples.plan(1, 1)
    return replace(plan, clusters=(replace(plan.clusters[0], namespaces=(namespace,)),))


def namespace(phase: Phase) -> Namespace:
    copied = samples.copy(0)
    return Namespace("shop", False, None, (samples.workload(copied, "shop", phase),), phase)


def seen(*images: str) -> dict[tuple[str, str], Status]:
    return {("c0", "shop"): Status("c0", "shop", "cutover", NONE, NONE, NONE, NONE, images, (), "none", ())}


def test_before_the_cutover_it_is_what_moves_then() -> None:
    (found,) = on_hub(one(namespace("prepare")), {})
    assert (found.image, found.why, found.workloads, found.pods) == ("app-000:1.0", "phase", ("Deployment web",), None)


def test_what_stays_has_its_authors_reason_what_nobody_ruled_is_undecided_and_other_registries_are_none() -> None:
    found = on_hub(one(replace(namespace("cutover"), untouched=samples.untouched())), {})
    assert [(each.image, each.why) for each in found] == [("redis:7", "undecided"), ("mynginx:local", "stays")]
    assert found[1].reason == "imported on the nodes, no registry holds it"


def test_pods_that_run_the_old_image_after_the_cutover_are_behind() -> None:
    (found,) = on_hub(one(namespace("cutover")), seen("app-000:1.0 (2 Pods)"))
    assert (found.why, found.pods) == ("behind", 2)


def test_pods_that_no_manifest_makes_are_unknown_and_come_before_what_is_decided() -> None:
    found = on_hub(one(replace(namespace("cutover"), untouched=samples.untouched())), seen("acme/x:1 (1 Pod)"))
    assert [(each.image, each.why, each.pods) for each in found] == [
        ("redis:7", "undecided", 0),
        ("docker.io/acme/x:1", "unknown", 1),
        ("mynginx:local", "stays", 0),
    ]


def test_two_spellings_of_one_image_are_one() -> None:
    (found,) = on_hub(one(namespace("prepare")), seen("app-000:1.0 (2 Pods)", "docker.io/library/app-000:1.0 (1 Pod)"))
    assert found.pods == 3
