from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from hub2ghcr.inventory import (
    AccountFacts,
    ClusterFacts,
    ImageFacts,
    Inventory,
    NamespaceFacts,
    RunningFacts,
    SecretFacts,
    WorkloadFacts,
    changes,
    stale,
)

WEB = WorkloadFacts("apps/v1", "Deployment", "web", images=(ImageFacts("containers[web]", "nginx:1.27", ("kubectl",)),))
SHOP = NamespaceFacts("shop", {"team": "shop"}, (AccountFacts("default"),), (SecretFacts("s", "t"),), (WEB,))
DEMO = ClusterFacts("demo", "v1.34.2", ("linux/amd64",), ("containerd://2",), (SHOP,))


def images(image: str = "nginx:1.27", *managers: str) -> dict[str, Any]:
    return {"images": (ImageFacts("containers[web]", image, managers or ("kubectl",)),)}


@pytest.mark.parametrize(
    ("now", "line", "decides"),
    [
        (images("nginx:1.28"), "containers[web]: nginx:1.27 -> nginx:1.28", True),
        ({"images": ()}, "containers[web]: nginx:1.27 -> none", True),
        (images("nginx:1.27", "helm"), "managers of containers[web]: kubectl -> helm", True),
        # by us: the switch itself
        (
            images("nginx:1.27", "hub2ghcr", "kubectl"),
            "managers of containers[web]: kubectl -> hub2ghcr, kubectl",
            False,
        ),
        ({"owner": "Helm release a/b"}, "owner: none -> Helm release a/b", True),
        ({"service_account": "web"}, "ServiceAccount: none -> web", True),
        ({"pull_secrets": ("hub",)}, "pull Secrets: none -> hub", True),
        ({"state": {"paused": True}}, "state: none -> paused=True", True),
        ({"running": (RunningFacts("nginx:1.27", "sha256:a"),)}, "running: none -> nginx:1.27@sha256:a", False),
    ],
)
def test_a_workload_is_stale_where_a_plan_would_be_decided_otherwise(
    now: dict[str, Any], line: str, decides: bool
) -> None:
    other = replace(DEMO, namespaces=(replace(SHOP, workloads=(replace(WEB, **now),)),))
    place = "namespace shop: Deployment web: "
    assert changes(Inventory((DEMO,)), Inventory((other,))) == (f"cluster demo: {place}{line}",)
    assert stale(Inventory((DEMO,)), Inventory((other,))) == ((f"cluster demo: {place}{line}",) if decides else ())


@pytest.mark.parametrize(
    ("now", "line", "decides"),
    [
        ({"workloads": ()}, "Deployment web is gone", True),
        ({"workloads": (WEB, replace(WEB, name="new"))}, "Deployment new is new", True),
        ({"accounts": (AccountFacts("default", ("x",)),)}, "ServiceAccount default: pull Secrets: none -> x", True),
        ({"accounts": (AccountFacts("default"), AccountFacts("x"))}, "ServiceAccount x is new", False),
        ({"secrets": ()}, "Secret s is gone", False),
        ({"secrets": (SecretFacts("s", "t", ("ghcr.io",)),)}, "Secret s: registries: t -> t, ghcr.io", False),
        ({"labels": {"team": "x"}}, "labels: team=shop -> team=x", False),
        ({"project": "c-a:p-b"}, "Rancher project: none -> c-a:p-b", False),
    ],
)
def test_a_namespace_is_stale_where_a_plan_would_be_decided_otherwise(
    now: dict[str, Any], line: str, decides: bool
) -> None:
    other = replace(DEMO, namespaces=(replace(SHOP, **now),))
    line = f"cluster demo: namespace shop: {line}"
    assert changes(Inventory((DEMO,)), Inventory((other,))) == (line,)
    assert stale(Inventory((DEMO,)), Inventory((other,))) == ((line,) if decides else ())


@pytest.mark.parametrize(
    ("now", "decides"),
    [
        ({"version": "v1.35.0"}, False),
        ({"runtimes": ("cri-o://1",)}, False),
        ({"platforms": ("linux/amd64", "linux/arm64")}, True),
        ({"platforms": ()}, False),
        ({"namespaces": ()}, True),
        ({"namespaces": (SHOP, NamespaceFacts("new"))}, True),
    ],
)
def test_a_cluster_is_stale_where_images_would_lack_a_platform(now: dict[str, Any], decides: bool) -> None:
    other = replace(DEMO, **now)
    assert len(changes(Inventory((DEMO,)), Inventory((other,)))) == 1
    assert bool(stale(Inventory((DEMO,)), Inventory((other,)))) is decides


def test_the_same_facts_have_not_changed() -> None:
    assert changes(Inventory((DEMO,)), Inventory((DEMO,))) == stale(Inventory((DEMO,)), Inventory((DEMO,))) == ()
    assert changes(Inventory(), Inventory((DEMO,))) == ("cluster demo is new",)


@pytest.mark.parametrize(("before", "now", "decides"), [((), ("a:1",), True), (("a:1",), (), False)])
def test_an_image_that_was_imported_meanwhile_stays_where_it_would_have_moved(
    before: tuple[str, ...], now: tuple[str, ...], decides: bool
) -> None:
    old, new = (Inventory((replace(DEMO, imported=each),)) for each in (before, now))
    said = [", ".join(each) or "none" for each in (before, now)]
    line = f"cluster demo: images imported on its nodes: {said[0]} -> {said[1]}"
    assert changes(old, new) == (line,)
    assert stale(old, new) == ((line,) if decides else ())
