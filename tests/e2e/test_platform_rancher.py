"""Registry credentials of a project of Rancher's, on real API servers and a real kubelet.

Rancher does not run here. What it would do is one controller's work, of which `tests.e2e.rancher_controller` is a
stand-in; its cluster is a second API server, as it is for most people.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from hub2ghcr.cluster import Cluster
from lab import node_images, second_cluster
from lab.accounts import CLUSTER_DEMO, HUB_READER, MIGRATION
from lab.kubectl import get, kubectl
from tests.e2e import proving, rancher_controller
from tests.e2e.conftest import Lab
from tests.e2e.stack import Stack, lines

pytestmark = [pytest.mark.e2e, pytest.mark.root]

CLUSTER, PROJECT = "c-abc12", "p-xyz34"
ID, BACKING = f"{CLUSTER}:{PROJECT}", f"{CLUSTER}-{PROJECT}"
SECRET = "hub2ghcr-project"
SHOP, JOBS, LATER, ASIDE = "rancher-shop", "rancher-jobs", "rancher-later", "rancher-aside"


@dataclass(frozen=True)
class Clusters:
    """Rancher's own cluster and the one that runs the workloads, which it calls ``c-abc12``."""

    lab: Lab
    kubeconfig: Path
    management: Cluster
    downstream: Cluster

    @contextmanager
    def copying(self) -> Iterator[None]:
        with rancher_controller.running(self.management, self.downstream, CLUSTER):
            yield


@pytest.fixture(scope="module")
def clusters(lab: Lab, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Clusters]:
    state = tmp_path_factory.mktemp("rancher")
    kubeconfig = second_cluster.up(state, lab.state, lab.tools, nodes="kwok")
    rancher_controller.install(str(kubeconfig), "v2.12.1", *rancher_controller.project(CLUSTER, PROJECT))
    with (
        Cluster.by_kubeconfig("management", str(kubeconfig), "lab") as management,
        Cluster.by_kubeconfig("downstream", lab.env["KUBECONFIG"], "lab") as downstream,
    ):
        yield Clusters(lab, kubeconfig, management, downstream)
    second_cluster.down(state)


def join(clusters: Clusters, *namespaces: str) -> None:
    """Move namespaces into the project, as Rancher's interface does."""
    for name in namespaces:
        kubectl(clusters.lab.env, "annotate", "namespace", name, f"{rancher_controller.PROJECT}={ID}", "--overwrite")


def worker(namespace: str) -> dict[str, Any]:
    """A workload as `kubectl` makes it: on a private image of Docker Hub, by the pull Secret that it lists."""
    return proving.application(namespace)[2]


@pytest.fixture
def stack(clusters: Clusters, many_pulls: None, tmp_path: Path) -> Iterator[Stack]:
    """Two namespaces of one project on Docker Hub images, a third beside them, and a stack in phase ``prepare``."""
    lab = clusters.lab
    node_images.forget(lab.state)
    for name in (SHOP, JOBS, ASIDE):
        proving.deploy(lab.env, name, [worker(name)] if name != ASIDE else [])
    join(clusters, SHOP, JOBS, ASIDE)
    place = proving.cluster("lab", lab.env["KUBECONFIG"])
    place["namespaces"] = {name: {"manifests": [f"stacks/{name}.yaml"]} for name in (SHOP, JOBS)}
    place["rancher"] = {
        "kubeconfig": str(clusters.kubeconfig),
        "context": "lab",
        "projects": {ID: {"namespaces": [SHOP, JOBS]}},
    }
    made = proving.create(lab, tmp_path, "rancher", [place], {name: [worker(name)] for name in (SHOP, JOBS)})
    yield made
    made.pulumi("stack", "rm", "--yes", "--force", "--preserve-config")
    kubectl(lab.env, "delete", "namespace", SHOP, JOBS, ASIDE, LATER, "--ignore-not-found", "--wait=false")
    clusters.management.delete("v1", "Secret", BACKING, SECRET)
    kubectl(lab.env, "delete", "validatingadmissionpolicies,validatingadmissionpolicybindings", "--all")


def phase(stack: Stack, wanted: str) -> Any:
    if wanted == "cutover":
        node_images.forget_hub(stack.lab.state)
    stack.configure({"hub2ghcr:phase": wanted})
    return stack.up()


