from __future__ import annotations

import re
from typing import Any

import pytest

from hub2ghcr.errors import ClusterError, Refused
from hub2ghcr.guarding import policy as guarding
from hub2ghcr.guarding.policy import audit_name, binding, deny_name, excepted, from_hub, images, policy
from hub2ghcr.guarding.sealing import unsealed
from hub2ghcr.guarding.unguarding import denies, lift
from tests.hub2ghcr.pretended import Pretended

DIGEST = "@sha256:" + "a" * 64


@pytest.mark.parametrize(
    ("image", "hub"),
    [
        ("nginx", True),
        (f"library/nginx:1{DIGEST}", True),
        ("docker.io/acme/shop", True),
        ("index.docker.io/nginx", True),
        ("registry-1.docker.io/library/nginx", True),
        ("registry.hub.docker.com/acme/shop", True),
        ("mirror.corp/acme/shop", True),
        ("ghcr.io/acme/shop", False),
        ("localhost/shop", False),
        ("localhost:5000/shop", False),
        ("not an image", False),
    ],
)
def test_what_is_from_docker_hub(image: str, hub: bool) -> None:
    assert from_hub(image, ["mirror.corp"]) is hub


@pytest.mark.parametrize(
    ("pattern", "spellings", "others"),
    [
        (
            "docker.io/library/nginx",
            ["nginx", "nginx:1.27", f"nginx:1{DIGEST}", f"nginx{DIGEST}", "library/nginx", "docker.io/nginx:1",
             "index.docker.io/library/nginx", "mirror.corp/library/nginx", "DOCKER.IO/nginx", "docker.io:443/nginx"],
            ["nginxx", "acme/nginx", "xnginx", "library/nginx/x"],
        ),
        ("nginx", ["nginx", "docker.io/library/nginx:1"], ["acme/nginx"]),
        ("docker.io/acme/*", ["acme/shop", f"acme/a/b:1{DIGEST}", "docker.io/acme/shop"], ["acme2/shop", "shop"]),
        ("docker.io/acme/sh*", ["acme/shop:1"], ["acme/web", "acme/xsh"]),
        ("docker.io/library/*", ["nginx:1", "library/nginx", f"nginx{DIGEST}"], ["acme/shop"]),
        ("docker.io/library/al*", ["alpine"], ["nginx", "al/pine"]),
        ("docker.io/*", ["nginx", "acme/shop:1", "a/b/c"], []),
        ("docker.io/acme/shop.web", ["acme/shop.web"], ["acme/shopxweb"]),
    ],
)  # fmt: skip
def test_an_exception_is_every_spelling_of_its_images(pattern: str, spellings: list[str], others: list[str]) -> None:
    found = re.compile(excepted([pattern], ["mirror.corp"]))
    assert [each for each in spellings if not found.search(each)] == []
    assert [each for each in others if found.search(each)] == []


def test_the_same_policy_for_the_same_patterns() -> None:
    assert policy("g", ["docker.io/a/*", "docker.io/b/*"]) == policy("g", ["docker.io/b/*", "docker.io/a/*"])


def test_a_binding_names_its_namespaces_in_order() -> None:
    (chosen,) = binding("g-deny", "g", ["Deny"], ["b", "a"])["spec"]["matchResources"]["namespaceSelector"][
        "matchExpressions"
    ]
    assert chosen == {"key": "kubernetes.io/metadata.name", "operator": "In", "values": ["a", "b"]}


def pod(name: str, image: str, **more: Any) -> dict[str, Any]:
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": name, "namespace": "shop", **more.pop("metadata", {})},
        "spec": {"containers": [{"name": "c", "image": image}]},
        **more,
    }


def test_images_of_all_containers_and_volumes() -> None:
    spec = {
        "initContainers": [{"name": "i", "image": "a"}],
        "containers": [{"name": "c", "image": "b"}, {"name": "d"}],
        "ephemeralContainers": [{"name": "e", "image": "c"}],
        "volumes": [{"name": "v", "image": {"reference": "d"}}, {"name": "w"}],
    }
    assert images({"apiVersion": "v1", "kind": "Pod", "spec": spec}) == ["a", "b", "c", "d"]


def test_what_still_runs_from_docker_hub_keeps_its_namespace_from_being_sealed() -> None:
    cluster = Pretended(
        pod("runs", "nginx:1"),
        pod("moved", "ghcr.io/acme/nginx:1"),
        pod("excepted", "busybox"),
        pod("ended", "nginx", status={"phase": "Succeeded"}),
        pod("leaves", "nginx", metadata={"deletionTimestamp": "now"}),
    )
    found = unsealed(cluster, ["shop", "other"], ["docker.io/library/busybox"])
    assert [str(each).partition("; ")[0] for each in found] == [
        "cluster demo: namespace shop: Pod runs: is not sealed: a Pod still runs an image from Docker Hub: 'nginx:1'"
    ]


