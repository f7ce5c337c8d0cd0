"""The lab's Kubernetes cluster: a control plane and one node, which pulls images as root and pretends otherwise."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Literal

from lab import control_plane, kwok, node, processes
from lab.control_plane import NODE, ControlPlane, Programs
from lab.errors import LabError

Nodes = Literal["auto", "kubelet", "kwok"]
"""How Pods run: by a real kubelet, by kwok, or (``auto``) by a kubelet where the machine allows it."""

DEADLINE = 60.0
"""Seconds that the node has to become Ready once its programs run."""


def up(state: Path, toolchain: Programs, *, nodes: Nodes = "auto") -> None:
    """Start what does not run yet of the cluster, and wait until a Pod can be scheduled.

    A lab whose node runs keeps its kind under ``auto``. Raises ``LabError`` with the end of the log of the part that
    failed, when ``kubelet`` is asked for where it cannot run, or when the other kind of node runs.
    """
    state = state.resolve()
    kind, reason = _choose(state, nodes)
    if kind == "kubelet":
        from lab.toolchain.debian import ensure

        ensure(node.packages())
    plane = control_plane.up(state, toolchain)
    if not _running(state):
        _forget_ready(plane)
    if kind == "kubelet":
        processes.start(state, node.daemon(state, plane, toolchain))
    else:
        processes.start(state, kwok.daemon(state, plane, toolchain))
        kwok.add_node(plane.api)
    _keep(state, kind, reason)
    _await_node(state, plane, node.NAME if kind == "kubelet" else kwok.NAME)


def down(state: Path) -> None:
    """Stop the cluster: first the node with its Pods, then the control plane. Twice is as good as once."""
    state = state.resolve()
    node.down(state)
    processes.stop(state, kwok.NAME)
    control_plane.down(state)


def kubeconfig(state: Path) -> Path:
    """The administrator's kubeconfig: context ``lab``, cluster ``lab``; there once the cluster was up."""
    return control_plane.folder(state.resolve()) / "admin.kubeconfig"


def pulls(state: Path) -> bool:
    """Whether this lab's node really pulls images (a kubelet does, kwok does not)."""
    return _kept(state.resolve())[0] == "kubelet"


def describe(state: Path) -> str:
    """One line on how Pods run in this lab."""
    kind, reason = _kept(state.resolve())
    if kind == "kubelet":
        return "one node with a real kubelet and containerd: images are pulled from the lab's registries"
    if kind == "kwok":
        return f"one kwok node ({reason}): Pods turn Ready, nothing is pulled"
    return "no cluster yet"


def _choose(state: Path, nodes: Nodes) -> tuple[str, str]:
    kept, reason = _kept(state)
    running = _running(state)
    if running and nodes != "auto" and nodes != kept:
        raise LabError(
            f"cluster: its node is of kind {kept}, not {nodes}", remedy="run 'python3 -m lab down' first, then up again"
        )
    if running:
        return kept, reason
    if nodes == "kwok":
        return "kwok", "as asked"
    why = node.refusal()
    if why is None:
        return "kubelet", ""
    if nodes == "kubelet":
        raise LabError(f"cluster: a kubelet cannot run here: {why}", remedy="run as root, or take nodes 'kwok'")
    return "kwok", why


def _keep(state: Path, kind: str, reason: str) -> None:
    path = control_plane.folder(state) / "nodes.json"
    draft = path.with_suffix(".tmp")
    draft.write_text(json.dumps({"kind": kind, "reason": reason}))
    draft.replace(path)


def _kept(state: Path) -> tuple[str, str]:
    try:
        kept = json.loads((control_plane.folder(state) / "nodes.json").read_text())
    except FileNotFoundError:
        return "", ""
    return str(kept["kind"]), str(kept["reason"])


def _running(state: Path) -> set[str]:
    return {entry.name for entry in processes.status(state) if entry.running} & {node.NAME, kwok.NAME}


def _forget_ready(plane: ControlPlane) -> None:
    """Take back what an earlier run said of its node, so that Ready is the word of this one."""
    unknown = {"type": "Ready", "status": "Unknown", "reason": "LabStarts", "message": "the lab starts its node"}
    plane.api.call("PATCH", f"/api/v1/nodes/{NODE}/status", {"status": {"conditions": [unknown]}})


def _await_node(state: Path, plane: ControlPlane, process: str) -> None:
    missing: str | None = ""
    end = time.monotonic() + DEADLINE
    while time.monotonic() < end:
        try:
            missing = _unready(plane)
        except OSError as error:
            missing = str(error)
        if missing is None:
            return
        time.sleep(processes.POLL)
    raise LabError(
        f"cluster: node {NODE} was not ready within {DEADLINE:.0f} s: {missing}",
        remedy=f"the whole log: {processes.log_path(state, process)}",
        details=processes.log_tail(state, process),
    )


def _unready(plane: ControlPlane) -> str | None:
    status, text = plane.api.call("GET", f"/api/v1/nodes/{NODE}")
    if status != 200:
        return f"no such node yet ({status})"
    found = json.loads(text)
    ready = [entry for entry in found["status"].get("conditions", []) if entry["type"] == "Ready"]
    if not ready or ready[0]["status"] != "True":
        return str(ready[0].get("message", "not Ready")) if ready else "no condition Ready yet"
    # Controllers take the taint off a moment after the node turns Ready; a Pod waits for that.
    taints = [taint["key"] for taint in found["spec"].get("taints", [])]
    return f"tainted {', '.join(taints)}" if taints else None
