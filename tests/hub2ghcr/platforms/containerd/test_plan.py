"""`nodeMirror` of a cluster: from settings to plan, and what the plan asks and tells."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from hub2ghcr.cli.plan_json import as_json
from hub2ghcr.cli.plan_output import markdown
from hub2ghcr.cluster import Right
from hub2ghcr.errors import Problems
from hub2ghcr.expected import expectations
from hub2ghcr.permissions import needs, rights
from hub2ghcr.plan import CredentialRef, NodeMirror, Plan, build
from hub2ghcr.platforms.containerd import Route
from tests.hub2ghcr.conftest import Config, Project, entry

RULES = [{"from": "docker.io/*", "to": "ghcr.io/acme/mirror/*"}]
SHELL = "ghcr.io/acme/mirror/library/busybox:1.36"
DAEMONSET = {"delivery": "daemonset", "image": SHELL}


def mirrored(project: Project, phase: str = "cutover", rules: Any = RULES, **keys: Any) -> Project:
    def change(config: Config) -> None:
        config["phase"], config["mapping"]["rules"] = phase, rules
        config["clusters"][0]["nodeMirror"] = keys

    project.lock = type(project.lock)(
        (
            entry("docker.io/library/nginx:1.27", "ghcr.io/acme/mirror/library/nginx:1.27"),
            entry("docker.io/acme/shop:1.4.2", "ghcr.io/acme/mirror/acme/shop:1.4.2"),
        )
    )
    return project.change(change)


def planned(project: Project) -> Plan:
    return build(project.settings(), project.lock, project.root)


def mirror(plan: Plan) -> NodeMirror:
    found = plan.clusters[0].node_mirror
    assert found is not None
    return found


def lines(make: Callable[[], object]) -> tuple[str, ...]:
    with pytest.raises(Problems) as caught:
        make()
    return caught.value.lines


def test_without_it_nothing_is_asked_or_told(project: Project) -> None:
    plan = planned(project)
    assert plan.clusters[0].node_mirror is None
    assert "nodeMirror" not in json.loads(as_json(plan))["clusters"][0]
    assert "Mirrors of nodes" not in markdown(plan)
    assert not any("daemonsets.apps" in right.resource for right in rights(plan.clusters[0]))


def test_the_registry_is_asked_where_nodes_reach_it(project: Project) -> None:
    """Where settings name an endpoint it is that: how a registry is reached is said once."""
    project.change(lambda config: config["registries"]["docker.io"].update(endpoint="https://hub.example.org"))
    found = mirror(planned(mirrored(project)))
    assert found.routes == (Route("docker.io", "ghcr.io/acme/mirror", "https://ghcr.io", "https://hub.example.org"),)
    assert (found.folder, found.delivery, found.active, found.fallback) == (
        "/etc/containerd/certs.d",
        "files",
        True,
        True,
    )


@pytest.mark.parametrize(("phase", "active"), [("prepare", False), ("cutover", True), ("seal", True)])
def test_it_follows_the_phase_of_the_stack(project: Project, phase: str, active: bool) -> None:
    plan = planned(mirrored(project, phase, **DAEMONSET))
    assert mirror(plan).active is active
    found = [each for each in expectations(plan.clusters[0], "m").objects if each.name == "kube-system"]
    assert [each.state for each in found] == (["there"] if active else [])


def test_a_daemonset_needs_its_rights_and_is_shown(project: Project) -> None:
    plan = planned(mirrored(project, **DAEMONSET, fallback=False))
    wanted = {Right(verb, "daemonsets.apps", "kube-system") for verb in ("get", "create", "patch", "delete")}
    assert wanted | {Right("list", "pods", "kube-system")} <= {*rights(plan.clusters[0])}
    row = "| one | docker.io | ghcr.io/acme/mirror | is not pulled | a DaemonSet in kube-system"
    assert row in markdown(plan)
    found = json.loads(as_json(plan))["clusters"][0]["nodeMirror"]
    assert found["routes"] == [{"registry": "docker.io", "target": "ghcr.io/acme/mirror", "rewrites": {}}]
    assert (found["image"], found["namespace"], found["credential"]) == (SHELL, "kube-system", None)


def test_a_namespace_of_the_stack_is_expected_once(project: Project) -> None:
    plan = planned(mirrored(project, **DAEMONSET, namespace="shop"))
    assert sum(each.key == ("v1", "Namespace", "", "shop") for each in expectations(plan.clusters[0], "m").objects) == 1


def test_a_credential_of_nodes_is_one_that_pulls(project: Project) -> None:
    plan = planned(mirrored(project, credential="pull"))
    assert mirror(plan).login == CredentialRef("pull", "puller", "pullToken")
    assert "lies on the nodes of cluster one: opens ghcr.io" in {each.why for each in needs(plan)}
    told = " ".join(plan.warnings)
    assert "issues/9648" in told
    assert "imagePullSecrets" in told


def test_what_nodes_cannot_pull_as_nobody_is_told(project: Project) -> None:
    told = [each for each in planned(mirrored(project)).warnings if "nodeMirror" in each]
    assert [each.partition(": nodeMirror: ")[2].partition(",")[0] for each in told] == [
        "a run writes nothing on nodes: `hub2ghcr nodes -s test` gives the files",
        "nodes ask as nobody",
    ]
    public = planned(mirrored(project, rules=[{**RULES[0], "public": True}], **DAEMONSET))
    assert not any("nodeMirror" in each for each in public.warnings)


def test_k3s_is_told_which_containerd_it_takes(project: Project) -> None:
    found = planned(mirrored(project, layout="k3s"))
    assert mirror(found).folder == "/etc/rancher/k3s"
    assert any("1.7.23-k3s1" in each for each in found.warnings)


def test_rules_that_nodes_cannot_be_told_end_the_plan_with_all_else(project: Project) -> None:
    project.change(lambda config: config["clusters"][0].update(nodeMirror={}))
    found = lines(lambda: planned(project))
    assert [each.split(": ")[:3] for each in found] == [
        ["cluster one", "nodeMirror", "mapping.rules[0]"],
        ["cluster one", "nodeMirror", "mapping.rules[1]"],
    ]


def test_without_a_rule_there_is_nothing_to_mirror(project: Project) -> None:
    exclude = [{"match": "docker.io/*", "reason": "stays"}]
    mirrored(project, rules=[]).change(lambda config: config["mapping"].update(exclude=exclude))
    assert any("there is no mapping rule" in each for each in lines(lambda: planned(project)))


@pytest.mark.parametrize(
    ("keys", "line"),
    [
        ({"delivery": "daemonset"}, "nodeMirror.image: is missing"),
        ({**DAEMONSET, "layout": "rke2"}, "nodeMirror.delivery: is not read without a restart"),
        ({"image": "busybox"}, "nodeMirror.image: goes with `delivery: daemonset`"),
        ({"pullSecret": "x"}, "nodeMirror.pullSecret: goes with `delivery: daemonset`"),
        ({"credential": "nobody"}, "nodeMirror.credential: no such credential"),
        ({"folder": "certs.d"}, "must be a folder of the nodes"),
        ({"folder": "/etc/../../certs.d"}, "must be a folder of the nodes"),
        ({"folders": "/x"}, "unknown key"),
    ],
)
def test_keys_that_do_not_hold_together_are_told(project: Project, keys: Any, line: str) -> None:
    found = lines(lambda: mirrored(project, **keys).settings())
    assert any(line in each for each in found), found


@pytest.mark.parametrize(
    ("image", "line"),
    [
        (
            "busybox:1.36",
            "every node would pull it from docker.io: 'busybox:1.36'; name its copy,"
            " ghcr.io/acme/mirror/library/busybox:1.36",
        ),
        ("busybox:", "names no image"),
        ("$(IMAGE)", "templated"),
        ("acme/" + "a" * 240, "maps to a malformed name"),
    ],
)
def test_what_the_daemonset_runs_does_not_stay_on_docker_hub(project: Project, image: str, line: str) -> None:
    """Every new node would ask Docker Hub for it, in phase seal, too; nothing else looks at what it runs."""
    mirrored(project, **{**DAEMONSET, "image": image})
    (told,) = lines(lambda: planned(project))
    assert told.startswith("cluster one: nodeMirror.image: ")
    assert line in told


def test_no_rule_names_what_the_daemonset_runs(project: Project) -> None:
    rules = [{"from": "docker.io/acme/*", "to": "ghcr.io/acme/mirror/acme/*"}]
    mirrored(project, rules=rules, **{**DAEMONSET, "image": "busybox:1.36"})
    found = lines(lambda: planned(project))
    assert any("nodeMirror.image: no mapping rule names this Docker Hub image" in each for each in found)


@pytest.mark.parametrize("image", [SHELL, "localhost/shell:1", "quay.io/acme/shell@sha256:" + "a" * 64])
def test_what_the_daemonset_runs_may_be_on_ghcr_on_the_nodes_or_elsewhere(project: Project, image: str) -> None:
    assert mirror(planned(mirrored(project, **{**DAEMONSET, "image": image}))).image == image


@pytest.mark.parametrize(("phase", "fallback", "told"), [("seal", True, 1), ("seal", False, 0), ("cutover", True, 0)])
def test_a_sealed_stack_whose_nodes_still_ask_docker_hub_says_so(
    project: Project, phase: str, fallback: bool, told: int
) -> None:
    plan = planned(mirrored(project, phase, **DAEMONSET, fallback=fallback))
    assert len([each for each in plan.warnings if "nodeMirror: in phase seal nodes still ask" in each]) == told
