"""What a plan does to a whole OpenShift cluster, phase by phase, and what it is refused for."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from hub2ghcr.cli.plan_json import as_json
from hub2ghcr.cli.plan_output import markdown
from hub2ghcr.cluster import Right
from hub2ghcr.errors import Problems
from hub2ghcr.expected import expectations
from hub2ghcr.inventory import AccountFacts, ClusterFacts, Inventory, NamespaceFacts
from hub2ghcr.lock import Lock
from hub2ghcr.permissions import needs, rights
from hub2ghcr.plan import Plan, build
from hub2ghcr.platforms.openshift import MirrorRule, Opens, OpenShift
from hub2ghcr.settings import load

from .conftest import Project

ROOT = Path(__file__).parents[2]
RULES = (MirrorRule("docker.io/acme", "ghcr.io/acme"), MirrorRule("docker.io/library", "ghcr.io/acme/mirror"))
DRAINED = "cluster one, openshift: nodes are drained and restarted, one after the other, when an ImageTagMirrorSet"


def planned(project: Project, phase: str = "cutover", inventory: Inventory | None = None, **openshift: Any) -> Plan:
    def change(config: dict[str, Any]) -> None:
        config["phase"] = phase
        config["clusters"][0]["openshift"] = openshift

    return build(project.change(change).settings(), project.lock, project.root, inventory)


def noun(plan: Plan) -> OpenShift:
    found = plan.clusters[0].openshift
    assert found is not None
    return found


def warned(plan: Plan) -> list[str]:
    return [each for each in plan.warnings if ", openshift: " in each]


def test_without_the_setting_there_is_nothing_of_it(project: Project) -> None:
    plan = build(project.settings(), project.lock, project.root)
    assert plan.clusters[0].openshift is None
    assert "openshift" not in as_json(plan).lower() and "OpenShift" not in markdown(plan)


@pytest.mark.parametrize(
    ("phase", "mirrored", "policy"),
    [
        ("prepare", False, "AllowContactingSource"),
        ("cutover", True, "AllowContactingSource"),
        ("seal", True, "NeverContactSource"),
    ],
)
def test_mirrors_come_at_cutover_and_nodes_do_without_the_source_from_seal_on(
    project: Project, phase: str, mirrored: bool, policy: str
) -> None:
    project.change(lambda config: config["mapping"].pop("exclude", None))
    wanted = noun(planned(project, phase, mirrorSets=["tag", "digest"], sourcePolicy="NeverContactSource"))
    assert (wanted.mirrored, wanted.keep, wanted.policy) == (mirrored, mirrored, policy)
    assert (wanted.sets, wanted.rules, wanted.name) == (("digest", "tag"), RULES, "hub2ghcr-test")


def test_the_global_pull_secret_opens_the_registry_of_the_rules_and_the_hub_until_seal(project: Project) -> None:
    ghcr = Opens("ghcr.io", "pull", "puller")
    assert noun(planned(project, globalPullSecret="pull")).opens == (ghcr,)
    both = {"ghcr.io": "pull", "docker.io": "pull"}
    assert noun(planned(project, globalPullSecret=both)).opens == (Opens("docker.io", "pull", "puller"), ghcr)
    assert noun(planned(project, "seal", globalPullSecret=both)).opens == (ghcr,)
    alone = noun(planned(project, "seal", globalPullSecret={"docker.io": "pull"}))
    assert (alone.opens, alone.merges) == ((), True)  # our entry goes
    assert not noun(planned(project, "seal", mirrorSets=["tag"])).merges


def test_what_mirrors_cannot_say_ends_the_plan_every_rule_at_once(project: Project) -> None:
    rules = [
        {"from": "docker.io/acme/sh*", "to": "ghcr.io/acme/sh*"},
        {"from": "docker.io/library/*", "to": "ghcr.io/acme/mirror/*"},
        {"from": "docker.io/other/*", "to": "ghcr.io/acme/other-*"},
    ]
    project.change(lambda config: config["mapping"].update(rules=rules))
    with pytest.raises(Problems) as caught:
        planned(project, mirrorSets=["tag"])
    told = [line for line in caught.value.lines if "mirrorSets" in line]
    assert [line.split(": ")[2] for line in told] == ["mapping.rules[0]", "mapping.rules[2]"]


def test_it_is_said_what_becomes_of_the_nodes_and_with_what_they_pull(project: Project) -> None:
    (alone, drained) = warned(planned(project, mirrorSets=["tag"]))
    assert drained.startswith(DRAINED)
    assert "nodes pull with the global pull secret alone" in alone
    assert len(warned(planned(project, mirrorSets=["tag"], globalPullSecret="pull"))) == 2
    other = warned(planned(project, mirrorSets=["tag"], globalPullSecret={"docker.io": "pull"}))
    assert any("alone: name ghcr.io in `globalPullSecret`" in each for each in other)


@pytest.mark.parametrize(("version", "told"), [("v1.20.3", True), ("v1.21.0+x", False), ("", True), ("v2", True)])
def test_an_older_cluster_restarts_its_nodes_for_the_global_pull_secret(
    project: Project, version: str, told: bool
) -> None:
    inventory = Inventory((ClusterFacts("one", version, ("linux/amd64",), (), ()),))
    found = warned(planned(project, inventory=inventory, globalPullSecret="pull"))
    assert any("versions before 4.7.4 drain and restart every node" in each for each in found) is told


def test_a_credential_that_nobody_declares_is_an_error_with_its_path(project: Project) -> None:
    with pytest.raises(Problems) as caught:
        planned(project, globalPullSecret={"ghcr.io": "nobody"})
    assert any("clusters[0].openshift.globalPullSecret.ghcr.io: no such credential" in x for x in caught.value.lines)


def test_a_policy_of_mirrors_without_any_is_an_error(project: Project) -> None:
    with pytest.raises(Problems) as caught:
        planned(project, globalPullSecret="pull", sourcePolicy="NeverContactSource")
    assert [line for line in caught.value.lines if "goes with `mirrorSets`" in line]


def test_builds_need_our_secret_although_all_images_are_public(project: Project) -> None:
    def change(config: dict[str, Any]) -> None:
        for rule in config["mapping"]["rules"]:
            rule["public"] = True
        config["clusters"][0]["namespaces"]["shop"]["builders"] = ["pipeline", "builder"]

    plan = build(project.change(change).settings(), project.lock, project.root)
    new, shop = plan.clusters[0].namespaces
    assert (shop.builders, shop.pull_secret is not None) == (("builder", "pipeline"), True)
    assert (new.builders, new.pull_secret) == ((), None)
    assert "builder (builds), pipeline (builds)" in markdown(plan)
    assert json.loads(as_json(plan))["clusters"][0]["namespaces"][1]["builders"] == ["builder", "pipeline"]
    assert Right("update", "serviceaccounts", "shop") in rights(plan.clusters[0])


def test_who_builds_has_to_be_there_unless_openshift_makes_it_with_the_project(project: Project) -> None:
    project.change(lambda config: config["clusters"][0].update(builders=["builder", "pipeline"]))
    (cluster,) = build(project.settings(), project.lock, project.root).clusters
    found = {each.place: each.remedy for each in expectations(cluster, "ours").objects if each.kind == "ServiceAccount"}
    remedy = "create it, or take it out of `builders`"
    there = ("new/pipeline", "shop/builder", "shop/pipeline")  # the stack creates the namespace new
    assert found == {f"ServiceAccount {name}": remedy for name in there}


def test_the_plan_shows_it_and_what_it_needs(project: Project) -> None:
    plan = planned(project, globalPullSecret="pull", mirrorSets=["digest"])
    text = markdown(plan)
    assert "| one | global pull secret | ghcr.io as puller |" in text
    assert "| one | mirrors of digest pulls | docker.io/acme from ghcr.io/acme, AllowContactingSource |" in text
    assert "from cutover on" in markdown(planned(project, "prepare", mirrorSets=["digest"]))
    assert json.loads(as_json(plan))["clusters"][0]["openshift"] == {
        "globalPullSecret": {"ghcr.io": {"name": "pull", "username": "puller"}},
        "mirrorSets": ["digest"],
        "mirrored": True,
        "mirrors": {each.source: each.mirror for each in RULES},
        "sourcePolicy": "AllowContactingSource",
    }
    found = rights(plan.clusters[0])
    assert Right("update", "secrets", "openshift-config") in found
    assert Right("patch", "imagedigestmirrorsets.config.openshift.io") in found
    assert Right("list", "imagecontentsourcepolicies.operator.openshift.io") in found
    assert "lies in the global pull secret of cluster one: opens ghcr.io for every Pod" in {
        each.why for each in needs(plan)
    }


def test_a_name_that_openshift_makes_does_not_enter_a_manifest_unnoticed(project: Project) -> None:
    accounts = (AccountFacts("default", ("default-dockercfg-x7k2p", "team-dockercfg")),)
    there = NamespaceFacts("shop", {}, accounts, (), ())
    inventory = Inventory((ClusterFacts("one", "v1.34.2", ("linux/amd64",), (), (there,)),))
    found = build(project.settings(), project.lock, project.root, inventory).warnings
    (line,) = [each for each in found if "dockercfg" in each]
    assert "lists default-dockercfg-x7k2p from now on" in line and "`serviceAccounts: [default]`" in line
    project.change(lambda config: config["clusters"][0].update(serviceAccounts=["default"]))
    found = build(project.settings(), project.lock, project.root, inventory).warnings
    assert not [each for each in found if "dockercfg" in each]


def test_the_example_plans() -> None:
    settings = load("openshift", ROOT, {"KUBECONFIG": "/kube/config"})
    plan = build(settings, Lock.load(ROOT / settings.images.lock), ROOT)
    (shop,) = plan.clusters[0].namespaces
    assert (shop.service_accounts, shop.builders) == (("default",), ("builder",))
    assert noun(plan).rules == RULES
    (workload,) = shop.workloads
    assert [each.reason for each in workload.images][1:] == ["in OpenShift's internal registry"]


def test_what_the_restricted_security_context_constraints_want_of_pods_is_kept(project: Project) -> None:
    pod = {"runAsNonRoot": True, "seccompProfile": {"type": "RuntimeDefault"}}
    container = {"allowPrivilegeEscalation": False, "capabilities": {"drop": ["ALL"]}}
    spec = {
        "securityContext": pod,
        "containers": [{"name": "web", "image": "acme/shop:1.4.2", "securityContext": container}],
    }
    labels = {"matchLabels": {"app": "web"}}
    template = {"metadata": {"labels": {"app": "web"}}, "spec": spec}
    web = {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": "web"},
        "spec": {"selector": labels, "template": template},
    }
    project.write("shop.yaml", json.dumps(web))
    (patched,) = next(each for each in planned(project).clusters[0].namespaces if each.name == "shop").workloads
    assert "securityContext" not in json.dumps(patched.document)  # a patch holds what moves alone
    project.change(lambda config: config["clusters"][0]["namespaces"]["shop"].update(delivery="own"))
    (found,) = next(each for each in planned(project).clusters[0].namespaces if each.name == "shop").workloads
    moved: Any = found.document["spec"]["template"]["spec"]  # type: ignore[index]
    assert moved["containers"][0].pop("image").startswith("ghcr.io/acme/shop:1.4.2@")
    assert moved["securityContext"] == pod
    assert moved["containers"] == [{"name": "web", "securityContext": container}]


def test_what_a_build_config_pushes_moves_without_a_lock_or_a_digest(project: Project) -> None:
    config = {
        "apiVersion": "build.openshift.io/v1",
        "kind": "BuildConfig",
        "metadata": {"name": "shop"},
        "spec": {"output": {"to": {"kind": "DockerImage", "name": "acme/built:1"}}},
    }
    project.write("shop.yaml", json.dumps(config))
    project.change(lambda config: config["clusters"][0]["namespaces"]["shop"].update(delivery="own"))
    plan = planned(project)
    (build_,) = next(each for each in plan.clusters[0].namespaces if each.name == "shop").workloads
    spec: Any = build_.document["spec"]
    assert spec["output"]["to"]["name"] == "ghcr.io/acme/built:1"
    assert not any("built" in each.entry.place for each in plan.copies)
