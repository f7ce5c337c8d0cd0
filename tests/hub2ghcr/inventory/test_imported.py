"""Which images somebody put on nodes by hand, as nodes and Pods tell it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from hub2ghcr.inventory import ClusterFacts, Inventory, NamespaceFacts, RunningFacts, WorkloadFacts, imported
from hub2ghcr.inventory.imported import Imported
from hub2ghcr.lock import Lock
from tests.hub2ghcr.conftest import entry

DIGEST = f"sha256:{'a' * 64}"
LOCAL = "docker.io/library/mynginx:local"


@pytest.mark.parametrize(
    ("nodes", "pods", "found"),
    [
        # what a kubelet tells of containerd: with a digest where it was pulled
        ([[LOCAL]], [], (LOCAL,)),
        ([[f"docker.io/library/mynginx@{DIGEST}", LOCAL]], [], ()),
        ([[f"docker.io/library/nginx@{DIGEST}", "docker.io/library/nginx:1.27", LOCAL]], [], (LOCAL,)),
        # of Docker: short names
        ([["mynginx:local"]], [], (LOCAL,)),
        ([["<none>:<none>"], [f"docker.io/library/mynginx@{DIGEST}"]], [], ()),
        # one node pulled what another one was given
        ([[LOCAL], [f"docker.io/library/mynginx@{DIGEST}", LOCAL]], [], ()),
        # Pods: the identity of a loaded image, and what the list of a node left out
        ([], [("mynginx:local", DIGEST)], (LOCAL,)),
        ([], [("mynginx:local", f"docker://{DIGEST}")], (LOCAL,)),
        ([], [("mynginx:local", f"docker.io/library/mynginx@{DIGEST}")], ()),
        ([[LOCAL]], [("mynginx:local", f"docker-pullable://mynginx@{DIGEST}")], ()),
        # the runtime tells of one content by the first name that it had there
        ([[LOCAL]], [("mynginx:local", f"docker.io/library/nginx@{DIGEST}")], (LOCAL,)),
        # cri-o tells the identity of everything
        ([], [("mynginx:local", "a" * 64)], ()),
        ([], [(f"mynginx:local@{DIGEST}", DIGEST), ("{{ image }}", DIGEST)], ()),
    ],
)
def test_an_image_that_no_node_pulled_was_imported(
    nodes: list[list[str]], pods: list[tuple[str, str]], found: tuple[str, ...]
) -> None:
    gathered = Imported()
    for names in nodes:
        gathered.on_node(names)
    for pod in pods:
        gathered.in_pod(*pod)
    assert gathered.among(["mynginx:local", "nginx:1.27", "{{ image }}"], Lock()) == found


def test_what_no_workload_names_is_not_listed() -> None:
    gathered = Imported()
    gathered.on_node(["docker.io/library/pause:3.9"])
    assert gathered.among(["nginx:1.27"], Lock()) == ()


@pytest.mark.parametrize(("origin", "found"), [("docker.io", ()), ("archive:mynginx.tar", (LOCAL,))])
def test_what_the_lock_has_from_a_registry_may_be_given_to_nodes_all_the_same(
    origin: str, found: tuple[str, ...]
) -> None:
    """Else what moved already would go back as soon as somebody loads it on a node."""
    gathered = Imported()
    gathered.on_node([LOCAL])
    locked = entry(LOCAL, "ghcr.io/acme/mynginx:local")
    locked = replace(locked, resolved=replace(locked.resolved, source=origin))
    assert gathered.among(["mynginx:local"], Lock((locked,))) == found


def cluster(name: str, *images: str, runs: str = "") -> ClusterFacts:
    running = (RunningFacts("mynginx:local", runs),)
    there = NamespaceFacts("shop", workloads=(WorkloadFacts("apps/v1", "Deployment", "web", running=running),))
    return ClusterFacts(name, namespaces=(there,), imported=images)


def test_clusters_are_told_together() -> None:
    assert imported(Inventory((cluster("a", LOCAL), cluster("b", LOCAL)))) == {LOCAL: "the nodes of a, b"}


def test_one_that_another_cluster_pulled_is_in_a_registry() -> None:
    assert imported(Inventory((cluster("a", LOCAL, runs=DIGEST), cluster("b")))) == {LOCAL: "the nodes of a"}
    assert imported(Inventory((cluster("a", LOCAL), cluster("b", runs=DIGEST)))) == {}
