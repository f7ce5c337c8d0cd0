from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from hub2ghcr.cluster import Cluster
from hub2ghcr.errors import ClusterError, Problems, Unavailable
from hub2ghcr.switching import watching
from hub2ghcr.switching.watching import Watched, watch, watch_all
from tests.hub2ghcr.answering import answering
from tests.hub2ghcr.cluster.test_client import write
from tests.hub2ghcr.pretended import Pretended
from tests.hub2ghcr.switching.test_rollout import DEPLOYED, NEW, PARSER, PULL, RACE, pod, workload

WEB = Watched("apps/v1", "Deployment", "web", {"web": NEW})
LATE = Watched("apps/v1", "Deployment", "late", {"web": NEW})
OTHER = Watched("apps/v1", "Deployment", "other", {"web": NEW})


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(watching, "PAUSE", 0.01)


def at_home(found: dict[str, Any], name: str = "") -> dict[str, Any]:
    metadata = {**found["metadata"], "namespace": "shop", "name": name or found["metadata"]["name"]}
    version = "v1" if found["kind"] in ("Pod", "Event") else "apps/v1"
    return {**found, "apiVersion": version, "metadata": metadata}


def event(about: str, told: dict[str, Any], name: str) -> dict[str, Any]:
    return at_home({"kind": "Event", "metadata": {"name": name}, "involvedObject": {"name": about}, **told})


class Later(Pretended):
    """A cluster whose Pods come after the first look at them."""

    def list(self, api_version: str, kind: str, namespace: str = "", *, labels: str = "", fields: str = "") -> Any:
        if kind == "Pod" and "Pod" not in self.written:
            self.written.append("Pod")
            return iter(())
        return super().list(api_version, kind, namespace, labels=labels, fields=fields)


DONE = at_home(workload("Deployment", DEPLOYED, replicas=3))
STUCK = at_home(workload("Deployment", {**DEPLOYED, "updatedReplicas": 1}, replicas=3))
DENIED = at_home(pod(waiting=("ErrImagePull", "desc = 403 Forbidden")))


def test_what_is_done_ends_it_and_notes_are_told() -> None:
    paused = at_home(workload("Deployment", {}, paused=True), "other")
    assert watch(Pretended(DONE, paused), "shop", [WEB, OTHER], 5) == {
        "Deployment other": "it is paused: it rolls out when it is resumed"
    }


def test_a_container_that_cannot_pull_ends_it_at_once() -> None:
    cluster = Later(STUCK, DENIED, event("web-1", PULL, "e1"))
    with pytest.raises(Problems) as failed:
        watch(cluster, "shop", [WEB], 3600)
    assert str(failed.value) == (
        "cluster demo: namespace shop: Deployment web: Pod web-1 on node-1: container web: ErrImagePull: 403 "
        "Forbidden; the registry does not show this image to that credential, or has none of that name; `hub2ghcr "
        "verify -s STACK` tells which images the namespace can pull"
    )


def test_a_pull_that_failed_before_this_run_is_given_another_try() -> None:
    cluster = Pretended(STUCK, DENIED, event("web-1", PULL, "e1"))
    with pytest.raises(Problems, match="has not rolled out within 0 s"):
        watch(cluster, "shop", [WEB], 0)


def test_what_this_run_has_written_to_cannot_have_failed_before_it() -> None:
    """A roll-out that several namespaces share begins after a Pod of the first may have failed."""
    cluster = Pretended(STUCK, DENIED, event("web-1", PULL, "e1"))
    with pytest.raises(Problems, match="ErrImagePull: 403"):
        watch(cluster, "shop", [replace(WEB, fresh=True)], 3600)


MALFORMED = at_home(pod(waiting=(PARSER, PARSER)))
WORDS = {"reason": "Failed", "message": f"Error: {PARSER}"}


def test_a_secret_that_the_kubelet_cannot_read_ends_it_at_once() -> None:
    with pytest.raises(Problems, match="container web: unable to parse auth field"):
        watch(Later(STUCK, MALFORMED, event("web-1", WORDS, "e1")), "shop", [WEB], 3600)


def test_one_that_was_so_before_is_given_another_try_and_no_more() -> None:
    cluster = Pretended(STUCK, MALFORMED, event("web-1", WORDS, "e1"))
    with pytest.raises(Problems, match="has not rolled out within 0 s"):
        watch(cluster, "shop", [WEB], 0)
    found, failed = watching.look(cluster, "shop", [WEB], {"web-1": 0})
    assert (found["Deployment web"].state, list(failed)) == ("waiting", ["Deployment web"])


def test_what_ends_again_and_again_is_told_at_the_end() -> None:
    crashing = at_home(pod(waiting=("CrashLoopBackOff", "back-off 40s restarting failed container")))
    with pytest.raises(
        Problems, match=r"not rolled out within 0 s: 1 of 3.*; Pod web-1 .*CrashLoopBackOff: back-off 40s"
    ):
        watch(Pretended(STUCK, crashing), "shop", [WEB], 0)


def test_the_first_pull_without_its_secret_does_not() -> None:
    cluster = Later(STUCK, DENIED, event("web-1", PULL, "e1"), event("web-1", RACE, "e2"))
    with pytest.raises(Problems, match="has not rolled out within 0 s: 1 of 3 replicas are updated"):
        watch(cluster, "shop", [WEB], 0)


