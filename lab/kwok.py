"""The node that only pretends, without root: kwok turns Pods Ready, and nothing is pulled."""

from __future__ import annotations

from pathlib import Path

from lab.control_plane import DIRECT, NODE, ControlPlane, Programs
from lab.errors import LabError
from lab.kube_api import KubeApi
from lab.processes import Daemon

NAME = "kwok"


def daemon(state: Path, plane: ControlPlane, programs: Programs) -> Daemon:
    """kwok's controller."""
    del state
    argv = (
        str(programs.program("kwok")),
        f"--kubeconfig={plane.kubeconfig('kwok')}",
        "--manage-all-nodes=true",
        "--node-lease-duration-seconds=40",
    )
    return Daemon(NAME, argv, ready=lambda: None, env={**DIRECT, "HOME": str(plane.folder)})


def add_node(api: KubeApi) -> None:
    """Make the node object that kwok looks after, unless it is there."""
    resources = {"cpu": "32", "memory": "256Gi", "pods": "200"}
    node = {
        "apiVersion": "v1",
        "kind": "Node",
        "metadata": {
            "name": NODE,
            "labels": {"kubernetes.io/arch": "amd64", "kubernetes.io/os": "linux", "kubernetes.io/hostname": NODE},
        },
        "status": {"allocatable": resources, "capacity": resources},
    }
    status, text = api.call("POST", "/api/v1/nodes", node)
    if status not in (201, 409):
        raise LabError(f"cluster: cannot add node {NODE}: {status} {text[:200]}")
