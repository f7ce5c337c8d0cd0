from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import pytest

from hub2ghcr.cluster import Cluster, Right
from hub2ghcr.errors import Hub2GhcrError, Refused
from hub2ghcr.inventory import NamespaceFacts, RunningFacts
from hub2ghcr.inventory.taking import MANY, Wanted, take

DIGEST = f"sha256:{'a' * 64}"
POD = {"containers": [{"name": "web", "image": "nginx:1.27"}]}


class Listing(Cluster):
    """Lists objects without a server; ``asked`` are the lists, ``refused`` the kinds that may not be listed."""

    def __init__(self, *objects: dict[str, Any], refused: Iterable[str] = (), only: bool = False) -> None:
        self.name = "demo"
        self._objects, self._refused, self._only = objects, frozenset(refused), only
        self.asked: list[tuple[str, str, str, str]] = []

    def version(self) -> str:
        return "v1.34.2"

    def groups(self) -> Mapping[str, str]:
        return {"apps": "apps/v1", "kafka.strimzi.io": "kafka.strimzi.io/v1beta2"}

    def serves(self, api_version: str, kind: str) -> bool:
        return kind == "Kafka"

    def allowed(self, rights: Iterable[Right]) -> tuple[Right, ...]:
        return tuple(rights) if self._only else ()

    def get(self, api_version: str, kind: str, namespace: str, name: str) -> dict[str, Any] | None:
        return next((each for each in self._of(kind) if each["metadata"]["name"] == name), None)

    def list(
        self, api_version: str, kind: str, namespace: str = "", *, labels: str = "", fields: str = ""
    ) -> Iterator[dict[str, Any]]:
        self.asked.append((kind, namespace, labels, fields))
        if kind in self._refused:
            raise Refused(f"may not list {kind}", "cluster demo", reason="Forbidden")
        for each in self._of(kind):
            if namespace in ("", each["metadata"].get("namespace")):
                yield each

    def _of(self, kind: str) -> Iterator[dict[str, Any]]:
        return (each for each in self._objects if each["kind"] == kind)


def obj(
    kind: str, name: str, namespace: str = "shop", above: tuple[str, str] | None = None, **more: Any
) -> dict[str, Any]:
    api = {"Pod": "v1", "Job": "batch/v1", "CronJob": "batch/v1", "Kafka": "kafka.strimzi.io/v1beta2"}
    apis = {"v1": ("Namespace", "Node", "ServiceAccount", "Secret")}
    version = "v1" if kind in apis["v1"] else api.get(kind, "apps/v1")
    metadata: dict[str, Any] = {"name": name, **({"namespace": namespace} if namespace else {})}
    if above:
        owner = {"apiVersion": api.get(above[0], "apps/v1"), "kind": above[0], "name": above[1], "controller": True}
        metadata["ownerReferences"] = [owner]
    return {"apiVersion": version, "kind": kind, "metadata": metadata, **more}


def templated(kind: str, name: str, namespace: str = "shop", above: tuple[str, str] | None = None) -> dict[str, Any]:
    spec: dict[str, Any] = {"template": {"spec": POD}}
    return obj(kind, name, namespace, above, spec={"jobTemplate": {"spec": spec}} if kind == "CronJob" else spec)


def pod(name: str, above: tuple[str, str] | None = None, phase: str = "Running") -> dict[str, Any]:
    status = {"phase": phase, "containerStatuses": [{"name": "web", "imageID": f"nginx@{DIGEST}"}]}
    return obj("Pod", name, above=above, spec=POD, status=status)


NODE = obj(
    "Node",
    "node-1",
    "",
    status={
        "nodeInfo": {"operatingSystem": "linux", "architecture": "arm64", "containerRuntimeVersion": "containerd://2"}
    },
)
SHOP = obj("Namespace", "shop", "")
RUNS = (RunningFacts("nginx:1.27", DIGEST),)


def shop(cluster: Cluster, wanted: Wanted | None = None) -> NamespaceFacts:
    found = take(cluster, wanted or Wanted(("shop",))).facts.namespace("shop")
    assert found is not None
    return found


def test_what_a_pod_runs_is_told_of_what_controls_it_in_the_end() -> None:
    cluster = Listing(
        SHOP,
        templated("Deployment", "web"),
        templated("ReplicaSet", "web-1", above=("Deployment", "web")),
        pod("web-1-x", ("ReplicaSet", "web-1")),
        templated("CronJob", "nightly"),
        templated("Job", "nightly-1", above=("CronJob", "nightly")),
        pod("nightly-1-x", ("Job", "nightly-1")),
        pod("bare"),
        pod("ended", phase="Succeeded"),
        templated("ReplicaSet", "own"),
    )
    found = {f"{each.kind} {each.name}": each.running for each in shop(cluster).workloads}
    assert found == {
        "CronJob nightly": RUNS,
        "Deployment web": RUNS,
        "Pod bare": RUNS,
        "Pod ended": (),
        "ReplicaSet own": (),
    }


def test_pods_of_what_nobody_knows_are_not_lost() -> None:
    cluster = Listing(SHOP, pod("log-0", ("StrimziPodSet", "log")))
    (found,) = shop(cluster).workloads
    assert (found.kind, found.name, found.images, found.running) == ("StrimziPodSet", "log", (), RUNS)