def test_everything_that_is_wrong_is_told_together(monkeypatch: pytest.MonkeyPatch) -> None:
    """Others are heard for a moment after the first, where they may still come to run."""
    own = {"matchLabels": {"app": "late"}}
    late = at_home(workload("Deployment", {**DEPLOYED, "updatedReplicas": 2}, replicas=3, selector=own), "late")
    cluster = Later(STUCK, late, DENIED, event("web-1", PULL, "e1"))
    monkeypatch.setattr(watching, "TOGETHER", 0.05)
    looks: list[int] = []
    plain = watching.look

    def looked(*arguments: Any) -> Any:
        looks.append(1)
        found, failures = plain(*arguments)
        return found, failures if len(looks) == 1 else {
            **failures,
            "Deployment late": [ClusterError("stuck, too", "late")],
        }

    monkeypatch.setattr(watching, "look", looked)
    with pytest.raises(Problems) as failed:
        watch(cluster, "shop", [WEB, LATE], 3600)
    assert [part in str(failed.value) for part in ("403 Forbidden", "stuck, too")] == [True, True]


def test_what_is_gone_is_told_with_the_rest() -> None:
    cluster = Later(STUCK, DENIED, event("web-1", PULL, "e1"))
    with pytest.raises(Problems) as failed:
        watch(cluster, "shop", [WEB, OTHER], 0)
    told = "\n".join(failed.value.lines)
    for part in ("403 Forbidden", "Deployment other: it is gone"):
        assert part in told


def test_what_is_not_watched_may_be_broken() -> None:
    broken = at_home(workload("Deployment", {}), "other")
    assert watch(Pretended(DONE, broken), "shop", [WEB], 5) == {}


class Away(Pretended):
    """A cluster whose API server has no answer the first few times."""

    def __init__(self, error: type[ClusterError], *objects: dict[str, Any]) -> None:
        super().__init__(*objects)
        self.error = error

    def list(self, api_version: str, kind: str, namespace: str = "", *, labels: str = "", fields: str = "") -> Any:
        if len(self.written) < 3:
            self.written.append("asked")
            raise self.error("is unreachable (refused)", "cluster demo", "https://server", "is it up?")
        return super().list(api_version, kind, namespace, labels=labels, fields=fields)


def test_an_api_server_that_restarts_is_waited_for() -> None:
    cluster = Away(Unavailable, DONE)
    assert watch(cluster, "shop", [WEB], 60) == {}
    assert len(cluster.written) == 3


def test_one_that_stays_away_is_told_at_the_end() -> None:
    with pytest.raises(ClusterError) as failed:
        watch(Away(Unavailable, DONE), "shop", [WEB], 0.015)
    assert str(failed.value) == (
        "cluster demo: namespace shop: has not rolled out within 0 s: the API server is unreachable (refused):"
        " 'https://server'; is it up?"
    )


def test_whatever_else_a_cluster_says_is_told_at_once() -> None:
    """Negative control: who may not ask, say, will not be answered later."""

    cluster = Away(ClusterError, DONE)
    with pytest.raises(ClusterError, match=r"^cluster demo: is unreachable"):
        watch(cluster, "shop", [WEB], 3600)
    assert len(cluster.written) == 1


def test_a_roll_out_outlasts_a_server_that_restarts(tmp_path: Path) -> None:
    """On the loopback: it is gone between two looks, and comes back with what has rolled out since."""

    def api(deployment: dict[str, Any]) -> dict[str, Any]:
        core = (("pods", "Pod"), ("events", "Event"))
        return {
            "/apis/apps/v1": {"resources": [{"name": "deployments", "kind": "Deployment", "namespaced": True}]},
            "/api/v1": {"resources": [{"name": name, "kind": kind, "namespaced": True} for name, kind in core]},
            "/apis/apps/v1/namespaces/shop/deployments?limit=500": {"items": [deployment]},
            "/api/v1/namespaces/shop/pods?limit=500": {"items": []},
        }

    with ExitStack() as first, ThreadPoolExecutor(1) as pool:
        server = first.enter_context(answering(api(STUCK)))
        cluster = Cluster.by_kubeconfig("demo", write(tmp_path, server.url), "lab")
        rolled_out = pool.submit(watch, cluster, "shop", [WEB], 30)
        while not any("deployments?" in each for each in server.asked):
            time.sleep(0.01)
        first.close()
        time.sleep(0.5)
        assert not rolled_out.done()
        with answering(api(DONE), int(server.url.rpartition(":")[2])):
            assert rolled_out.result(30) == {}


def elsewhere(found: dict[str, Any]) -> dict[str, Any]:
    return {**found, "metadata": {**found["metadata"], "namespace": "web"}}


def test_of_many_namespaces_what_is_to_be_said_is_told_by_namespace() -> None:
    paused = elsewhere(at_home(workload("Deployment", {}, paused=True), "other"))
    assert watch_all(Pretended(DONE, paused), {"web": [OTHER], "shop": [WEB]}, 5) == {
        "shop": {},
        "web": {"Deployment other": "it is paused: it rolls out when it is resumed"},
    }


def test_a_namespace_that_fails_ends_it_for_those_that_still_roll_out(monkeypatch: pytest.MonkeyPatch) -> None:
    """They would take an hour, and what failed is told at once."""
    monkeypatch.setattr(watching, "TOGETHER", 0.05)
    cluster = Pretended(elsewhere(STUCK))
    with pytest.raises(Problems) as failed:
        watch_all(cluster, {"web": [WEB], "shop": [WEB]}, 3600)
    assert [each.path for each in failed.value.problems] == ["cluster demo: namespace shop: Deployment web"]


def test_all_namespaces_that_fail_are_told_of() -> None:
    with pytest.raises(Problems) as failed:
        watch_all(Pretended(), {"web": [WEB], "shop": [WEB]}, 3600)
    assert [each.path for each in failed.value.problems] == [
        f"cluster demo: namespace {each}: Deployment web" for each in ("shop", "web")
    ]
