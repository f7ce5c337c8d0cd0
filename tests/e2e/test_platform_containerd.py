"""Nodes that pull Docker Hub's names from GHCR: real containerd reads what we write, and no workload changes.

The files are tried on a containerd by itself, asked as a kubelet asks; the DaemonSet on the lab's own node.
"""

from __future__ import annotations

import base64
import io
import os
import subprocess
import tarfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from hub2ghcr.credential_ref import CredentialRef
from hub2ghcr.credentials import Credential
from hub2ghcr.platforms.containerd import NodeMirror, Route, daemonset
from hub2ghcr.platforms.containerd.files import files
from lab import images, node_images, oci, registries, registry_admin, toolchain
from lab.accounts import CLUSTER_DEMO, HUB_READER
from lab.elf import PROGRAMS
from lab.identity import identity
from lab.kubectl import get, kubectl
from lab.toolchain import debian
from tests.e2e import cri, proving
from tests.e2e.conftest import Lab
from tests.e2e.stack import Stack

pytestmark = [pytest.mark.e2e, pytest.mark.root]

SHOP, NGINX = "docker.io/acme/shop:1.4.2", "docker.io/library/nginx:1.27"
LOGIN = CredentialRef("ghcr-nodes", CLUSTER_DEMO.user, "token")
TOKEN = Credential(CLUSTER_DEMO.user, CLUSTER_DEMO.token)
NAMESPACE = "mirrored"
SHELL = "localhost/hub2ghcr/shell:1"
"""An image with ``sh``, imported on the node: no registry has it."""


@pytest.fixture(scope="module")
def ghcr(lab_state: Path, lab_registries: Mapping[str, str]) -> str:
    """GHCR's URL; it has one image of Docker Hub below acme/public, one below acme/closed, one under its own name."""
    repositories = {
        "acme/public/library/nginx": "library/nginx:1.27",
        "acme/closed/acme/shop": "acme/shop:1.4.2",
        "acme/shop": "acme/shop:1.4.2",
    }
    with images.behind(lab_state, "ghcr", *repositories, subject="acme-admin") as client:
        for repository, name in repositories.items():
            images.push(client, repository, name.partition(":")[2], images.make(name))
            registry_admin.set_visibility(
                lab_state, "ghcr", repository, "public" if "/public/" in repository else "private"
            )
    return lab_registries["ghcr"]


@pytest.fixture
def hub_down(ghcr: str, lab_state: Path, lab_tools: toolchain.Toolchain) -> Iterator[None]:
    """Docker Hub does not answer."""
    with registries.unplugged(lab_state, "hub", lab_tools):
        yield


@pytest.fixture
def node(ghcr: str, lab_registries: Mapping[str, str], tmp_path: Path) -> Callable[..., Any]:
    """A containerd with the files of a mirror, as people put them on a node."""
    debian.ensure(["containerd"])
    mirror = NodeMirror("containerd", 1, str(tmp_path / "certs.d"), "files", True, True, ())

    def made(target: str, *, fallback: bool = True, credential: Credential | None = None) -> Any:
        route = Route("docker.io", target, ghcr, lab_registries["hub"])
        wanted = replace(mirror, fallback=fallback, routes=(route,), login=LOGIN if credential else None)
        config = ""
        for each in files(wanted, credential):
            if each.part:
                config += each.text
            else:
                Path(each.path).parent.mkdir(parents=True, exist_ok=True)
                Path(each.path).write_text(each.text)
        return cri.containerd(config, os.environ["PATH"])

    return made


def test_a_public_mirror_below_a_path_is_pulled_from_while_docker_hub_is_down(
    node: Callable[..., Any], hub_down: None, lab_state: Path
) -> None:
    """Also by Pods with a credential of Docker Hub, which GHCR is not even shown."""
    registry_admin.reset_counters(lab_state, "ghcr")
    with node("ghcr.io/acme/public", fallback=False) as runtime:
        assert runtime.pull(NGINX, HUB_READER.user, HUB_READER.token) == ""
    found = registry_admin.counters(lab_state, "ghcr")
    assert "token" not in found
    assert found["manifest_get"] >= 1


def test_without_the_anonymous_header_ghcr_refuses_a_token_for_the_old_name(
    node: Callable[..., Any], hub_down: None, tmp_path: Path
) -> None:
    """Negative control: the same file without its header; containerd asks for both names (containerd#9648)."""
    runtime = node("ghcr.io/acme/public", fallback=False)
    hosts = tmp_path / "certs.d" / "docker.io" / "hosts.toml"
    kept = [line for line in hosts.read_text().splitlines() if "header]" not in line and "Authorization" not in line]
    hosts.write_text("\n".join(kept))
    with runtime as found:
        assert "403" in found.pull(NGINX)


