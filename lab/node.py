"""The node that really pulls: containerd, runc, CNI and a kubelet, as root.

All of it lives in a mount namespace and a process namespace of its own, whose first process is ``node_init.sh``. So two
labs share no path, and stopping that one process leaves no container, no shim and no mount behind, however it ended.
The network namespace is the machine's, for the registries and the API server listen on loopback.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import time
import urllib.request
from pathlib import Path
from typing import Any

from lab import bridge, cgroups, containerd, processes
from lab.control_plane import DIRECT, NODE, ControlPlane, Programs
from lab.identity import Identity, identity
from lab.ports import port
from lab.processes import Daemon

NAME = "node"
"""The process's name: its log is the kubelet's; containerd's stands beside it as ``containerd.log``."""

PARTS = {
    "containerd": ("containerd", "ctr"),
    "containernetworking-plugins": (f"{containerd.CNI_PROGRAMS}/bridge", f"{containerd.CNI_PROGRAMS}/host-local"),
    "iproute2": ("ip",),
    "runc": ("runc",),
}
"""What the node is made of: programs, by the Debian package that has them."""

INIT = Path(__file__).with_name("node_init.sh")

NAMESPACES = ("unshare", "--mount", "--pid", "--fork", "--kill-child", "--mount-proc", "--propagation", "private")
"""util-linux's command that gives the node its namespaces; ending it ends the node."""


def refusal() -> str | None:
    """Why a kubelet cannot run here, None if it can."""
    if sys.platform != "linux":
        return f"this is {sys.platform}, not Linux"
    if os.geteuid() != 0:
        return "not root"
    tried = subprocess.run([*NAMESPACES, "true"], capture_output=True, text=True, timeout=10, check=False)
    return f"root, but without namespaces: {tried.stderr.strip()}" if tried.returncode else None


def packages() -> list[str]:
    """Debian packages of which a program is missing, sorted.

    Only those: installing Debian's containerd where Docker's own is would remove Docker.
    """
    return [name for name, programs in PARTS.items() if not all(shutil.which(part, path=_path()) for part in programs)]


def daemon(state: Path, plane: ControlPlane, programs: Programs) -> Daemon:
    """The node as one process, after everything that it reads is written."""
    who, folder = identity(state), state / "node"
    _prepare(state, folder, plane, who)
    kubelet = (
        str(programs.program("kubelet").resolve()),
        f"--config={folder / 'kubelet.json'}",
        f"--kubeconfig={plane.kubeconfig('node')}",
        f"--hostname-override={NODE}",
        f"--node-ip={who.gateway}",
        f"--root-dir={folder / 'kubelet'}",
        f"--cert-dir={folder / 'kubelet-pki'}",
    )
    health = port(state, "kubelet-health")
    return Daemon(
        NAME,
        (*NAMESPACES, "sh", str(INIT), str(state), str(who.runtime), *kubelet),
        ready=lambda: _healthy(health),
        env={**DIRECT, "PATH": _path()},
        deadline=60.0,
        ports=(health,),
    )


def down(state: Path) -> None:
    """End the node with all its containers, and remove what it had outside of the state folder."""
    if not (state / "network.json").exists():
        return
    who = identity(state)
    init = _init(state)
    # Nothing to ask for first: unshare ignores the polite signal, and what runs in the node loses nothing of worth.
    processes.stop(state, NAME, grace=0)
    _await_end(init)
    cgroups.remove(who.cgroup)
    bridge.down(who)
    shutil.rmtree(who.runtime, ignore_errors=True)


def _prepare(state: Path, folder: Path, plane: ControlPlane, who: Identity) -> None:
    from lab.images import write_archive

    for path in (folder / "images", folder / "static-pods", who.runtime):
        path.mkdir(parents=True, exist_ok=True)
    who.runtime.chmod(0o700)
    for reference in containerd.LOCAL_IMAGES:
        archive = folder / "images" / (reference.rpartition("/")[2].replace(":", "-") + ".tar")
        if not archive.exists():
            write_archive(reference, archive)
    containerd.write(state, folder, who)
    (folder / "kubelet.json").write_text(json.dumps(kubelet_config(state, folder, plane, who), indent=2) + "\n")
    bridge.up(who)
    cgroups.make(who.cgroup)


