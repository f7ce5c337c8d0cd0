"""The fleet that is changed: a stack for each cluster, whose cluster is a namespace of four Deployments."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from bench.up.cluster_set import IMAGES, deployment

ROOT = Path(__file__).resolve().parent.parent.parent
WAVE = "all"


@dataclass(frozen=True)
class FleetSet:
    """So many stacks, named after the set; each is the namespace of its name."""

    name: str
    count: int

    @property
    def stacks(self) -> list[str]:
        """The stacks."""
        return [f"{self.name}-{number:03}" for number in range(self.count)]

    def objects(self) -> list[dict[str, Any]]:
        """Every namespace, and its workloads as they are before."""
        made: list[dict[str, Any]] = []
        for name in self.stacks:
            made.append({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}})
            made += workloads(name)
        return made

    def write(self, folder: Path) -> None:
        """Write the set's stack files and manifests into a project's folder; what other sets had there goes."""
        shutil.rmtree(folder / "stacks")
        (folder / "stacks").mkdir()
        base = yaml.safe_load((ROOT / "stacks" / "Pulumi.demo.yaml").read_text())
        config = base["config"]
        del config["hub2ghcr:github"]
        config["hub2ghcr:images"]["mirror"] = "require"
        for name in self.stacks:
            manifest = folder / "stacks" / f"{name}.yaml"
            manifest.write_text(yaml.dump_all(workloads(name), Dumper=yaml.CSafeDumper))
            reached = {"name": name, "kubeconfig": "${KUBECONFIG}", "context": "lab", "pull": "ghcr-cluster-demo"}
            namespaces = {name: {"manifests": [f"stacks/{name}.yaml"]}}
            config["hub2ghcr:clusters"] = [{**reached, "namespaces": namespaces}]
            (folder / "stacks" / f"Pulumi.{name}.yaml").write_text(yaml.safe_dump(base, sort_keys=False))

    def choose(self, folder: Path, concurrency: int) -> None:
        """Make the set the project's fleet: one wave, so many stacks at once, a gate that looks once."""
        fleet = {
            "concurrency": concurrency,
            "gate": {"soak": "0s"},
            "clusters": {name: {} for name in self.stacks},
            "waves": [{"name": WAVE, "rest": True}],
        }
        (folder / "stacks" / "fleet.yaml").write_text(yaml.safe_dump(fleet, sort_keys=False))
        shutil.rmtree(folder / ".hub2ghcr", ignore_errors=True)


def workloads(namespace: str) -> list[dict[str, Any]]:
    """The Deployments of a namespace as they are before."""
    return [deployment(namespace, f"app-{number}", image) for number, image in enumerate(IMAGES)]


def project(folder: Path) -> Path:
    """Write a folder with our program and no stack yet."""
    folder.mkdir(parents=True)
    for name in ("Pulumi.yaml", "images.lock.yaml"):
        shutil.copy(ROOT / name, folder)
    for name in (".venv", "__main__.py", "components", "hub2ghcr", "requirements.txt"):
        (folder / name).symlink_to(ROOT / name)
    (folder / "stacks").mkdir()
    return folder