def test_without_a_mirror_nothing_is_pulled_while_docker_hub_is_down(
    node: Callable[..., Any], hub_down: None, tmp_path: Path
) -> None:
    """Negative control: the folder is there, and nobody wrote anything to it but where Docker Hub is."""
    runtime = node("ghcr.io/acme/public")
    hosts = tmp_path / "certs.d" / "docker.io" / "hosts.toml"
    server = next(line for line in hosts.read_text().splitlines() if line.startswith("server"))
    url = server.partition('"')[2].rstrip('"')
    hosts.write_text(f'{server}\n[host."{url}"]\n')
    with runtime as found:
        assert "connection refused" in found.pull(NGINX)


def test_what_ghcr_does_not_have_comes_from_docker_hub_where_that_is_the_fallback(node: Callable[..., Any]) -> None:
    with node("ghcr.io/acme/public") as runtime:
        assert runtime.pull(SHOP) == ""
    with node("ghcr.io/acme/public", fallback=False) as runtime:
        assert runtime.pull(SHOP) != ""


def test_a_private_mirror_opens_with_the_credential_of_the_nodes_own_configuration(
    node: Callable[..., Any], hub_down: None
) -> None:
    """Names are the same there, so that containerd asks for one token; a Pod's credential goes before the node's."""
    with node("ghcr.io", fallback=False, credential=TOKEN) as runtime:
        assert "403" in runtime.pull(SHOP, HUB_READER.user, HUB_READER.token)
        assert runtime.pull(SHOP) == ""
    with node("ghcr.io", fallback=False) as runtime:
        assert runtime.pull(SHOP) != ""


def test_a_basic_header_does_not_open_ghcr(node: Callable[..., Any], hub_down: None, tmp_path: Path) -> None:
    """Why a credential is in config.toml: GHCR takes tokens alone."""
    runtime = node("ghcr.io", fallback=False)
    hosts = tmp_path / "certs.d" / "docker.io" / "hosts.toml"
    basic = base64.b64encode(f"{CLUSTER_DEMO.user}:{CLUSTER_DEMO.token}".encode()).decode()
    hosts.write_text(hosts.read_text().replace("Bearer QQ==", f"Basic {basic}"))
    with runtime as found:
        assert found.pull(SHOP) != ""


def tell(*commands: str, env: Mapping[str, str]) -> None:
    """Print what a command says: ``pytest -s`` is the transcript of this proof."""
    print(f"$ kubectl {' '.join(commands)}\n{kubectl(env, *commands)}")


def shell() -> oci.Image:
    """BusyBox as Debian builds it, under the names of the programs that it is."""
    debian.ensure(["busybox-static"])
    program, sink = Path("/bin/busybox").read_bytes(), io.BytesIO()
    names = subprocess.run(["/bin/busybox", "--list"], capture_output=True, text=True, check=True).stdout.split()
    with tarfile.open(fileobj=sink, mode="w", format=tarfile.USTAR_FORMAT) as archive:
        entry = tarfile.TarInfo("bin/busybox")
        entry.size, entry.mode = len(program), 0o755
        archive.addfile(entry, io.BytesIO(program))
        for name in sorted({*names} - {"busybox"}):
            entry = tarfile.TarInfo(f"bin/{name}")
            entry.type, entry.linkname = tarfile.SYMTYPE, "busybox"
            archive.addfile(entry)
    layer = oci.Blob(oci.LAYER_TYPE, sink.getvalue())
    return oci.image(oci.Content(("/bin/sh",), {architecture: (layer,) for architecture in PROGRAMS}, {}))