def kubelet_config(state: Path, folder: Path, plane: ControlPlane, who: Identity) -> dict[str, Any]:
    """The kubelet's configuration (kubelet.config.k8s.io/v1beta1)."""
    return {
        "apiVersion": "kubelet.config.k8s.io/v1beta1",
        "kind": "KubeletConfiguration",
        "address": who.gateway,
        "port": port(state, "kubelet"),
        "healthzBindAddress": "127.0.0.1",
        "healthzPort": port(state, "kubelet-health"),
        "authentication": {
            "anonymous": {"enabled": False},
            "webhook": {"enabled": True},
            "x509": {"clientCAFile": str(plane.certificates.authority)},
        },
        "authorization": {"mode": "Webhook"},
        "containerRuntimeEndpoint": f"unix://{who.runtime / 'containerd.sock'}",
        "podLogsDir": str(folder / "pod-logs"),
        "staticPodPath": str(folder / "static-pods"),
        "volumePluginDir": str(folder / "volume-plugins"),
        # Any machine will do: either version of control groups, with swap, with a disk that is nearly full.
        "cgroupDriver": "cgroupfs",
        "cgroupRoot": f"/{who.cgroup}",
        "enforceNodeAllocatable": [],
        "oomScoreAdj": 0,
        "failCgroupV1": False,
        "failSwapOn": False,
        "evictionHard": {
            name: "0%"
            for name in (
                "imagefs.available",
                "imagefs.inodesFree",
                "memory.available",
                "nodefs.available",
                "nodefs.inodesFree",
            )
        },
        "imageGCHighThresholdPercent": 100,
        "imageGCLowThresholdPercent": 99,
        # The machine's packet filter is not ours.
        "makeIPTablesUtilChains": False,
        "clusterDNS": [who.gateway],
        "clusterDomain": "cluster.local",
        "resolvConf": "",
        "maxPods": 200,
        # Nothing to be spared: all pulls at once, no limit on events.
        "serializeImagePulls": False,
        "registryPullQPS": 0,
        "eventRecordQPS": 0,
        "kubeAPIQPS": 100,
        "kubeAPIBurst": 200,
    }


def _path() -> str:
    # Debian's packages put programs into sbin, which root's PATH may lack after su.
    return os.pathsep.join((os.environ.get("PATH", ""), "/usr/local/sbin", "/usr/sbin", "/sbin", "/usr/bin", "/bin"))


def _healthy(number: int) -> str | None:
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    with opener.open(f"http://127.0.0.1:{number}/healthz", timeout=5) as answer:
        return None if answer.status == 200 else f"kubelet's /healthz answers {answer.status}"


def _init(state: Path) -> int:
    """Process id of the node's first process as this machine sees it, 0 if there is none.

    Found by its command line, for it may outlive the process that was kept by a moment. Its subshells have the same
    one, but not the number 1 in the namespace (``NSpid`` of proc(5)).
    """
    wanted = ["sh", str(INIT), str(state)]
    for process in Path("/proc").glob("[0-9]*"):
        try:
            command = (process / "cmdline").read_bytes().decode(errors="replace").split("\0")
            if command[:3] == wanted and "\t1\n" in (process / "status").read_text().partition("NSpid:")[2][:40]:
                return int(process.name)
        except OSError:  # it ended meanwhile
            continue
    return 0


def _await_end(pid: int, *, deadline: float = 10.0) -> None:
    """Wait until a process is gone: that of a process namespace goes last, when all others in it are gone."""
    end = time.monotonic() + deadline
    while pid and time.monotonic() < end:
        try:
            if Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z":
                return
        except OSError:
            return
        time.sleep(0.02)