def opens(secret: dict[str, Any] | None) -> dict[str, str]:
    """Whose token a Secret holds for each registry."""
    assert secret is not None
    found = json.loads(base64.b64decode(secret["data"][".dockerconfigjson"]))["auths"]
    return {host: each["username"] for host, each in found.items()}


@pytest.mark.slow
def test_two_namespaces_of_a_project_pull_with_the_copy_and_one_that_comes_later_does_too(
    clusters: Clusters, stack: Stack
) -> None:
    env = clusters.lab.env
    with clusters.copying():
        for wanted in ("prepare", "cutover"):
            done = phase(stack, wanted)
            assert done.returncode == 0, done.stdout + done.stderr
        for name in (SHOP, JOBS):
            proving.settle(env, name)
            images = proving.images(env, name)
            assert images["worker/worker"].startswith("ghcr.io/acme/rancher/acme/worker:3.1@"), images
            listed = proving.templates(env, name)["worker"]["spec"]["imagePullSecrets"]
            assert {"name": SECRET} in listed
            ours = [each for each in get(env, "secrets", "-n", name) if each["metadata"]["name"].startswith("hub2ghcr")]
            assert [each["metadata"]["name"] for each in ours] == [SECRET]
            assert ours[0]["metadata"]["annotations"][rancher_controller.COPY] == "true"
        proving.until(
            lambda: all(proving.running_from(env, name) == {"ghcr.io/acme/rancher/acme"} for name in (SHOP, JOBS)),
            "both run what came from GHCR",
        )
        assert opens(clusters.management.get("v1", "Secret", BACKING, SECRET))["ghcr.io"] == CLUSTER_DEMO.user
        assert CLUSTER_DEMO.token not in json.dumps(stack.state())

        kubectl(env, "create", "namespace", LATER)
        join(clusters, LATER)
        target = proving.images(env, SHOP)["worker/worker"]
        found = worker(LATER)
        found["spec"]["template"]["spec"] |= {
            "imagePullSecrets": [{"name": SECRET}],
            "containers": [proving.served("worker", target)],
        }
        kubectl(env, "apply", "-f", "-", stdin=json.dumps(found))
        proving.settle(env, LATER)

        # a copy that somebody deletes is no event to Rancher: the next run lets it copy again
        kubectl(env, "delete", "secret", SECRET, "-n", SHOP)
        done = stack.up()
        assert done.returncode == 0, done.stdout + done.stderr
        proving.until(lambda: clusters.downstream.get("v1", "Secret", SHOP, SECRET) is not None, "the copy is back")
        again = stack.up()
        assert "unchanged" in again.stdout and "updated" not in again.stdout, again.stdout

        # a token that opens nothing reaches neither the project's Secret nor a copy
        set_ = stack.pulumi("config", "set", "--secret", "hub2ghcr:ghcrClusterDemoToken", "opens-nothing")
        assert set_.returncode == 0, set_.stderr
        refused = stack.up()
        assert refused.returncode != 0
        assert any(f"Secret {SHOP}/{SECRET}: stays as it is" in line for line in lines(refused)), lines(refused)
        assert "opens-nothing" not in refused.stdout + refused.stderr
        kept = clusters.management.get("v1", "Secret", BACKING, SECRET)
        assert kept is not None
        assert CLUSTER_DEMO.token in base64.b64decode(kept["data"][".dockerconfigjson"]).decode()


