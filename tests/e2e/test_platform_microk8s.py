"""What MicroK8s' users have beside Docker Hub, on the lab's real containerd and kubelet.

An image that was imported on the node is recognised, left alone, and moved on request. The registry add-on is a real
registry without TLS, of the test's own: on loopback, and under the node's address, as from outside.
"""

from __future__ import annotations

import json
import socket
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import httpx
import pytest
import yaml

from hub2ghcr.cluster import Cluster
from hub2ghcr.switching.rollout import Stranded, stranded
from lab import images, node_images
from lab.identity import identity
from lab.kubectl import get, kubectl
from tests.e2e import proving
from tests.e2e.conftest import Lab
from tests.e2e.stack import Stack

pytestmark = [pytest.mark.e2e, pytest.mark.root]

SPACE = "e2e-microk8s"
LOCAL = "docker.io/library/mynginx:local"


def deployment(name: str, image: str, **container: Any) -> dict[str, Any]:
    spec = {"containers": [{"name": name, "image": image, **container}], "terminationGracePeriodSeconds": 1}
    return {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": name, "namespace": SPACE},
        "spec": {
            "selector": {"matchLabels": {"app": name}},
            "template": {"metadata": {"labels": {"app": name}}, "spec": spec},
        },
    }


def project(lab: Lab, folder: Path, name: str, *documents: dict[str, Any]) -> Stack:
    """A stack of one namespace, which is deployed, with an inventory; all of Docker Hub has a rule."""
    proving.deploy(lab.env, SPACE, documents)
    settings = {"manifests": ["stacks/first.yaml"]}
    cluster = proving.cluster("lab", lab.env["KUBECONFIG"], **{SPACE.replace("-", "_"): settings})
    stack = proving.create(lab, folder, name, [cluster], {"first": [deployment("web", "nginx:1.27")]})
    (folder / "stacks" / "apps.yaml").write_text(yaml.safe_dump_all(documents))
    stack.configure({f"hub2ghcr:clusters.0.namespaces.{SPACE}.manifests": ["stacks/apps.yaml"]})
    taken = hub2ghcr(stack, "inventory")
    assert taken.returncode == 0, taken.stderr
    return stack


