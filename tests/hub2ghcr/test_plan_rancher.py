"""Projects of Rancher in a plan: which namespaces pull with a copy, what it opens, and what cannot hold."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from hub2ghcr.cli.plan_json import as_json
from hub2ghcr.cli.plan_output import markdown
from hub2ghcr.errors import Problems
from hub2ghcr.inventory import AccountFacts, ClusterFacts, Inventory, NamespaceFacts
from hub2ghcr.permissions import needs, rights
from hub2ghcr.plan import Cluster, Kubeconfig, Namespace, Plan, PullSecret, build
from hub2ghcr.platforms.rancher.registries import ProjectSecret
from hub2ghcr.recovering.looking import declared

from .conftest import Project

ID = "c-abc12:p-xyz34"
REACH = {"kubeconfig": "/kube/rancher", "context": "rancher"}


def ranchers(project: Project, cluster: dict[str, Any] | None = None, **keys: Any) -> Project:
    """Declare the project; ``keys`` are its own, ``cluster`` those of the cluster."""
    wanted = {"namespaces": ["shop"], **keys}
    return project.change(
        lambda config: config["clusters"][0].update({"rancher": {**REACH, "projects": {ID: wanted}}, **(cluster or {})})
    )


def planned(project: Project, inventory: Inventory | None = None) -> Plan:
    return build(project.settings(), project.lock, project.root, inventory)


def only(plan: Plan) -> ProjectSecret:
    (cluster,) = plan.clusters
    assert cluster.rancher is not None
    (found,) = cluster.rancher.projects
    return found


def namespace(plan: Plan, name: str = "shop") -> Namespace:
    (found,) = (each for each in plan.clusters[0].namespaces if each.name == name)
    return found


def lines(project: Project, inventory: Inventory | None = None) -> tuple[str, ...]:
    with pytest.raises(Problems) as caught:
        planned(project, inventory)
    return caught.value.lines


def facts(**projects: str) -> Inventory:
    there = (
        NamespaceFacts(name, {}, (AccountFacts("default"),), project=each) for name, each in sorted(projects.items())
    )
    return Inventory((ClusterFacts("one", "v1.34.2", ("linux/amd64",), (), tuple(there)),))


def test_a_namespace_of_a_project_has_no_secret_of_its_own_and_lists_the_project_s(project: Project) -> None:
    plan = planned(ranchers(project))
    shop = namespace(plan)
    assert shop.pull_secret is not None
    assert (shop.pull_secret.name, shop.pull_secret.project) == ("hub2ghcr-project", ID)
    (web,) = shop.workloads
    assert web.pull_secrets == ("hub2ghcr-project",)
    new = namespace(plan, "new")
    assert new.pull_secret is not None
    assert (new.pull_secret.name, new.pull_secret.project) == ("hub2ghcr-ghcr", "")
    found = only(plan)
    assert (str(found.project), found.name, found.namespaces, found.keep) == (ID, "hub2ghcr-project", ("shop",), True)
    assert found.credentials == {"ghcr.io": "pull"}
    assert plan.clusters[0].rancher is not None
    assert plan.clusters[0].rancher.management == Kubeconfig("/kube/rancher", "rancher")


def test_without_projects_a_plan_has_nothing_of_rancher(project: Project) -> None:
    plan = planned(project)
    assert plan.clusters[0].rancher is None
    assert "rancher" not in as_json(plan)
    assert "Rancher" not in markdown(plan)


def test_the_inventory_knows_members_that_settings_do_not_name(project: Project) -> None:
    plan = planned(ranchers(project, namespaces=[]), facts(shop=ID, new="c-abc12:p-other"))
    assert only(plan).namespaces == ("shop",)


def test_a_project_pulls_with_its_own_credential_and_name(project: Project) -> None:
    plan = planned(ranchers(project, pull={"ghcr.io": "publish"}, secretName="ghcr", backingNamespace="p-xyz34"))
    found = only(plan)
    assert (found.credentials, found.name, found.backing_namespace) == ({"ghcr.io": "publish"}, "ghcr", "p-xyz34")
    secret = namespace(plan).pull_secret
    assert secret is not None
    assert (secret.name, secret.credentials["ghcr.io"].name) == ("ghcr", "publish")


def test_the_hub_s_entry_goes_when_all_of_the_project_is_sealed(project: Project) -> None:
    pull = {"ghcr.io": "pull", "docker.io": "admin"}
    ranchers(project, namespaces=["shop", "new"], pull=pull)
    project.change(lambda config: config["clusters"][0]["namespaces"]["shop"].update(phase="seal"))
    found = planned(project)
    assert set(only(found).credentials) == {"ghcr.io", "docker.io"}
    secret = namespace(found).pull_secret
    assert secret is not None
    assert set(secret.credentials) == {"ghcr.io", "docker.io"}
    project.change(lambda config: config["clusters"][0]["namespaces"]["new"].update(phase="seal"))
    found = planned(project)
    assert set(only(found).credentials) == {"ghcr.io"}
    assert {ns.pull_secret and tuple(ns.pull_secret.credentials) for ns in found.clusters[0].namespaces} == {
        ("ghcr.io",)
    }


def test_before_the_switch_the_secret_goes_with_the_stack(project: Project) -> None:
    ranchers(project).change(lambda config: config.update(phase="prepare"))
    assert only(planned(project)).keep is False


def test_a_namespace_that_is_made_is_made_in_its_project(project: Project) -> None:
    found = only(planned(ranchers(project, namespaces=["new", "shop"])))
    assert (found.created, found.namespaces) == (("new",), ("new", "shop"))


def test_a_namespace_with_a_pull_of_its_own_keeps_its_own_secret_under_another_name(project: Project) -> None:
    ranchers(project, namespaces=["shop", "new"])
    project.change(lambda config: config["clusters"][0]["namespaces"]["shop"].update(pull="publish"))
    plan = planned(project)
    assert only(plan).namespaces == ("new",)
    assert namespace(plan).pull_secret == PullSecret("hub2ghcr-ghcr", planned_pull(plan))
    project.change(lambda config: config["clusters"][0]["namespaces"]["shop"].update(pullSecretName="hub2ghcr-project"))
    assert lines(project) == (
        f"cluster one, namespace shop: its own pull Secret has the name of that of project {ID}: Rancher would "
        "overwrite it: 'hub2ghcr-project'; choose another `pullSecretName`, or take its `pull` out: it then pulls with "
        "the project's",
    )


def planned_pull(plan: Plan) -> dict[str, Any]:
    secret = namespace(plan).pull_secret
    assert secret is not None
    assert secret.credentials["ghcr.io"].name == "publish"
    return dict(secret.credentials)


def test_every_namespace_that_is_elsewhere_is_told_and_a_project_without_any_too(project: Project) -> None:
    ranchers(project, namespaces=["shop"])
    assert lines(project, facts(shop="", new="")) == (
        "cluster one, namespace shop: is in no project, as the inventory knows, and not in: 'c-abc12:p-xyz34'; move it "
        "in Rancher and run `hub2ghcr inventory`, or take it out of the project's `namespaces`",
    )
    assert "is in project c-abc12:p-2, as the inventory knows" in lines(project, facts(shop="c-abc12:p-2"))[0]
    ranchers(project, namespaces=[])
    assert lines(project) == (
        f"cluster one: rancher.projects.{ID}: no namespace of the stack is known to be in this project; list them in "
        "its `namespaces`, or run `hub2ghcr inventory -s test`",
    )


def test_a_plan_shows_projects_and_no_value(project: Project) -> None:
    plan = planned(ranchers(project))
    told = markdown(plan)
    assert f"hub2ghcr-project, of project {ID}" in told
    assert "Projects of Rancher" in told
    assert "shop and what else is in it" in told
    data = json.loads(as_json(plan))["clusters"][0]
    assert data["rancher"]["projects"] == [
        {
            "project": ID,
            "secret": "hub2ghcr-project",
            "credentials": {"ghcr.io": "pull"},
            "namespaces": ["shop"],
            "backingNamespace": None,
        }
    ]
    assert [each["pullSecret"].get("project") for each in data["namespaces"]] == [None, ID]


def test_copies_are_read_and_never_written_and_rancher_s_own_cluster_has_rights_of_its_own(project: Project) -> None:
    plan = planned(ranchers(project))
    (cluster,) = plan.clusters
    found = {str(each) for each in rights(cluster)}
    assert {"get secrets", "list namespaces", "get secrets in shop"} <= found
    assert "create secrets in shop" not in found
    assert "create secrets in new" in found
    local = replace(cluster, rancher=replace(cluster.rancher, management=None)) if cluster.rancher else cluster
    assert "patch secrets in c-abc12-p-xyz34" in {str(each) for each in rights(local)}
    assert [each for each in needs(plan) if each.kind == "cluster"] == []


def test_a_token_for_rancher_s_own_cluster_is_told_what_for(project: Project) -> None:
    reach = {"server": "https://rancher.example.org", "token": "admin"}
    ranchers(project).change(
        lambda config: config["clusters"][0].update(rancher={**reach, "projects": {ID: {"namespaces": ["shop"]}}})
    )
    plan = planned(project)
    (need,) = (each for each in needs(plan) if each.kind == "cluster")
    assert (need.credential, need.where) == ("admin", "Rancher of one")
    assert need.why == "writes the pull Secrets of 1 project of cluster one"
    assert isinstance(plan.clusters[0], Cluster)


def test_what_rancher_makes_is_nothing_that_a_lost_state_has_to_find(project: Project) -> None:
    names = {(each.kind, each.name) for each in declared(planned(ranchers(project)))}
    assert ("Secret", "hub2ghcr-ghcr") in names
    assert ("Secret", "hub2ghcr-project") not in names
