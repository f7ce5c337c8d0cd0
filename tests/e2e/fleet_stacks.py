"""A fleet of namespaces as virtual clusters: a stack for each, all in one cluster of the lab."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from subprocess import CompletedProcess
from typing import Any

import yaml

from lab.kubectl import kubectl
from tests.e2e import proving
from tests.e2e.conftest import Lab
from tests.e2e.stack import Stack


@dataclass(frozen=True)
class Virtual:
    """A virtual cluster: the image that it runs, and its labels."""

    image: str = "nginx:1.27"
    labels: Mapping[str, str] = field(default_factory=dict)
    replicas: int = 1


@dataclass(frozen=True)
class Fleet:
    """A project with a stack for each virtual cluster, whose name is that of its namespace, too."""

    lab: Lab
    folder: Path
    stacks: Mapping[str, Stack]

    @property
    def env(self) -> dict[str, str]:
        return {"KUBECONFIG": str(self.folder / "no-such-file")}

    def run(self, *command: str, **env: str) -> CompletedProcess[str]:
        """Run a command of the fleet; its exit code is the caller's to judge."""
        return self.lab.run("hub2ghcr", "fleet", *command, cwd=self.folder, timeout=500.0, **{**self.env, **env})

    def status(self) -> dict[str, dict[str, Any]]:
        """Where each cluster stands, by name."""
        done = self.run("status", "--output", "json")
        assert done.returncode == 0, done.stdout + done.stderr
        return {each["cluster"]: each for each in json.loads(done.stdout)["clusters"]}

    def phase(self, name: str) -> str:
        """The phase that a stack file says."""
        return str(yaml.safe_load(self.stacks[name].file.read_text())["config"]["hub2ghcr:phase"])

    def image(self, name: str) -> str:
        """The image that a virtual cluster's workload names."""
        (found,) = proving.images(self.lab.env, name).values()
        return found

    def ledger(self) -> list[dict[str, Any]]:
        """The records of the ledger."""
        return [json.loads(line) for line in (self.folder / ".hub2ghcr/fleet.jsonl").read_text().splitlines()]


def deployment(namespace: str, virtual: Virtual) -> dict[str, Any]:
    """The workload of a virtual cluster."""
    pod = {"metadata": {"labels": {"app": "web"}}, "spec": {"containers": [{"name": "web", "image": virtual.image}]}}
    return {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": "web", "namespace": namespace},
        "spec": {"replicas": virtual.replicas, "selector": {"matchLabels": {"app": "web"}}, "template": pod},
    }


def create(
    lab: Lab, folder: Path, name: str, clusters: Mapping[str, Virtual], waves: Sequence[Mapping[str, Any]], **more: Any
) -> Fleet:
    """Write the project, its stacks and ``stacks/fleet.yaml``, and deploy the workloads with images of Docker Hub.

    ``name`` tells the images of this fleet from others; ``more`` are further keys of the fleet's file.
    """
    mapping = {"rules": [{"from": "docker.io/*", "to": f"ghcr.io/acme/{name}/*"}]}
    stacks = {}
    for cluster, virtual in clusters.items():
        documents = [deployment(cluster, virtual)]
        proving.deploy(lab.env, cluster, documents)
        reached = proving.cluster("lab", lab.env["KUBECONFIG"], **{cluster: {"manifests": [f"stacks/{cluster}.yaml"]}})
        stacks[cluster] = proving.create(lab, folder, cluster, [reached], {cluster: documents}, mapping=mapping)
    fleet = {
        "gate": {"soak": "0s"},
        **more,
        "clusters": {each: {"labels": dict(virtual.labels)} for each, virtual in clusters.items()},
        "waves": [dict(each) for each in waves],
    }
    (folder / "stacks/fleet.yaml").write_text(yaml.safe_dump(fleet, sort_keys=False))
    return Fleet(lab, folder, stacks)


def remove(fleet: Fleet) -> None:
    """Forget the stacks, and remove the namespaces."""
    for each in fleet.stacks.values():
        each.pulumi("stack", "rm", "--yes", "--force", "--preserve-config")
    kubectl(fleet.lab.env, "delete", "namespace", *fleet.stacks, "--ignore-not-found", "--wait=false")
