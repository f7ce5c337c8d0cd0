from __future__ import annotations

from collections.abc import Callable

import pytest

from hub2ghcr.cluster import Right
from hub2ghcr.github.scopes import lacking, least, superfluous
from hub2ghcr.permissions import needs, rights, unused
from hub2ghcr.plan import Plan, build
from tests.hub2ghcr.conftest import Config, Project


def planned(project: Project, change: Callable[[Config], object] = lambda _: None) -> Plan:
    return build(project.change(change).settings(), project.lock, project.root)


def told(plan: Plan) -> set[str]:
    return {
        f"{each.credential} {each.scope} {each.permission}: {each.why}".replace(" :", ":").replace(" :", ":")
        for each in needs(plan)
    }


ADMINISTERS = {
    "admin read:packages: compares the settings of 1 package: no API takes another token",
    "admin repo contents=write, pull_requests=write: brings files to 1 repository",
    "admin repo actions=read: follows runs of workflows of 1 repository",
    "admin repo metadata=read: looks at 1 repository of Acme",
    "admin repo secrets=write: writes Actions secrets of 1 repository",
    "admin workflow workflows=write: writes workflows of 1 repository",
}
COPIES = "push write:packages: copies 2 images to ghcr.io"
SIGNS_IN = "write:packages: the workflow of Acme/shop pushes ghcr.io/acme/shop with it"
PULLS = "pull read:packages: lies in the pull Secrets of cluster one (2 namespaces): opens ghcr.io"


def test_every_scope_has_a_reason_in_the_plan(project: Project) -> None:
    assert told(planned(project)) == {*ADMINISTERS, COPIES, PULLS, f"publish {SIGNS_IN}"}


def test_what_is_not_done_needs_nothing(project: Project) -> None:
    def change(config: Config) -> None:
        del config["github"]
        del config["clusters"][0]["pull"]

    assert told(planned(project, change)) == {COPIES}


def test_a_credential_that_signs_in_a_workflow_needs_to_push_where_the_workflow_uses_it(project: Project) -> None:
    def change(config: Config) -> None:
        config["github"]["repositories"]["shop"]["secrets"]["CR_PAT"] = "pull"

    assert f"pull {SIGNS_IN}" in told(planned(project, change))
    token = planned(
        project, lambda config: config["github"]["repositories"]["shop"]["workflow"].update(flavour="token")
    )
    assert f"pull {SIGNS_IN}" not in told(token)
    assert "pull: is the Actions secret CR_PAT of Acme/shop: what for, its workflows say" in told(token)


def test_secrets_of_every_kind_have_their_permission_and_their_values_are_somebodys(project: Project) -> None:
    def change(config: Config) -> None:
        config["github"]["organization"] = {"secrets": {"ALL": {"credential": "pull", "visibility": "all"}}}
        shop = config["github"]["repositories"]["shop"]
        shop["dependabotSecrets"] = {"BOT": "pull"}
        shop["environments"] = {"production": {"DEPLOY": "pull"}}
        shop["removeAtSeal"] = {"DOCKERHUB_TOKEN": {"credential": "pull"}, "DOCKERHUB_USERNAME": {"lostForGood": True}}
        shop["alsoRewrite"] = ["README.md"]

    found = told(planned(project, change))
    assert {
        "admin admin:org organization_secrets=write: writes Actions secrets of the organisation Acme",
        "admin repo dependabot_secrets=write: writes Dependabot secrets of 1 repository",
        "admin repo environments=write: writes environments' secrets of 1 repository",
        "pull: is the Actions secret ALL of Acme: what for, its workflows say",
        "pull: is the Dependabot secret BOT of Acme/shop: what for, its workflows say",
        "pull: is the secret DEPLOY of the environment production of Acme/shop: what for, its workflows say",
        "pull: is the secret DOCKERHUB_TOKEN that the way back writes again of Acme/shop: what for, its workflows say",
    } <= found


def test_other_registries_and_clusters_have_words_of_their_own(project: Project) -> None:
    def change(config: Config) -> None:
        config["registries"]["docker.io"]["pull"] = "hub"
        config["registries"]["ghcr.io"]["pull"] = "pull"
        config["credentials"]["hub"] = {"username": "hub", "secretKey": "hubToken"}
        config["credentials"]["cluster"] = {"username": "c", "secretKey": "clusterToken"}
        config["hubToken"] = config["clusterToken"] = {"secure": "v1:a:b"}
        config["clusters"][0] |= {"server": "https://api.example.org", "token": "cluster"}
        config["clusters"][0]["pull"] = {"ghcr.io": "pull", "docker.io": "hub"}
        del config["clusters"][0]["kubeconfig"], config["clusters"][0]["context"]

    found = told(planned(project, change))
    assert "hub pull: reads sources on docker.io, and raises its pull limit" in found
    assert "cluster RBAC: reads and changes 2 namespaces of cluster one" in found
    assert "pull read:packages: reads what is at the targets on ghcr.io" in found
    assert any(each.startswith("hub pull: lies in the pull Secrets of cluster one") for each in found)


def test_a_credential_that_nothing_needs_is_named(project: Project) -> None:
    def change(config: Config) -> None:
        config["registries"]["ghcr.io"]["pull"] = "pull"
        config["registries"]["other.example"] = {"push": "spare"}
        config["credentials"]["spare"] = {"username": "s", "secretKey": "spareToken"}
        config["spareToken"] = {"secure": "v1:a:b"}

    assert unused(planned(project, change)) == ("spare",)


def test_a_cluster_is_asked_for_the_rights_of_its_namespaces(project: Project) -> None:
    (cluster,) = planned(project).clusters
    found = rights(cluster)
    assert Right("patch", "deployments.apps", "shop") in found
    assert Right("create", "deployments.apps", "shop") not in found
    assert {Right("create", "namespaces"), Right("create", "pods", "new"), Right("create", "secrets", "new")} <= {
        *found
    }
    assert list(found) == sorted(found)


def test_a_guard_needs_rights_of_the_whole_cluster(project: Project) -> None:
    right = Right("create", "validatingadmissionpolicies.admissionregistration.k8s.io")
    (guarded,) = planned(project).clusters
    assert guarded.guard is not None and right in rights(guarded)
    (free,) = planned(project, lambda config: config["clusters"][0].update(guard={"action": "off"})).clusters
    assert right not in rights(free)


@pytest.mark.parametrize(
    ("scopes", "needed", "lacks", "extra"),
    [
        (["write:packages"], ["read:packages"], (), ("write:packages",)),
        (["read:packages"], ["write:packages"], ("write:packages",), ()),
        (["repo", "workflow"], ["repo"], (), ("workflow",)),
        (["public_repo"], ["repo"], ("repo",), ()),
        (["admin:org", "delete:packages", "read:packages"], ["read:packages"], (), ("admin:org", "delete:packages")),
        ([], ["repo"], ("repo",), ()),
    ],
)
def test_a_scope_holds_those_below_it(
    scopes: list[str], needed: list[str], lacks: tuple[str, ...], extra: tuple[str, ...]
) -> None:
    assert lacking(scopes, needed) == lacks
    assert superfluous(scopes, needed) == extra


def test_the_least_to_ask_for_leaves_out_what_another_scope_holds() -> None:
    assert least(["write:packages", "read:packages", "workflow"]) == ("workflow", "write:packages")
