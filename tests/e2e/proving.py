"""A stack of a proof's own: an application with traffic, a private Hub image, and whatever clusters the proof needs."""

from __future__ import annotations

import base64
import json
import os
import shutil
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import yaml

from lab.accounts import HUB_READER, Account
from lab.kubectl import get, kubectl
from tests.e2e.conftest import ROOT, Lab
from tests.e2e.pulls import Failed, failed
from tests.e2e.stack import Stack

HUB_PULL = "hub-pull"
"""The pull Secret with which the application pulls from Docker Hub before it moves."""

Document = dict[str, Any]


def application(namespace: str) -> list[Document]:
    """Three replicas behind a Service, which a rolling update may take one of, and a workload on a private image."""
    return [
        {
            "apiVersion": "v1",
            "kind": "Service",
            "metadata": {"name": "web", "namespace": namespace},
            "spec": {"selector": {"app": "web"}, "ports": [{"port": 80, "targetPort": 8080}]},
        },
        {
            "apiVersion": "apps/v1",
            "kind": "Deployment",
            "metadata": {"name": "web", "namespace": namespace},
            "spec": {
                "replicas": 3,
                "strategy": {"rollingUpdate": {"maxUnavailable": 1, "maxSurge": 1}},
                "selector": {"matchLabels": {"app": "web"}},
                "template": {
                    "metadata": {"labels": {"app": "web"}},
                    "spec": {"containers": [served("web", "nginx:1.27")]},
                },
            },
        },
        {
            "apiVersion": "apps/v1",
            "kind": "Deployment",
            "metadata": {"name": "worker", "namespace": namespace},
            "spec": {
                "replicas": 1,
                "selector": {"matchLabels": {"app": "worker"}},
                "template": {
                    "metadata": {"labels": {"app": "worker"}},
                    "spec": {
                        "imagePullSecrets": [{"name": HUB_PULL}],
                        "containers": [served("worker", "acme/worker:3.1")],
                    },
                },
            },
        },
    ]


def served(name: str, image: str) -> Document:
    """A container that leaves its Service before it ends, as one that must not fail a request has to."""
    return {
        "name": name,
        "image": image,
        "readinessProbe": {"httpGet": {"port": 8080, "path": "/"}, "periodSeconds": 1},
        "lifecycle": {"preStop": {"sleep": {"seconds": 2}}},
    }


def deploy(env: Mapping[str, str], namespace: str, documents: Sequence[Document]) -> None:
    """Apply an application as its team did, in a new namespace with a pull Secret for Docker Hub, and wait for it."""
    kubectl(env, "delete", "namespace", namespace, "--ignore-not-found", "--timeout=60s")
    secret = pull_secret(HUB_PULL, namespace, {"https://index.docker.io/v1/": HUB_READER})
    made = [{"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": namespace}}, secret, *documents]
    kubectl(env, "apply", "-f", "-", stdin=json.dumps({"apiVersion": "v1", "kind": "List", "items": made}))
    settle(env, namespace)


def pull_secret(name: str, namespace: str, accounts: Mapping[str, Account]) -> Document:
    """A pull Secret as ``kubectl create secret docker-registry`` makes it."""
    auths = {
        host: {
            "username": account.user,
            "password": account.token,
            "auth": base64.b64encode(f"{account.user}:{account.token}".encode()).decode(),
        }
        for host, account in accounts.items()
    }
    return {
        "apiVersion": "v1",
        "kind": "Secret",
        "metadata": {"name": name, "namespace": namespace},
        "type": "kubernetes.io/dockerconfigjson",
        "stringData": {".dockerconfigjson": json.dumps({"auths": auths})},
    }


def settle(env: Mapping[str, str], namespace: str, timeout: int = 90) -> None:
    """Wait until every Deployment of a namespace has rolled out; ``timeout`` in seconds for each."""
    for each in get(env, "deployments", "-n", namespace):
        name = f"deployment/{each['metadata']['name']}"
        kubectl(env, "rollout", "status", name, "-n", namespace, f"--timeout={timeout}s", timeout=timeout + 5)