@pytest.fixture
def stack(lab: Lab, many_pulls: None, tmp_path: Path) -> Iterator[Stack]:
    """An application on Docker Hub images that no stack switches; the stack's nodes are to have mirrors at cutover."""
    archive = tmp_path / "shell.tar"
    archive.write_bytes(oci.archive(SHELL, shell()))
    socket = str(identity(lab.state.resolve()).runtime / "containerd.sock")
    command = ["ctr", "--address", socket, "--namespace", "k8s.io", "images", "import", str(archive)]
    subprocess.run(command, capture_output=True, check=True, timeout=60)
    document = {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": "shop", "namespace": NAMESPACE},
        "spec": {
            "selector": {"matchLabels": {"app": "shop"}},
            "template": {
                "metadata": {"labels": {"app": "shop"}},
                "spec": {
                    "imagePullSecrets": [{"name": proving.HUB_PULL}],
                    "containers": [{"name": "shop", "image": SHOP}],
                },
            },
        },
    }
    node_images.forget_hub(lab.state)
    proving.deploy(lab.env, NAMESPACE, [document])
    namespace = {"phase": "prepare", "manifests": ["stacks/app.yaml"]}
    place = proving.cluster("lab", lab.env["KUBECONFIG"], **{NAMESPACE: namespace})
    place["rollOutSeconds"] = 40
    folder = str(lab.state.resolve() / "node" / "certs.d")
    place["nodeMirror"] = {"delivery": "daemonset", "folder": folder, "fallback": False, "image": SHELL}
    made = proving.create(lab, tmp_path, "edge", [place], {"app": [document]})
    yield made
    made.pulumi("destroy", "--yes", "--skip-preview")
    made.pulumi("stack", "rm", "--yes", "--force", "--preserve-config")
    kubectl(lab.env, "delete", "namespace", NAMESPACE, "--ignore-not-found", "--wait=false")


def replaced(lab: Lab) -> None:
    """Every Pod goes, and the node has forgotten its image: the next one has to pull."""
    kubectl(lab.env, "delete", "pods", "--all", "-n", NAMESPACE, "--wait=true", "--timeout=60s")
    node_images.forget_hub(lab.state)
    kubectl(lab.env, "delete", "events", "--all", "-n", NAMESPACE)
    kubectl(lab.env, "delete", "pods", "--all", "-n", NAMESPACE, "--wait=true", "--timeout=60s")


@pytest.mark.slow
def test_an_unchanged_pod_runs_from_ghcr_while_docker_hub_is_down_until_the_mirror_is_taken_back(stack: Stack) -> None:
    """Phase cutover writes on the node, phase prepare restores byte for byte; then, as a control, no Pod can pull."""
    lab = stack.lab
    hosts = lab.state / "node" / "certs.d" / "docker.io" / "hosts.toml"
    before, listed = hosts.read_bytes(), sorted(path.name for path in hosts.parent.iterdir())
    templates = proving.templates(lab.env, NAMESPACE)
    print(f"hosts.toml before:\n{before.decode()}")
    stack.configure({"hub2ghcr:phase": "cutover"})
    done = stack.up()
    assert done.returncode == 0, done.stdout + done.stderr
    registry_admin.set_visibility(lab.state, "ghcr", "acme/edge/acme/shop", "public")
    print(f"hosts.toml in phase cutover:\n{hosts.read_text()}")
    tell("get", "daemonsets,pods", "-n", "kube-system", env=lab.env)
    assert "/v2/acme/edge" in hosts.read_text()
    assert stack.preview()["changeSummary"].keys() == {"same"}
    with registries.unplugged(lab.state, "hub", lab.tools):
        registry_admin.reset_counters(lab.state, "ghcr")
        replaced(lab)
        proving.settle(lab.env, NAMESPACE)
        tell("get", "pods,events", "-n", NAMESPACE, "-o", "wide", env=lab.env)
        print("moved from GHCR:", *registry_admin.transfers(lab.state, "ghcr"), sep="\n  ")
        assert proving.templates(lab.env, NAMESPACE) == templates
        assert proving.named(lab.env, NAMESPACE) == {SHOP}
        moved = registry_admin.transfers(lab.state, "ghcr")
        assert ("manifest_get", "acme/edge/acme/shop") in {each[:2] for each in moved}
    stack.configure({"hub2ghcr:phase": "prepare"})
    done = stack.up()
    assert done.returncode == 0, done.stdout + done.stderr
    assert hosts.read_bytes() == before
    assert sorted(path.name for path in hosts.parent.iterdir()) == listed
    assert daemonset.NAME not in [each["metadata"]["name"] for each in get(lab.env, "daemonsets", "-n", "kube-system")]
    print(f"hosts.toml after phase prepare:\n{hosts.read_text()}")
    with registries.unplugged(lab.state, "hub", lab.tools):
        replaced(lab)
        proving.until(lambda: proving.failed_pulls(lab.env, NAMESPACE).counts, "a pull fails")
        tell("get", "pods,events", "-n", NAMESPACE, env=lab.env)
