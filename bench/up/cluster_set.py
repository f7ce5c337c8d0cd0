"""The cluster that is migrated: namespaces of four Deployments each, and a stack that moves them."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import yaml

ROOT = Path(__file__).resolve().parent.parent.parent
IMAGES = ("nginx:1.27", "acme/shop:1.4.2", "acme/cart:2.0", "acme/worker:3.1")
"""What the four workloads of a namespace run: images of the lab's Docker Hub."""
TEAM = 50
"""Namespaces in a file of manifests."""

Delivery = Literal["own", "patch"]


@dataclass(frozen=True)
class ClusterSet:
    """So many namespaces, named after the set."""

    name: str
    namespaces: int

    @property
    def names(self) -> list[str]:
        """The namespaces."""
        return [f"{self.name}-{number:04}" for number in range(self.namespaces)]

    @property
    def workloads(self) -> int:
        """How many there are in all."""
        return self.namespaces * len(IMAGES)

    def objects(self) -> Iterator[dict[str, Any]]:
        """Every namespace, and its workloads as they are before."""
        for namespace in self.names:
            yield {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": namespace}}
        for namespace in self.names:
            for number, image in enumerate(IMAGES):
                yield deployment(namespace, f"app-{number}", image)

    def write(self, path: Path) -> Path:
        """Write all objects as they are before into one file."""
        path.write_text(yaml.dump_all(self.objects(), Dumper=yaml.CSafeDumper))
        return path


def deployment(namespace: str, name: str, image: str) -> dict[str, Any]:
    """A Deployment of the usual size. It has no replicas: what is measured is the migration, not the scheduler."""
    labels = {"app.kubernetes.io/name": name}
    probe = {"httpGet": {"path": "/ready", "port": 8080}}
    container = {
        "name": "main",
        "image": image,
        "env": [{"name": "PORT", "value": "8080"}],
        "ports": [{"containerPort": 8080}],
        "readinessProbe": probe,
        "resources": {"requests": {"cpu": "10m", "memory": "32Mi"}, "limits": {"memory": "128Mi"}},
    }
    return {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": name, "namespace": namespace, "labels": labels},
        "spec": {
            "replicas": 0,
            "selector": {"matchLabels": labels},
            "template": {"metadata": {"labels": labels}, "spec": {"containers": [container]}},
        },
    }


def project(folder: Path, wanted: ClusterSet, delivery: Delivery) -> Path:
    """Write a folder with our program and a stack named after the set; its images have to be locked.

    The stack is the demo's without GitHub; each namespace gets a pull Secret. With ``own``, it is created, too.
    """
    folder.mkdir(parents=True)
    for name in ("Pulumi.yaml", "images.lock.yaml"):
        shutil.copy(ROOT / name, folder)
    for name in (".venv", "__main__.py", "components", "hub2ghcr", "requirements.txt"):
        (folder / name).symlink_to(ROOT / name)
    (folder / "stacks").mkdir()
    config = yaml.safe_load((ROOT / "stacks" / "Pulumi.demo.yaml").read_text())
    settings = config["config"]
    del settings["hub2ghcr:github"]
    settings["hub2ghcr:images"]["mirror"] = "require"
    namespaces: dict[str, Any] = {}
    for number, namespace in enumerate(wanted.names):
        file = f"stacks/team-{number // TEAM:02}/{namespace}.yaml"
        (folder / file).parent.mkdir(exist_ok=True)
        documents = (deployment(namespace, f"app-{each}", image) for each, image in enumerate(IMAGES))
        (folder / file).write_text(yaml.dump_all(documents, Dumper=yaml.CSafeDumper))
        namespaces[namespace] = {"create": delivery == "own", "manifests": [file]}
    reached = {"name": "bench", "kubeconfig": "${KUBECONFIG}", "context": "lab", "delivery": delivery}
    settings["hub2ghcr:clusters"] = [{**reached, "pull": "ghcr-cluster-demo", "namespaces": namespaces}]
    (folder / "stacks" / f"Pulumi.{wanted.name}.yaml").write_text(yaml.safe_dump(config, sort_keys=False))
    return folder