@pytest.mark.slow
def test_a_new_token_a_seal_and_leaving_reach_the_copies(clusters: Clusters, stack: Stack) -> None:
    """The lab's accounts have one token each: another account that may pull stands for a renewed token."""
    env, hub = clusters.lab.env, "https://index.docker.io/v1/"

    def copies() -> list[dict[str, str]]:
        found = (clusters.downstream.get("v1", "Secret", name, SECRET) for name in (SHOP, JOBS))
        return [opens(each) for each in found if each is not None]

    def opened(wanted: dict[str, str]) -> None:
        assert opens(clusters.management.get("v1", "Secret", BACKING, SECRET)) == wanted
        proving.until(lambda: copies() == [wanted, wanted], "the copies open the same")

    def done(wanted: str) -> None:
        found = phase(stack, wanted)
        assert found.returncode == 0, found.stdout + found.stderr

    with clusters.copying():
        done("prepare")
        opened({"ghcr.io": CLUSTER_DEMO.user, hub: HUB_READER.user})
        done("cutover")
        stack.configure({"hub2ghcr:credentials.ghcr-cluster-demo.username": MIGRATION.user})
        set_ = stack.pulumi("config", "set", "--secret", "hub2ghcr:ghcrClusterDemoToken", MIGRATION.token)
        assert set_.returncode == 0, set_.stderr
        done("cutover")
        opened({"ghcr.io": MIGRATION.user, hub: HUB_READER.user})
        assert MIGRATION.token not in json.dumps(stack.state())
        done("seal")
        opened({"ghcr.io": MIGRATION.user})
        for name in (SHOP, JOBS):
            proving.settle(env, name)
            assert proving.images(env, name)["worker/worker"].startswith("ghcr.io/acme/rancher/acme/worker:3.1@")

        done("prepare")
        opened({"ghcr.io": MIGRATION.user, hub: HUB_READER.user})
        gone = stack.pulumi("destroy", "--yes", "--skip-preview")
        assert gone.returncode == 0, gone.stdout + gone.stderr
        assert clusters.management.get("v1", "Secret", BACKING, SECRET) is None
        kubectl(env, "label", "namespace", SHOP, JOBS, "seen=again", "--overwrite")  # Rancher looks at what changes
        proving.until(lambda: copies() == [], "the copies are gone")


@pytest.mark.slow
def test_without_rancher_s_controller_nothing_is_switched_and_the_run_says_why(
    clusters: Clusters, stack: Stack
) -> None:
    """Negative control of the copies: the stand-in does not run."""
    env = clusters.lab.env
    before = proving.generations(env, SHOP)
    done = phase(stack, "cutover")
    assert done.returncode != 0
    wanted = {
        f"cluster lab, namespace {name}: Rancher has not copied Secret {SECRET} of project: '{ID}'; is Rancher up, and "
        f"the cluster «Active» in it? It copies within seconds; see Storage > Secrets of namespace {name}, then run "
        "again"
        for name in (SHOP, JOBS)
    }
    told = {line[line.index("cluster lab") :] for line in lines(done) if "Rancher has not copied" in line}
    assert told and told <= wanted, lines(done)
    assert proving.generations(env, SHOP) == before


@pytest.mark.slow
def test_every_clash_is_told_at_once_and_nothing_is_written(clusters: Clusters, stack: Stack) -> None:
    """In a namespace that is migrated, in one of the project that is not, and where the Secret is to lie."""
    env = clusters.lab.env
    mine = proving.pull_secret(SECRET, SHOP, {"example.org": CLUSTER_DEMO})
    kubectl(env, "apply", "-f", "-", stdin=json.dumps(mine))
    kubectl(env, "apply", "-f", "-", stdin=json.dumps({**mine, "metadata": {"name": SECRET, "namespace": ASIDE}}))
    clusters.management.create({**mine, "metadata": {"name": SECRET, "namespace": BACKING}}, manager="somebody")
    kubectl(env, "annotate", "namespace", JOBS, f"{rancher_controller.PROJECT}-")
    with clusters.copying():
        done = phase(stack, "prepare")
    assert done.returncode != 0
    told = "\n".join(lines(done))
    for place in (
        f"cluster of Rancher (lab): Secret {BACKING}/{SECRET}: already exists, managed by somebody",
        f"cluster lab: Secret {SHOP}/{SECRET}: already exists, managed by kubectl-client-side-apply, and Rancher",
        f"cluster lab: Secret {ASIDE}/{SECRET}: already exists, managed by kubectl-client-side-apply, and Rancher",
        f"cluster lab: Namespace {JOBS}: is in no project, and the plan counts with: '{ID}'",
    ):
        assert place in told, told
    assert opens(clusters.downstream.get("v1", "Secret", SHOP, SECRET)) == {"example.org": CLUSTER_DEMO.user}
    assert clusters.downstream.get("v1", "Secret", JOBS, SECRET) is None
    assert opens(clusters.management.get("v1", "Secret", BACKING, SECRET)) == {"example.org": CLUSTER_DEMO.user}