def create(
    lab: Lab,
    folder: Path,
    name: str,
    clusters: Sequence[Mapping[str, Any]],
    manifests: Mapping[str, Sequence[Document]],
    **more: Any,
) -> Stack:
    """Write a program's folder with one stack, its manifests (``stacks/FILE.yaml``) and its lock, and begin its state.

    ``more`` are further keys of the configuration, without their prefix.
    """
    if not (folder / "Pulumi.yaml").exists():
        shutil.copy(ROOT / "Pulumi.yaml", folder)
        for part in ("__main__.py", "components", "hub2ghcr", "requirements.txt", ".venv"):
            (folder / part).symlink_to(ROOT / part)
        (folder / "stacks").mkdir()
    for file, documents in manifests.items():
        (folder / "stacks" / f"{file}.yaml").write_text(yaml.safe_dump_all(documents, sort_keys=False))
    stack = Stack(lab, folder, {"KUBECONFIG": str(folder / "no-such-file")}, name)
    base = yaml.safe_load((ROOT / "stacks" / "Pulumi.demo.yaml").read_text())
    config = base["config"]
    del config["hub2ghcr:github"]
    config["hub2ghcr:phase"] = "prepare"
    config["hub2ghcr:mapping"] = {"rules": [{"from": "docker.io/*", "to": f"ghcr.io/acme/{name}/*"}]}
    config["hub2ghcr:clusters"] = [dict(each) for each in clusters]
    config.update({f"hub2ghcr:{key}": value for key, value in more.items()})
    stack.file.write_text(yaml.safe_dump(base, sort_keys=False))
    locked = lab.run("hub2ghcr", "lock", "-s", name, cwd=folder, HUB2GHCR_SECRET_HUB_PULL_TOKEN=HUB_READER.token)
    assert locked.returncode == 0, locked.stderr
    made = stack.pulumi("stack", "init")
    assert made.returncode == 0, made.stderr
    return stack


def cluster(name: str, kubeconfig: str, **namespaces: Mapping[str, Any]) -> dict[str, Any]:
    """A cluster of the settings; namespaces by name with ``_`` for ``-``."""
    return {
        "name": name,
        "kubeconfig": kubeconfig,
        "context": "lab",
        "pull": {"ghcr.io": "ghcr-cluster-demo", "docker.io": "hub-pull"},
        "namespaces": {key.replace("_", "-"): dict(value) for key, value in namespaces.items()},
    }


def images(env: Mapping[str, str], namespace: str) -> dict[str, str]:
    """The image of each container of each Deployment, by ``deployment/container``."""
    return {
        f"{each['metadata']['name']}/{container['name']}": container["image"]
        for each in get(env, "deployments", "-n", namespace)
        for container in each["spec"]["template"]["spec"]["containers"]
    }


def pods(env: Mapping[str, str], namespace: str) -> dict[str, dict[str, Any]]:
    """The Pods that are not leaving, by UID."""
    found = get(env, "pods", "-n", namespace)
    return {each["metadata"]["uid"]: each for each in found if "deletionTimestamp" not in each["metadata"]}


def generations(env: Mapping[str, str], namespace: str) -> dict[str, int]:
    """The generation of each Deployment: it moves with every change of its spec."""
    return {
        each["metadata"]["name"]: each["metadata"]["generation"] for each in get(env, "deployments", "-n", namespace)
    }


def templates(env: Mapping[str, str], namespace: str) -> dict[str, Any]:
    """The pod template of each Deployment."""
    return {each["metadata"]["name"]: each["spec"]["template"] for each in get(env, "deployments", "-n", namespace)}


def running_from(env: Mapping[str, str], namespace: str) -> set[str]:
    """The registries and folders from which the running containers' images come, as the runtime says it."""
    statuses = [each for pod in pods(env, namespace).values() for each in pod["status"].get("containerStatuses", [])]
    return {each["imageID"].partition("@")[0].rpartition("/")[0] for each in statuses if "running" in each["state"]}


def named(env: Mapping[str, str], namespace: str) -> set[str]:
    """The images that the running containers of the Pods were asked to run.

    After a way back this is all there is to go by: the runtime calls an image by the first name that it had there.
    """
    return {
        container["image"]
        for pod in pods(env, namespace).values()
        if all("running" in each["state"] for each in pod["status"].get("containerStatuses", [{"state": {}}]))
        for container in pod["spec"]["containers"]
    }


def failed_pulls(env: Mapping[str, str], namespace: str, name: str = "") -> Failed:
    """What the kubelet says of pulls that failed, of images whose reference begins with ``name``."""
    return failed(get(env, "events", "-n", namespace), name)


def on_nodes(env: Mapping[str, str]) -> set[str]:
    """Return the names of the images that the nodes tell of."""
    return {name for node in get(env, "nodes") for each in node["status"].get("images") or () for name in each["names"]}


def until(condition: Callable[[], object], what: str, seconds: float = 60) -> None:
    """Wait for something to hold."""
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, f"not within {seconds:.0f} s: {what}"
        time.sleep(0.2)


def engines(folder: Path) -> set[int]:
    """The process groups of engines that run in a folder."""
    found = set()
    for process in Path("/proc").glob("[0-9]*"):
        try:
            if (process / "cwd").resolve() == folder.resolve() and b"pulumi" in (process / "cmdline").read_bytes():
                found.add(os.getpgid(int(process.name)))
        except OSError:
            continue
    return found