def cron_job(name: str, image: str, **spec: Any) -> dict[str, Any]:
    template = {"spec": {"containers": [{"name": "c", "image": image}]}}
    metadata = {"name": name, "namespace": "shop"}
    job = {"jobTemplate": {"spec": {"template": template}}}
    return {"apiVersion": "batch/v1", "kind": "CronJob", "metadata": metadata, "spec": {**job, **spec}}


def test_what_would_start_pods_from_docker_hub_keeps_its_namespace_from_being_sealed() -> None:
    """Nothing of it runs at the moment, and after the seal nothing of it would."""
    scaled_down = {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": "asleep", "namespace": "shop"},
        "spec": {"replicas": 0, "template": {"spec": {"containers": [{"name": "c", "image": "nginx:1"}]}}},
    }
    cluster = Pretended(
        cron_job("nightly", "nginx:1"),
        cron_job("suspended", "nginx:1", suspend=True),
        cron_job("moved", "ghcr.io/a/b"),
        scaled_down,
    )
    found = unsealed(cluster, ["shop"])
    why = "is not sealed: it would start Pods from Docker Hub: 'nginx:1'"
    assert [str(each).partition("; ")[0] for each in found] == [
        f"cluster demo: namespace shop: Deployment asleep: {why}",
        f"cluster demo: namespace shop: CronJob nightly: {why}",
    ]


@pytest.mark.parametrize(
    ("before", "after"), [(["shop", "web"], ["web"]), (["shop"], None), (["web"], ["web"]), (None, None)]
)
def test_a_namespace_is_taken_out_of_the_guard(before: list[str] | None, after: list[str] | None) -> None:
    made = [binding(deny_name("g"), "g", ["Deny"], before)] if before else []
    cluster = Pretended(*made, binding(audit_name("g"), "g", ["Audit"], ["shop"]))
    assert lift(cluster, "g", "shop") is ("shop" in (before or ()))
    live = cluster.get(guarding.API, "ValidatingAdmissionPolicyBinding", "", deny_name("g"))
    values = live and live["spec"]["matchResources"]["namespaceSelector"]["matchExpressions"][0]["values"]
    assert values == after


def test_two_namespaces_that_go_back_at_once_both_get_out() -> None:
    cluster = Pretended(binding(deny_name("g"), "g", ["Deny"], ["shop", "web"]))
    cluster.outrun = 1
    assert lift(cluster, "g", "shop")


def chosen(operator: str, names: list[str]) -> dict[str, Any]:
    return {"matchExpressions": [{"key": "kubernetes.io/metadata.name", "operator": operator, "values": names}]}


SELECTORS: dict[str, dict[str, Any]] = {
    "all": {},
    "by label": {"matchLabels": {"team": "shop"}},
    "by label, too": {"matchLabels": {"team": "shop"}, **chosen("In", ["shop", "web"])},
    "all but some": chosen("NotIn", ["web"]),
    "all with a name": {"matchExpressions": [{"key": "kubernetes.io/metadata.name", "operator": "Exists"}]},
    "two rules": {"matchExpressions": 2 * chosen("In", ["shop"])["matchExpressions"]},
}


@pytest.mark.parametrize("selector", SELECTORS.values(), ids=SELECTORS)
def test_a_binding_that_somebody_changed_is_told_with_its_remedy(selector: dict[str, Any]) -> None:
    live = binding(deny_name("g"), "g", ["Deny"], ["shop"])
    live["spec"]["matchResources"]["namespaceSelector"] = selector
    cluster = Pretended(live)
    assert denies(cluster, "g", "shop")
    with pytest.raises(ClusterError) as caught:
        lift(cluster, "g", "shop")
    assert str(caught.value) == (
        "cluster demo: ValidatingAdmissionPolicyBinding g-deny: somebody changed whom it is for: namespace shop cannot"
        " be taken out; kubectl delete validatingadmissionpolicybinding g-deny, then run again: what is sealed gets it"
        " back"
    )
    assert cluster.written == []


def test_a_binding_for_everything_is_told_as_well() -> None:
    live = binding(deny_name("g"), "g", ["Deny"], ["shop"])
    del live["spec"]["matchResources"]
    with pytest.raises(ClusterError, match="somebody changed whom it is for"):
        lift(Pretended(live), "g", "shop")


class Barred(Pretended):
    """A cluster whose credential is for namespaces alone."""

    reason = "Forbidden"

    def get(self, api_version: str, kind: str, namespace: str, name: str) -> dict[str, Any] | None:
        raise Refused(f"may not get {kind}", "cluster demo", reason=self.reason)


def test_who_may_read_no_binding_has_none_to_lift(monkeypatch: pytest.MonkeyPatch) -> None:
    assert not denies(Barred(), "g", "shop")
    assert not lift(Barred(), "g", "shop")
    monkeypatch.setattr(Barred, "reason", "BadRequest")
    with pytest.raises(Refused):
        lift(Barred(), "g", "shop")