def hub2ghcr(stack: Stack, command: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    kubeconfig = stack.env["KUBECONFIG"]
    return stack.lab.run("hub2ghcr", command, "-s", stack.name, *arguments, cwd=stack.folder, KUBECONFIG=kubeconfig)


def ruled(stack: Stack, *rules: dict[str, Any], exclude: tuple[str, ...] = ()) -> None:
    stays = [{"match": each, "reason": "stays"} for each in exclude]
    stack.configure({"hub2ghcr:mapping": {"rules": list(rules), "exclude": stays}})


def phase(stack: Stack, wanted: str) -> None:
    stack.configure({"hub2ghcr:phase": wanted})
    done = stack.up()
    assert done.returncode == 0, done.stdout + done.stderr


def waiting(lab: Lab, name: str, kind: str = "") -> Stranded:
    """Wait until the one container of a Pod cannot start, and return what is told of it."""

    def found() -> Stranded | None:
        with Cluster.by_kubeconfig("lab", lab.env["KUBECONFIG"], "lab") as cluster:
            pods = [each for each in cluster.list("v1", "Pod", SPACE) if each["metadata"]["name"].startswith(name)]
        return next((each for each in stranded(pods) if kind in each.said), None)

    proving.until(found, f"Pod {name} waits")
    told = found()
    assert told is not None
    return told


@pytest.mark.slow
def test_an_imported_image_is_left_alone_and_moves_on_request(lab: Lab, many_pulls: None, tmp_path: Path) -> None:
    stack = project(lab, tmp_path, "microk8s", deployment("proxy", "mynginx:local", imagePullPolicy="Never"))
    (cluster,) = yaml.safe_load((tmp_path / "stacks" / "microk8s.inventory.yaml").read_text())["clusters"]
    assert cluster["imported"] == [LOCAL]

    # left alone, though a rule has all of Docker Hub: nothing is locked, and the plan and the scan say why
    reason = "imported on the nodes of lab: no registry is known to hold it"
    assert hub2ghcr(stack, "lock").returncode == 0
    plan = hub2ghcr(stack, "plan").stdout
    assert f"stays: {reason}" in plan and f"images export mynginx.tar {LOCAL}`" in plan
    assert reason in hub2ghcr(stack, "scan", "stacks/apps.yaml").stdout
    # negative control: who knows nothing of the node takes it for Docker Hub's
    kept = (tmp_path / "stacks" / "microk8s.inventory.yaml").rename(tmp_path / "kept.yaml")
    assert "no such image" in hub2ghcr(stack, "lock").stderr
    kept.rename(tmp_path / "stacks" / "microk8s.inventory.yaml")

    # a rule of its own asks for it, and the export on the node brings it
    own = {"from": "mynginx", "to": "ghcr.io/acme/microk8s/mynginx"}
    narrow = {"platforms": ["linux/amd64"], "allowNewDigest": True}  # the node has the platform that it runs
    ruled(stack, {**own, **narrow}, {"from": "docker.io/*", "to": "ghcr.io/acme/microk8s/*"})
    refused = hub2ghcr(stack, "lock").stderr
    command = refused.split("`")[1].split()
    socket_ = identity(lab.state.resolve()).runtime / "containerd.sock"
    exported = subprocess.run(
        [command[0], "--address", str(socket_), *command[1:]], cwd=tmp_path, capture_output=True, text=True, timeout=60
    )
    assert exported.returncode == 0, (refused, exported.stderr)
    stack.configure({"hub2ghcr:images.archives": ["mynginx.tar"]})
    locked = hub2ghcr(stack, "lock")
    assert locked.returncode == 0, locked.stderr
    assert "its copy is not pulled" in hub2ghcr(stack, "plan").stdout
    stack.configure({f"hub2ghcr:clusters.0.namespaces.{SPACE}.imagePullPolicy": "IfNotPresent"})
    phase(stack, "cutover")
    assert proving.images(lab.env, SPACE)["proxy/proxy"].startswith("ghcr.io/acme/microk8s/mynginx:local@sha256:")
    assert any("ghcr.io/acme/microk8s/mynginx" in each for each in node_images.held(lab.state))
    pulled = [each["message"] for each in get(lab.env, "events", "-n", SPACE) if each["reason"] == "Pulled"]
    assert any('pulled image "ghcr.io/acme/microk8s/mynginx' in each for each in pulled), pulled

    # and back: the node has it still
    phase(stack, "prepare")
    assert proving.images(lab.env, SPACE)["proxy/proxy"] == "mynginx:local"


@dataclass(frozen=True)
class AddOn:
    """A registry without TLS, under its two names: from the node, and from outside."""

    node: str
    outside: str

    def push(self, repository: str, tag: str) -> None:
        with httpx.Client(base_url=f"http://{self.node}", timeout=20, trust_env=False) as client:
            images.push(client, repository, tag, images.make(f"{repository}:{tag}"))


@pytest.fixture(scope="module")
def addon(lab: Lab, tmp_path_factory: pytest.TempPathFactory) -> Iterator[AddOn]:
    """One real registry, of the test's own; two processes serve its one store, each at one address."""
    folder = tmp_path_factory.mktemp("addon")
    gateway = identity(lab.state.resolve()).gateway
    with socket.socket() as probe:
        probe.bind((gateway, 0))
        port = probe.getsockname()[1]
    running: list[subprocess.Popen[bytes]] = []
    try:
        for address in ("127.0.0.1", gateway):
            file = folder / f"{address}.json"
            store = {"filesystem": {"rootdirectory": str(folder / "store")}}
            settings = {"version": "0.1", "storage": store, "http": {"addr": f"{address}:{port}"}}
            file.write_text(json.dumps({**settings, "log": {"level": "error", "accesslog": {"disabled": True}}}))
            program = str(lab.tools.program("registry"))
            log = (folder / f"{address}.log").open("wb")
            env = {"OTEL_TRACES_EXPORTER": "none"}
            running.append(subprocess.Popen([program, "serve", str(file)], stdout=log, stderr=log, env=env))
            proving.until(partial(_answers, f"http://{address}:{port}/v2/"), "the registry answers")
        yield AddOn(f"localhost:{port}", f"{gateway}:{port}")
    finally:
        for each in running:
            each.terminate()
            each.wait(10)


def _answers(url: str) -> bool:
    try:
        return httpx.get(url, timeout=2, trust_env=False).status_code == 200
    except httpx.HTTPError:
        return False


def test_what_a_kubelet_says_is_explained_and_the_setting_that_it_leads_to_helps(
    lab: Lab, many_pulls: None, addon: AddOn
) -> None:
    """Three messages of the real kubelet and containerd; the last one ends with what the command writes."""
    addon.push("shop", "1")
    host = addon.outside
    proving.deploy(lab.env, SPACE, [])
    stuck = [
        deployment("never", "ghcr.io/acme/absent:1", imagePullPolicy="Never"),
        deployment("plain", f"{host}/shop:1"),
        deployment("denied", "ghcr.io/acme/absent:1"),
    ]
    kubectl(lab.env, "apply", "-f", "-", stdin=json.dumps({"apiVersion": "v1", "kind": "List", "items": stuck}))
    never, plain, denied = (
        waiting(lab, "never-"),
        waiting(lab, "plain-", "HTTPS client"),
        waiting(lab, "denied-", "403"),
    )
    assert never.reason == "ErrImageNeverPull" and "`imagePullPolicy: IfNotPresent`" in never.remedy
    assert "server gave HTTP response to HTTPS client" in plain.message
    assert f"`hub2ghcr insecure {host}`" in plain.remedy
    assert "no pull Secret of the Pod opens this registry" in denied.remedy, denied.message

    certs = lab.state / "node" / "certs.d"
    command = [sys.executable, "-m", "hub2ghcr", "insecure", host, "--certs-d", str(certs), "--in-place"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0 and "no restart" in done.stdout, done.stderr
    kubectl(lab.env, "delete", "pods", "-n", SPACE, "-l", "app=plain", "--wait=false")  # its back-off grows by minutes
    kubectl(lab.env, "rollout", "status", "deployment/plain", "-n", SPACE, "--timeout=60s")


@pytest.mark.slow
def test_the_add_on_is_one_source_and_one_copy_under_its_names(
    lab: Lab, many_pulls: None, addon: AddOn, tmp_path: Path
) -> None:
    addon.push("edge", "1")
    certs = lab.state / "node" / "certs.d"
    command = [sys.executable, "-m", "hub2ghcr", "insecure", addon.outside, "--certs-d", str(certs), "--in-place"]
    assert subprocess.run(command, timeout=60, check=False).returncode == 0
    apps = [deployment("inside", f"{addon.node}/edge:1"), deployment("outside", f"{addon.outside}/edge:1")]
    stack = project(lab, tmp_path, "addon", *apps)
    rule = {"from": f"{addon.node}/*", "to": "ghcr.io/acme/addon/*"}

    # negative control: undeclared they are two sources, of one target
    ruled(stack, rule, {**rule, "from": f"{addon.outside}/*"})
    assert "two sources would share one target" in hub2ghcr(stack, "lock").stderr

    ruled(stack, rule)
    registries = yaml.safe_load(stack.file.read_text())["config"]["hub2ghcr:registries"]
    declared = {"endpoint": f"http://{addon.outside}", "aliases": [addon.outside]}
    stack.configure({"hub2ghcr:registries": {**registries, addon.node: declared}})
    locked = hub2ghcr(stack, "lock", "--output", "json")
    assert locked.returncode == 0, locked.stderr
    entries = yaml.safe_load((tmp_path / "images.lock.yaml").read_text())["images"]
    assert [each["source"] for each in entries if "edge" in each["target"]] == [f"{addon.node}/edge:1"]
    phase(stack, "cutover")
    found = proving.images(lab.env, SPACE)
    assert found["inside/inside"] == found["outside/outside"]
    assert found["inside/inside"].startswith("ghcr.io/acme/addon/edge:1@sha256:")

    # and back: each has the name that its author gave it, and the node pulls by that name
    phase(stack, "prepare")
    found = proving.images(lab.env, SPACE)
    assert (found["inside/inside"], found["outside/outside"]) == (f"{addon.node}/edge:1", f"{addon.outside}/edge:1")
