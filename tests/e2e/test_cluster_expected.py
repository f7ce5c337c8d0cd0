"""What a run expects of its cluster: previews that need none, surprises that end a run before it changes anything."""

from __future__ import annotations

import base64
import json
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from subprocess import CompletedProcess
from typing import Any

import pytest
import yaml

from hub2ghcr.cluster import Cluster
from lab.accounts import HUB_READER
from lab.kubectl import get, kubectl
from tests.e2e import proving
from tests.e2e.conftest import Lab
from tests.e2e.stack import Stack, lines

pytestmark = [pytest.mark.e2e, pytest.mark.root]

NAME, MADE = "foreseen", "foreseen-made"
"""The stack and the namespace that is there before, and the one that the stack makes."""
HUB, OURS = "nginx:1.27", f"ghcr.io/acme/{NAME}/library/nginx:1.27@"
SECRET = "hub2ghcr-ghcr"


def deployment(name: str, namespace: str = NAME, image: str = HUB) -> dict[str, Any]:
    """A Deployment of one Pod."""
    pod = {"terminationGracePeriodSeconds": 0, "containers": [{"name": "main", "image": image}]}
    return {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": name, "namespace": namespace},
        "spec": {
            "selector": {"matchLabels": {"app": name}},
            "template": {"metadata": {"labels": {"app": name}}, "spec": pod},
        },
    }


class Foreseen(Stack):
    """A stack whose kubeconfig is a file of its own, so that the same settings reach another server, or none."""

    def reach(self, server: str = "") -> None:
        """Lead to a server instead of the lab's."""
        config = json.loads(Path(self.lab.env["KUBECONFIG"]).read_text())
        if server:
            config["clusters"][0]["cluster"]["server"] = server
        (self.folder / "kubeconfig").write_text(json.dumps(config))

    def phase(self, wanted: str) -> None:
        """Set the phase."""
        self.configure({"hub2ghcr:phase": wanted})

    def inventory(self, *flags: str) -> None:
        """Take the inventory."""
        done = self.lab.run("hub2ghcr", "inventory", "-s", NAME, *flags, cwd=self.folder)
        assert done.returncode == 0, done.stderr

    def applied(self) -> None:
        """Apply; it has to work."""
        worked(self.up())
        proving.settle(self.lab.env, NAME)

    @property
    def registries(self) -> set[str]:
        """What the pull Secret opens."""
        (found,) = get(self.lab.env, "secret", SECRET, "-n", NAME)
        return set(json.loads(base64.b64decode(found["data"][".dockerconfigjson"]))["auths"])


@pytest.fixture
def stack(lab: Lab, tmp_path: Path) -> Iterator[Foreseen]:
    """One live Deployment that is patched, one of the stack's own in a namespace that it makes; nothing has run yet."""
    web, own = deployment("web"), deployment("own", MADE)
    proving.deploy(lab.env, NAME, [web])
    kubectl(lab.env, "delete", "namespace", MADE, "--ignore-not-found", "--timeout=60s")
    namespaces = {
        NAME: {"manifests": ["stacks/web.yaml"], "serviceAccounts": ["default"]},
        MADE: {"create": True, "delivery": "own", "manifests": ["stacks/own.yaml"]},
    }
    cluster = {**proving.cluster("lab", str(tmp_path / "kubeconfig")), "namespaces": namespaces}
    (tmp_path / "kubeconfig").write_text(Path(lab.env["KUBECONFIG"]).read_text())
    made = proving.create(lab, tmp_path, NAME, [cluster], {"web": [web], "own": [own]})
    found = Foreseen(lab, tmp_path, made.env, NAME)
    yield found
    found.pulumi("stack", "rm", "--yes", "--force", "--preserve-config")
    kubectl(lab.env, "delete", "namespace", NAME, MADE, "--ignore-not-found", "--wait=false")
    kubectl(lab.env, "delete", "validatingadmissionpolicies,validatingadmissionpolicybindings", "--all")


def worked(done: CompletedProcess[str]) -> None:
    assert done.returncode == 0, done.stdout + done.stderr


def refused(done: CompletedProcess[str]) -> list[str]:
    """The lines of a run that ends before it changes anything."""
    assert done.returncode != 0, done.stdout
    assert "Traceback" not in done.stdout + done.stderr
    return [each.rpartition(" has a problem: ")[2] for each in lines(done)]


