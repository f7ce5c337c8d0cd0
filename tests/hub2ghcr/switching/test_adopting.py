from __future__ import annotations

import copy
from typing import Any

import pytest

from hub2ghcr.errors import ClusterError
from hub2ghcr.switching.adopting import let_go
from hub2ghcr.switching.patching import ATTEMPTS
from tests.hub2ghcr.pretended import Pretended
from tests.hub2ghcr.switching.test_patching import deployment, live

KEY = ("apps/v1", "Deployment", "shop", "web")
OWN = "hub2ghcr-prod"


def managed(*managers: str) -> Pretended:
    """A cluster with one Deployment; a manager's subresource stands after a slash."""
    found = deployment()
    found["metadata"]["managedFields"] = [
        {"manager": name, "operation": "Update", **({"subresource": of} if of else {})}
        for name, _, of in (each.partition("/") for each in managers)
    ]
    return Pretended(found)


@pytest.mark.parametrize(
    ("managers", "left"),
    [
        (("kubectl-client-side-apply", "kubectl-set", "kubectl-rollout", "helm"), ["helm"]),
        (("kubectl", "before-first-apply", "hub2ghcr-prod"), ["hub2ghcr-prod"]),
        # whoever scales has the replicas, not the rest: pulumi-kubernetes leaves that alone
        (("kubectl/scale", "kubectl", "kube-controller-manager/status"), ["kubectl", "kube-controller-manager"]),
    ],
)
def test_kubectl_lets_go_of_all_its_fields_and_nothing_else_changes(managers: tuple[str, ...], left: list[str]) -> None:
    cluster = managed(*managers)
    before = copy.deepcopy(live(cluster))
    let_go(cluster, KEY, OWN)
    after = live(cluster)
    assert [each["manager"] for each in after["metadata"]["managedFields"]] == left
    assert after["spec"] == before["spec"]
    assert cluster.written == ["replace Deployment/web"]


def test_what_a_patch_of_ours_had_becomes_pulumis_own() -> None:
    cluster = managed("helm", "hub2ghcr")
    let_go(cluster, KEY, OWN)
    assert [each["manager"] for each in live(cluster)["metadata"]["managedFields"]] == ["helm", OWN]


@pytest.mark.parametrize("managers", [(), ("helm", "kubectl/scale"), ("kubectl-client-side-apply", "kubectl-set")])
def test_what_kubectl_does_not_manage_or_alone_is_not_written_to(managers: tuple[str, ...]) -> None:
    cluster = managed(*managers)
    let_go(cluster, KEY, OWN)
    assert cluster.written == []


def test_an_object_that_is_missing_is_named_with_what_to_do() -> None:
    with pytest.raises(ClusterError, match="Deployment shop/web: does not exist; apply it first"):
        let_go(Pretended(), KEY, OWN)


@pytest.mark.parametrize(("outrun", "fails"), [(ATTEMPTS - 1, False), (ATTEMPTS, True)])
def test_others_may_be_faster_a_few_times(outrun: int, fails: bool) -> None:
    cluster: Any = managed("kubectl", "helm")
    cluster.outrun = outrun
    if fails:
        with pytest.raises(ClusterError, match="written to by others all the time"):
            let_go(cluster, KEY, OWN)
    else:
        let_go(cluster, KEY, OWN)
