from __future__ import annotations

import base64
import json
from typing import Any

import pytest

from hub2ghcr.inventory import AccountFacts, ImageFacts, RunningFacts, SecretFacts, seeing
from hub2ghcr.inventory.spelling import Spelling

CONTAINERS = "f:containers"


def obj(kind: str = "Deployment", pod: dict[str, Any] | None = None, **more: Any) -> dict[str, Any]:
    status, metadata = more.pop("status", {}), more.pop("metadata", {})
    pod = pod or {"containers": [{"name": "web", "image": "nginx:1.27"}]}
    spec = {**pod, **more} if kind == "Pod" else {"template": {"spec": pod}, **more}
    api = {"Pod": "v1", "Job": "batch/v1"}.get(kind, "apps/v1")
    return {
        "apiVersion": api,
        "kind": kind,
        "metadata": {"name": "web", "namespace": "shop", **metadata},
        "spec": spec,
        "status": status,
    }


def test_images_are_told_in_order_with_who_manages_each() -> None:
    pod = {
        "initContainers": [{"name": "init", "image": "busybox:1"}],
        "containers": [{"name": "b", "image": "b:1"}, {"name": "a", "image": "a:1"}, {"name": "none"}],
        "volumes": [{"name": "data", "image": {"reference": "models:1"}}, {"name": "tmp", "emptyDir": {}}],
    }
    tree: Any = {
        "f:containers": {'k:{"name":"b"}': {"f:image": {}}},
        "f:volumes": {'k:{"name":"data"}': {"f:image": {}}},
    }
    entry = {"manager": "kubectl", "fieldsV1": {"f:spec": {"f:template": {"f:spec": tree}}}}
    assert seeing.workload(obj(pod=pod, metadata={"managedFields": [entry]})).images == (
        ImageFacts("initContainers[init]", "busybox:1"),
        ImageFacts("containers[b]", "b:1", ("kubectl",)),
        ImageFacts("containers[a]", "a:1"),
        ImageFacts("volumes[data]", "models:1", ("kubectl",)),
    )


def test_our_pull_secret_is_no_fact_of_the_workload() -> None:
    pod = {"imagePullSecrets": [{"name": "a"}, {"name": "ours"}, {"name": "b"}], "serviceAccountName": "sa"}
    found = seeing.workload(obj(pod={**pod, "containers": []}), ours={"ours"})
    assert (found.pull_secrets, found.service_account) == (("a", "b"), "sa")
    account = {"metadata": {"name": "sa"}, "imagePullSecrets": [{"name": "ours"}]}
    assert seeing.account(account, {"ours"}) == AccountFacts("sa")
    assert seeing.account(account) == AccountFacts("sa", ("ours",))


def test_what_a_switch_wrote_beside_our_pull_secret_is_no_fact_either() -> None:
    def entry(manager: str, *names: str) -> dict[str, Any]:
        keys: Any = {f'k:{{"name":"{name}"}}': {} for name in names}
        tree = {"f:spec": {"f:template": {"f:spec": {"f:imagePullSecrets": keys}}}}
        return {"manager": manager, "fieldsV1": tree}

    pod = {"imagePullSecrets": [{"name": "inherited"}, {"name": "shared"}, {"name": "listed"}], "containers": []}
    fields = [entry("hub2ghcr", "inherited", "shared"), entry("kubectl", "shared", "listed")]
    found = seeing.workload(obj(pod=pod, metadata={"managedFields": fields}))
    assert found.pull_secrets == ("shared", "listed")


def test_a_custom_resource_is_told_by_the_table_of_places() -> None:
    tree: Any = {"f:spec": {"f:containers": {}}}
    prometheus = {
        "apiVersion": "monitoring.coreos.com/v1",
        "kind": "Prometheus",
        "metadata": {"name": "p", "managedFields": [{"manager": "helm", "fieldsV1": tree}]},
        "spec": {"image": "prom/prometheus:3", "containers": [{"name": "x", "image": "x:1"}]},
    }
    found = seeing.workload(prometheus, spelling=Spelling())
    assert found.images == (
        ImageFacts("spec.image", "prom/prometheus:3"),
        ImageFacts("spec.containers[0].image", "x:1", ("helm",)),
    )
    assert found.pod == {}


@pytest.mark.parametrize(
    ("references", "controller"),
    [
        ([], None),
        ([{"apiVersion": "apps/v1", "kind": "ReplicaSet", "name": "web-1"}], None),
        (
            [{"apiVersion": "apps/v1", "kind": "ReplicaSet", "name": "web-1", "controller": True}],
            ("apps/v1", "ReplicaSet", "web-1"),
        ),
        ([{"apiVersion": "v1", "kind": "Node", "name": "node-1", "controller": True}], None),
    ],
)
def test_a_static_pod_is_nobodys(references: list[dict[str, Any]], controller: Any) -> None:
    assert seeing.controller({"metadata": {"ownerReferences": references}}) == controller


@pytest.mark.parametrize(
    ("pulled", "digest"),
    [
        ("docker.io/library/nginx@sha256:aa", "sha256:aa"),
        ("docker-pullable://nginx@sha256:aa", "sha256:aa"),
        ("sha256:bb", ""),  # loaded on the node: no registry has it
    ],
)
def test_a_pod_runs_the_image_of_its_spec_with_the_digest_that_was_pulled(pulled: str, digest: str) -> None:
    started = {"name": "web", "image": "sha256:cc", "imageID": pulled}
    waiting = {"name": "web", "image": "nginx:1.27", "imageID": ""}
    assert list(seeing.running(obj("Pod", status={"containerStatuses": [started]}))) == [
        RunningFacts("nginx:1.27", digest)
    ]
    assert list(seeing.running(obj("Pod", status={"containerStatuses": [waiting]}))) == []


AUTHS = {"ghcr.io": {"username": "someone", "password": "hidden"}, "https://index.docker.io/v1/": {"auth": "YTpi"}}


def secret(kind: str, key: str, value: Any) -> dict[str, Any]:
    text = value if isinstance(value, str) else json.dumps(value)
    data = {key: base64.b64encode(text.encode()).decode()}
    return {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "s"}, "type": kind, "data": data}


@pytest.mark.parametrize(
    ("kind", "key", "value", "registries"),
    [
        ("kubernetes.io/dockerconfigjson", ".dockerconfigjson", {"auths": AUTHS}, tuple(sorted(AUTHS))),
        ("kubernetes.io/dockercfg", ".dockercfg", AUTHS, tuple(sorted(AUTHS))),
        ("kubernetes.io/dockerconfigjson", ".dockerconfigjson", "no json", ()),
        ("kubernetes.io/dockerconfigjson", "other", {}, ()),
    ],
)
def test_a_pull_secret_is_told_by_its_registries_alone(
    kind: str, key: str, value: Any, registries: tuple[str, ...]
) -> None:
    found = seeing.secret(secret(kind, key, value))
    assert found == SecretFacts("s", kind, registries)
    assert "someone" not in repr(found) and "hidden" not in repr(found)
