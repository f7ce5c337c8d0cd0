"""A further cluster beside a lab: a control plane and a node of its own, on the registries of that lab."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

from lab import cluster
from lab.control_plane import Programs
from lab.ports import port
from lab.registry_config import PLACES


def up(state: Path, beside: Path, toolchain: Programs, *, nodes: cluster.Nodes = "auto") -> Path:
    """Start a cluster in the folder ``state`` and return its kubeconfig (context ``lab``, as any lab's).

    Raises ``LabError`` as `lab.cluster.up` does.
    """
    state.mkdir(parents=True, exist_ok=True)
    book = state / "ports.json"
    if not book.exists():
        # a node asks the registries at the ports in its own lab's book
        book.write_text(json.dumps({place: port(beside, place) for place in PLACES}))
    cluster.up(state, toolchain, nodes=nodes)
    return cluster.kubeconfig(state)


def down(state: Path) -> None:
    """End it and remove its folder."""
    cluster.down(state)
    shutil.rmtree(state, ignore_errors=True)