@contextmanager
def silent() -> Iterator[str]:
    """The URL of a server that takes connections and says nothing."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        yield f"https://127.0.0.1:{listening.getsockname()[1]}"


CLOSED = "https://127.0.0.1:1"
SILENT = 120
"""Seconds of a preview that waits for a silent server once (41 here, of which Pulumi's provider takes most)."""


def test_a_first_preview_needs_no_cluster_that_an_inventory_describes(stack: Foreseen) -> None:
    stack.inventory()
    stack.phase("cutover")
    stack.reach(CLOSED)
    assert stack.preview()["changeSummary"].keys() == {"create"}
    (stack.folder / "stacks" / f"{NAME}.inventory.yaml").unlink()
    told = refused(stack.pulumi("preview"))
    assert any(each.startswith("cluster lab: is unreachable") for each in told), "the control: nothing describes it"


@pytest.mark.slow
def test_no_preview_needs_a_cluster_that_an_inventory_describes(stack: Foreseen) -> None:
    """First runs and later ones, in every phase there and back, of what is patched, owned and made."""
    stack.inventory()
    for wanted in ("prepare", "cutover", "seal", "prepare"):
        stack.phase(wanted)
        stack.reach(CLOSED)
        foreseen = stack.preview()
        stack.reach()
        assert stack.preview()["changeSummary"] == foreseen["changeSummary"], "a cluster adds nothing"
        stack.applied()
        stack.reach(CLOSED)
        assert stack.preview()["changeSummary"].keys() == {"same"}
        told = refused(stack.up())
        assert any(each.startswith("cluster lab: is unreachable") for each in told), "who applies asks, every time"
    stack.phase("cutover")
    with silent() as server:
        stack.reach(server)
        begun = time.monotonic()
        stack.preview()
        assert time.monotonic() - begun < SILENT


@pytest.mark.slow
def test_what_somebody_changed_is_seen_by_who_applies_and_by_no_preview_with_an_inventory(stack: Foreseen) -> None:
    stack.inventory()
    stack.applied()
    unlist = '{"imagePullSecrets": null}'
    kubectl(stack.lab.env, "patch", "serviceaccount", "default", "-n", NAME, "--type=merge", "-p", unlist)
    assert stack.preview()["changeSummary"].keys() == {"same"}
    done = stack.up()
    worked(done)
    assert "1 updated" in done.stdout, "the control: who applies sees it"


@pytest.mark.slow
def test_a_stale_inventory_ends_a_run_by_name_before_it_changes_anything(stack: Foreseen) -> None:
    """Each surprise by itself: another image, another platform, a workload that is gone; the control is a fresh one."""
    env = stack.lab.env
    stack.inventory()
    stack.phase("cutover")
    file = stack.folder / "stacks" / f"{NAME}.inventory.yaml"
    fresh = file.read_text()

    def told() -> list[str]:
        """One run has both: its preview foresees everything, and then it asks."""
        done = stack.pulumi("up", "--yes")
        found = refused(done)
        assert "Updating" in done.stdout
        assert get(env, "secrets", "-n", NAME, "--field-selector", f"metadata.name={SECRET}") == []
        return found

    kubectl(env, "set", "image", "deployment/web", "main=nginx:1.28", "-n", NAME)
    (line,) = [each for each in told() if "Deployment" in each]
    assert line.startswith(f"cluster lab: Deployment {NAME}/web: container main runs nginx:1.28, and its manifest says")
    kubectl(env, "set", "image", "deployment/web", f"main={HUB}", "-n", NAME)

    facts = yaml.safe_load(fresh)
    facts["clusters"][0]["platforms"] = ["linux/arm64"]
    file.write_text(yaml.safe_dump(facts))
    stack.configure({"hub2ghcr:phase": "prepare"})  # no image has that platform: no plan would switch
    (line,) = [each for each in told() if "Node" in each]
    assert "is linux/amd64, and the plan counts with linux/arm64; run `hub2ghcr inventory`" in line
    file.write_text(fresh)
    stack.phase("cutover")

    kubectl(env, "delete", "deployment", "web", "-n", NAME)
    (line,) = [each for each in told() if "Deployment" in each]
    assert line.startswith(f"cluster lab: Deployment {NAME}/web: does not exist, and a patch would create it")
    proving.deploy(env, NAME, [deployment("web")])
    stack.applied()


ARM = {
    "apiVersion": "v1",
    "kind": "Node",
    "metadata": {"name": "arm"},
    "spec": {"unschedulable": True},
}
NODE_INFO = (
    "machineID", "systemUUID", "bootID", "kernelVersion", "osImage", "containerRuntimeVersion", "kubeletVersion",
    "kubeProxyVersion",
)  # fmt: skip


@pytest.mark.slow
def test_a_node_that_could_run_an_image_and_not_its_copy_is_named_without_an_inventory(stack: Foreseen) -> None:
    """Its lock has one platform of two. Negative control: without such a node the same run works."""
    env = stack.lab.env
    narrow = {"platforms": ["linux/amd64"], "allowNewDigest": True}
    stack.configure({"hub2ghcr:mapping.rules": [{"from": "docker.io/*", "to": f"ghcr.io/acme/{NAME}/*", **narrow}]})
    done = stack.lab.run(
        "hub2ghcr", "lock", "-s", NAME, cwd=stack.folder, HUB2GHCR_SECRET_HUB_PULL_TOKEN=HUB_READER.token
    )
    assert done.returncode == 0, done.stderr
    stack.phase("cutover")
    with Cluster.by_kubeconfig("lab", env["KUBECONFIG"], "lab") as cluster:
        cluster.create(ARM)
        try:
            info = dict.fromkeys(NODE_INFO, "") | {"operatingSystem": "linux", "architecture": "arm64"}
            patch = json.dumps({"status": {"nodeInfo": info}})
            kubectl(env, "patch", "node", "arm", "--subresource=status", "--type=merge", "-p", patch)
            told = [each for each in refused(stack.up()) if "Node arm" in each]
            start = f"cluster lab: namespace {NAME}: ghcr.io/acme/{NAME}/library/nginx:1.27"
            assert told and all(each.startswith("cluster lab: namespace ") for each in told), told
            assert any(
                each.startswith(start) and "is locked for linux/amd64; nodes need linux/arm64 (Node arm)" in each
                for each in told
            ), told
            assert set(proving.images(env, NAME).values()) == {HUB}, "nothing has moved"
        finally:
            cluster.delete("v1", "Node", "", "arm")
    stack.applied()
    assert all(each.startswith(OURS) for each in proving.images(env, NAME).values())


@pytest.mark.slow
def test_what_stays_on_docker_hub_keeps_the_pull_secret_as_it_is(stack: Foreseen) -> None:
    """A seal takes Docker Hub's credential first and asks last: it has to be asked before, and is."""
    env = stack.lab.env
    stack.phase("cutover")
    stack.applied()
    before = stack.registries
    assert any("docker.io" in each for each in before)
    kubectl(env, "apply", "-f", "-", stdin=json.dumps(deployment("stranger")))
    proving.settle(env, NAME)
    stack.phase("seal")
    told = refused(stack.up())
    assert stack.registries == before
    start = f"cluster lab: namespace {NAME}: Deployment stranger: is not sealed: it would start Pods from Docker Hub"
    assert any(each.startswith(start) for each in told), told
    kubectl(env, "delete", "deployment", "stranger", "-n", NAME, "--wait=true")
    proving.until(lambda: len(proving.pods(env, NAME)) == 1, "its Pod is gone")
    stack.applied()
    assert stack.registries == {"ghcr.io"}, "the control: nothing else kept it"


@pytest.mark.slow
def test_a_seal_takes_no_credential_from_what_is_not_switched_yet(stack: Foreseen) -> None:
    """The Secret is written before workloads move: Pods that start in between pull from Docker Hub with it."""
    stack.applied()
    before = stack.registries
    assert any("docker.io" in each for each in before)
    stack.phase("seal")
    (told,) = [each for each in refused(stack.up()) if SECRET in each]
    start = f"cluster lab: Secret {NAME}/{SECRET}: stays as it is: Deployment web would still pull with its entry for"
    assert told.startswith(start)
    assert stack.registries == before
    assert set(proving.images(stack.lab.env, NAME).values()) == {HUB}, "nothing has moved"
    stack.phase("cutover")
    stack.applied()
    stack.phase("seal")
    stack.applied()
    assert stack.registries == {"ghcr.io"}, "the control: nothing else kept it"


@pytest.mark.slow
def test_from_docker_hub_to_the_seal_in_one_run(stack: Foreseen) -> None:
    """What the run itself moves may be on Docker Hub before, where no pull Secret of ours opens that yet."""
    stack.inventory()
    stack.phase("seal")
    stack.applied()
    assert stack.registries == {"ghcr.io"}
    assert all(each.startswith(OURS) for each in proving.images(stack.lab.env, NAME).values())
    assert HUB_READER.token not in json.dumps(stack.state())
