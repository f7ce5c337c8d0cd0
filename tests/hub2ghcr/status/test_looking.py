"""What is asked of a cluster and of registries to tell where a namespace stands."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any, cast

from hub2ghcr.cluster.client import Live
from hub2ghcr.plan import Cluster, Kubeconfig, Namespace, Plan
from hub2ghcr.pull_secrets.pulling import Puller
from hub2ghcr.registry import Registries
from hub2ghcr.status import Asking, Status, look
from tests.hub2ghcr.pretended import Pretended
from tests.hub2ghcr.pull_secrets.test_pulling import Shelf
from tests.hub2ghcr.status.test_judging import NEW, namespace
from tests.hub2ghcr.switching.test_rollout import DEPLOYED, pod, workload

SHOP = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "shop"}}


class Asked(Pretended):
    """A cluster that remembers which kinds were listed."""

    def __init__(self, *objects: Mapping[str, Any]) -> None:
        super().__init__(*objects)
        self.listed: list[str] = []

    def live(self, api_version: str, kind: str, namespace: str, name: str) -> Live | None:
        return None if self.get(api_version, kind, namespace, name) is None else Live({}, ())

    def list(
        self, api_version: str, kind: str, namespace: str = "", *, labels: str = "", fields: str = ""
    ) -> Iterator[dict[str, Any]]:
        self.listed.append(kind)
        return super().list(api_version, kind, namespace, labels=labels, fields=fields)


def in_shop(found: Mapping[str, Any]) -> dict[str, Any]:
    version = {"Pod": "v1"}.get(found["kind"], "apps/v1")
    return {**found, "apiVersion": version, "metadata": {**found["metadata"], "namespace": "shop"}}


def web(image: str = NEW) -> dict[str, Any]:
    template = {"spec": {"containers": [{"name": "web", "image": image}]}}
    return in_shop(workload("Deployment", DEPLOYED, replicas=3, template=template))


def looked(cluster: Asked, wanted: Namespace, shelf: Shelf | None = None) -> Status:
    plan = Plan("test", "cutover", "copy", (), (), None, (Cluster("lab", Kubeconfig("", ""), (wanted,)),), ())
    asking = Asking({"lab": cluster}, Puller((shelf or Shelf()).reader), cast(Registries, None))
    (found,) = look(plan, asking)
    return found


def unpulled() -> Namespace:
    return replace(namespace("cutover"), pulls=())


def test_each_kind_is_listed_once_and_pods_last() -> None:
    cluster = Asked(SHOP, web(), in_shop(pod(image=NEW)))
    found = looked(cluster, unpulled())
    assert cluster.listed == ["Deployment", "Pod"]
    assert [str(part) for name, part in found.parts() if name in ("switched", "running")] == ["1/1", "1/1"]


def test_pods_that_stay_are_counted_whoever_made_them() -> None:
    old = [in_shop(pod(name, "nginx:1.27", leaving=name == "c", labels={"app": "x"})) for name in ("a", "b", "c")]
    assert looked(Asked(SHOP, web(), *old), unpulled()).on_hub == ("nginx:1.27 (2 Pods)",)


def test_a_workload_that_is_not_there_is_missing() -> None:
    assert looked(Asked(SHOP), unpulled()).switched.lacking == ("Deployment web: it is not there",)
