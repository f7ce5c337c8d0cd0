"""From what was seen of a namespace to where it stands, and what is not as its phase says."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from hub2ghcr.plan import ImageChange, Namespace, Phase, Pull, Untouched, Workload
from hub2ghcr.status import Facts, Running, judge
from hub2ghcr.switching.rollout import Standing

DIGEST = "sha256:" + "1" * 64
TARGET = "ghcr.io/acme/nginx:1.27"
NEW = f"{TARGET}@{DIGEST}"
OLD = "nginx:1.27"
DONE, WAITING = Standing("done"), Standing("waiting", "1 of 3 replicas are updated")


def workload(image: str, switched: bool) -> Workload:
    containers = [{"name": "web", "image": image}, {"name": "side", "image": "quay.io/x/side:1"}]
    document: dict[str, Any] = {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": "web"},
        "spec": {"template": {"spec": {"containers": containers}}},
    }
    changes = (
        ImageChange("…containers[0].image", OLD, image, "" if switched else "phase prepare"),
        ImageChange("…containers[1].image", "quay.io/x/side:1", "quay.io/x/side:1", "another registry"),
    )
    names = ("apps/v1", "Deployment", "shop", "web")
    return Workload(*names, "patch", document, changes, (TARGET,), switched=switched, was=(OLD,))


def namespace(phase: Phase) -> Namespace:
    switched = phase != "prepare"
    untouched = (Untouched("Deployment", "local", (ImageChange("…", "mynginx:local", "mynginx:local", "excluded"),)),)
    return Namespace(
        "shop",
        False,
        None,
        (workload(NEW if switched else OLD, switched),),
        phase,
        untouched,
        (Pull(TARGET, DIGEST, (), False),),
    )


def facts(image: str, standing: Standing = DONE, **more: Any) -> Facts:
    images = {"web": image, "side": "quay.io/x/side:1"}
    found = Facts(True, workloads={("Deployment", "web"): Running(images, standing)}, pods=(tuple(images.values()),))
    return replace(found, **more)


def test_before_the_cutover_everything_is_ready_and_nothing_switched() -> None:
    found = judge("lab", namespace("prepare"), facts(OLD))
    assert [str(part) for _, part in found.parts()] == ["1/1", "1/1", "0/1", "0/1"]
    assert found.on_hub == ("nginx:1.27 (1 Pod)",)
    assert found.problems == ()


@pytest.mark.parametrize("phase", ["cutover", "seal"])
def test_after_it_everything_runs_from_its_new_place(phase: Phase) -> None:
    found = judge("lab", namespace(phase), facts(NEW))
    assert [str(part) for _, part in found.parts()] == ["1/1"] * 4
    assert (found.on_hub, found.problems) == ((), ())


@pytest.mark.parametrize(
    ("phase", "seen", "words"),
    [
        ("cutover", facts(OLD), "container web is nginx:1.27, phase cutover says ghcr.io"),
        ("prepare", facts(NEW), "phase prepare says nginx:1.27"),
        ("cutover", facts(NEW, WAITING), "Deployment web: 1 of 3 replicas are updated"),
        ("cutover", facts(NEW, workloads={}), "Deployment web: it is not there"),
        ("prepare", facts(OLD, refused={TARGET: "no access"}), f"{TARGET}: no access"),
        ("prepare", facts(OLD, refused={TARGET: "a"}, absent={TARGET: "not there"}), f"{TARGET}: not there"),
        ("seal", facts(NEW, pods=(("redis:7",),)), "still on Docker Hub: redis:7"),
        ("cutover", Facts(False), "the namespace is not there"),
    ],
)
def test_what_is_not_as_the_phase_says_is_a_problem(phase: Phase, seen: Facts, words: str) -> None:
    """Each is a negative control of what stands above."""
    (first, *_) = judge("lab", namespace(phase), seen).problems
    assert first.startswith("cluster lab, namespace shop: ")
    assert words in "\n".join(judge("lab", namespace(phase), seen).problems)


@pytest.mark.parametrize("owner", ["Argo CD application shop", "Flux Kustomization flux/shop", ""])
def test_of_what_was_rendered_it_is_said_what_is_live_and_who_has_to_apply_it(owner: str) -> None:
    plan = namespace("cutover")
    rendered = replace(plan, workloads=(), rendered=(replace(workload(NEW, True), delivery="render"),))
    seen = facts(OLD)
    key = ("Deployment", "web")
    found = judge("lab", rendered, replace(seen, workloads={key: replace(seen.workloads[key], owner=owner)}))
    whose = f"rendered: {owner or 'whoever applies its files'} has to apply it"
    assert found.switched.lacking == (f"Deployment web: it names nginx:1.27; {whose}",)
    assert found.problems == (
        f"cluster lab, namespace shop: Deployment web: container web is nginx:1.27, phase cutover says {NEW}; {whose}",
        f"cluster lab, namespace shop: Deployment web: it names nginx:1.27; {whose}",
    )
    assert judge("lab", rendered, facts(NEW)).problems == ()
    assert "rendered" in judge("lab", rendered, facts(NEW, workloads={})).problems[0]


def test_what_the_settings_leave_on_the_hub_stays_there_in_peace() -> None:
    found = judge("lab", namespace("seal"), facts(NEW, pods=(("mynginx:local",), ("mynginx:local", NEW))))
    assert (found.on_hub, found.staying) == (("mynginx:local (2 Pods)",), ("mynginx:local",))
    assert found.problems == ()


def test_accounts_without_our_entry_are_not_granted() -> None:
    wanted = replace(namespace("prepare"), service_accounts=("default", "web"))
    found = judge("lab", wanted, facts(OLD, entries=("web",)))
    assert str(found.granted) == "2/3"
    assert found.problems == ("cluster lab, namespace shop: ServiceAccount web: has no entry for the pull Secret",)


def test_the_guard_does_what_the_plan_wants() -> None:
    assert judge("lab", namespace("seal"), facts(NEW, guard="deny"), "deny").problems == ()
    (line,) = judge("lab", namespace("seal"), facts(NEW, guard="audit"), "deny").problems
    assert line.endswith("the guard is audit, and should be deny")


def test_a_namespace_that_the_stack_will_create_is_no_problem_before_it_does() -> None:
    wanted = replace(namespace("prepare"), create=True, pulls=())
    assert judge("lab", wanted, Facts(False)).problems == ()