def test_a_reference_in_a_circle_ends() -> None:
    one = templated("ReplicaSet", "one", above=("ReplicaSet", "two"))
    two = templated("ReplicaSet", "two", above=("ReplicaSet", "one"))
    assert shop(Listing(SHOP, one, two, pod("x", ("ReplicaSet", "one")))).workloads


def test_nodes_tell_platforms() -> None:
    facts = take(Listing(SHOP, NODE, obj("Node", "never-up", "", status={})), Wanted(("shop",))).facts
    assert (facts.version, facts.platforms, facts.runtimes) == ("v1.34.2", ("linux/arm64",), ("containerd://2",))


def test_images_that_were_imported_on_nodes_are_known_by_their_lack_of_a_digest() -> None:
    held = [{"names": ["docker.io/library/nginx:1.27"]}, {"names": ["docker.io/library/other:1"]}]
    node = obj("Node", "node-2", "", status={"images": held})
    web = templated("Deployment", "web")
    assert take(Listing(SHOP, node, web), Wanted(("shop",))).facts.imported == ("docker.io/library/nginx:1.27",)
    assert take(Listing(SHOP, node, web, pod("web-1", ("Deployment", "web"))), Wanted(("shop",))).facts.imported == ()


def test_what_is_not_needed_is_noted_where_it_is_refused() -> None:
    taken = take(Listing(SHOP, refused=("Node", "Secret", "Kafka")), Wanted(("shop",)))
    assert taken.facts.platforms == ()
    assert {line.partition(";")[0] for line in taken.notes} == {
        f"cluster demo: may not list {kind}" for kind in ("Kafka", "Node", "Secret")
    }


def test_what_is_needed_is_refused_all_at_once() -> None:
    with pytest.raises(Hub2GhcrError) as caught:
        take(Listing(SHOP, refused=("Pod", "Deployment", "Node")), Wanted(("shop",)))
    assert caught.value.lines == ("cluster demo: may not list Deployment", "cluster demo: may not list Pod")
    with pytest.raises(Hub2GhcrError) as caught:
        take(Listing(SHOP, refused=("Namespace", "Pod")), Wanted(("shop",), {"a": "b"}))
    assert caught.value.lines == ("cluster demo: may not list Namespace", "cluster demo: may not list Pod")


def test_of_secrets_only_pull_secrets_are_asked_for() -> None:
    cluster = Listing(SHOP)
    shop(cluster)
    asked = {fields for kind, _, _, fields in cluster.asked if kind == "Secret"}
    assert asked == {"type=kubernetes.io/dockerconfigjson", "type=kubernetes.io/dockercfg"}


def test_many_namespaces_are_listed_together_and_few_one_by_one() -> None:
    names = [f"n{index}" for index in range(MANY + 1)]
    objects = [obj("Namespace", name, "") for name in names] + [templated("Deployment", "d", name) for name in names]
    objects.append(templated("Deployment", "d", "foreign"))
    many = Listing(*objects)
    found = take(many, Wanted(names)).facts
    assert [each.name for each in found.namespaces] == names
    assert all(len(each.workloads) == 1 for each in found.namespaces)
    assert [scope for kind, scope, _, _ in many.asked if kind == "Deployment"] == [""]
    few = Listing(*objects)
    take(few, Wanted(names[:2]))
    assert sorted(scope for kind, scope, _, _ in few.asked if kind == "Deployment") == ["n0", "n1"]
    # who may not list the whole cluster asks for each
    narrow = Listing(*objects, only=True)
    take(narrow, Wanted(names))
    assert sorted(scope for kind, scope, _, _ in narrow.asked if kind == "Deployment") == names


def test_a_selector_finds_further_namespaces_but_none_of_the_system() -> None:
    names = ("shop", "kube-system", "openshift-dns", "other")
    cluster = Listing(*(obj("Namespace", name, "") for name in names))
    found = take(cluster, Wanted((), {"b": "2", "a": "1"})).facts
    assert [each.name for each in found.namespaces] == ["other", "shop"]
    assert ("Namespace", "", "a=1,b=2", "") in cluster.asked
    named = take(cluster, Wanted(("kube-system",), {"a": "1"})).facts
    assert [each.name for each in named.namespaces] == ["kube-system", "other", "shop"]


def test_a_namespace_that_is_not_there_is_left_out() -> None:
    assert take(Listing(), Wanted(("shop",))).facts.namespaces == ()


def test_progress_counts_the_lists() -> None:
    told: list[tuple[int, int]] = []
    take(Listing(SHOP), Wanted(("shop",)), observe=lambda done, total: told.append((done, total)))
    assert told[-1][0] == told[-1][1] == len(told)


def test_the_project_of_rancher_s_that_a_namespace_is_in_is_a_fact() -> None:
    inside = obj("Namespace", "shop", "")
    inside["metadata"]["annotations"] = {"field.cattle.io/projectId": "c-abc12:p-xyz34"}
    assert shop(Listing(inside)).project == "c-abc12:p-xyz34"
    assert shop(Listing(SHOP)).project == ""
