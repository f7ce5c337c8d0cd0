"""The container runtime of the lab's node: its configuration, and where its images come from."""

from __future__ import annotations

import json
from pathlib import Path

from lab.identity import Identity
from lab.ports import port

SANDBOX_IMAGE = "docker.io/library/pause:3.9"
"""What holds a Pod's namespaces. Imported, never pulled: no registry sees it."""

LOCAL_IMAGES = (SANDBOX_IMAGE, "docker.io/library/mynginx:local")
"""Images that are on the node from the start."""

REGISTRIES = {"docker.io": "hub", "quay.io": "hub", "ghcr.io": "ghcr"}
"""The stand-in (by its port's name) that the runtime asks in place of each registry."""

CNI_PROGRAMS = "/usr/lib/cni"
"""Where Debian's containernetworking-plugins are."""


def write(state: Path, folder: Path, identity: Identity) -> None:
    """Write all configuration of the runtime below ``folder``."""
    for registry, name in REGISTRIES.items():
        hosts = folder / "certs.d" / registry / "hosts.toml"
        hosts.parent.mkdir(parents=True, exist_ok=True)
        hosts.write_text(hosts_toml(f"http://127.0.0.1:{port(state, name)}"))
    network = folder / "cni" / "10-lab.conflist"
    network.parent.mkdir(parents=True, exist_ok=True)
    network.write_text(json.dumps(pod_network(folder, identity), indent=2) + "\n")
    snapshotter = "native" if stacked(folder, Path("/proc/self/mounts").read_text()) else "overlayfs"
    (folder / "containerd.toml").write_text(config_toml(folder, identity, snapshotter))


def config_toml(folder: Path, identity: Identity, snapshotter: str) -> str:
    """containerd 1.6's configuration (version 2)."""
    return f"""version = 2
root = "{folder / "containerd"}"
state = "{identity.runtime / "containerd"}"
oom_score = 0

[grpc]
  address = "{identity.runtime / "containerd.sock"}"

[plugins."io.containerd.grpc.v1.cri"]
  sandbox_image = "{SANDBOX_IMAGE}"
  # Without CAP_SYS_RESOURCE a sandbox that lowers its score dies at once.
  restrict_oom_score_adj = true
  netns_mounts_under_state_dir = true
  disable_apparmor = true
  max_concurrent_downloads = 8

[plugins."io.containerd.grpc.v1.cri".containerd]
  snapshotter = "{snapshotter}"

[plugins."io.containerd.grpc.v1.cri".cni]
  bin_dir = "{CNI_PROGRAMS}"
  conf_dir = "{folder / "cni"}"

[plugins."io.containerd.grpc.v1.cri".registry]
  config_path = "{folder / "certs.d"}"

[plugins."io.containerd.internal.v1.opt"]
  path = "{folder / "opt"}"
"""


def hosts_toml(url: str) -> str:
    """containerd's hosts.toml that sends every request for a registry to ``url``, and to nothing else."""
    return f'server = "{url}"\n\n[host."{url}"]\n  capabilities = ["pull", "resolve"]\n'


def pod_network(folder: Path, identity: Identity) -> dict[str, object]:
    """CNI configuration: a bridge that exists already, so that the plugin turns on no forwarding and no masquerading.

    Pods reach each other and the node, nothing beyond. Nothing is written to iptables.
    """
    addresses = {
        "type": "host-local",
        "dataDir": str(folder / "addresses"),
        "ranges": [[{"subnet": str(identity.subnet), "gateway": identity.gateway}]],
        "routes": [{"dst": "0.0.0.0/0"}],
    }
    bridge = {"type": "bridge", "bridge": identity.bridge, "isGateway": False, "ipMasq": False, "ipam": addresses}
    return {"cniVersion": "0.4.0", "name": f"lab-{identity.tag}", "plugins": [bridge]}


def stacked(folder: Path, mounts: str) -> bool:
    """Whether ``folder`` is on an overlay itself (inside a container, say): no second one can be laid over it.

    ``mounts`` is the text of /proc/self/mounts (proc(5)).
    """
    rows = [line.split() for line in mounts.splitlines()]
    holding = [(len(row[1]), row[2]) for row in rows if folder.is_relative_to(row[1])]
    return max(holding, default=(0, ""))[1] == "overlay"
