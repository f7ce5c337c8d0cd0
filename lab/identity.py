"""What keeps two labs on one machine apart: names and addresses that outlive the state folder's reach."""

from __future__ import annotations

import hashlib
import ipaddress
import json
import subprocess
from dataclasses import dataclass
from pathlib import Path

from lab.errors import LabError


@dataclass(frozen=True)
class Identity:
    """Names of one lab, all made from its ``tag``, and ``subnet``, the addresses of its node and Pods."""

    tag: str
    subnet: ipaddress.IPv4Network

    @property
    def runtime(self) -> Path:
        """A short folder, as the path of a Unix socket has at most 107 bytes (unix(7))."""
        return Path("/run") / f"hub2ghcr-lab-{self.tag}"

    @property
    def bridge(self) -> str:
        """The bridge that Pods hang on; an interface's name has at most 15 bytes."""
        return f"h2g-{self.tag}"

    @property
    def cgroup(self) -> str:
        """The control group of all containers, below the root of each hierarchy."""
        return f"hub2ghcr-lab-{self.tag}"

    @property
    def gateway(self) -> str:
        """The node's own address among its Pods."""
        return str(self.subnet[1])


def identity(state: Path) -> Identity:
    """The identity of the lab in ``state``: the kept one, else one that collides with no network of the machine."""
    tag = hashlib.sha256(str(state.resolve()).encode()).hexdigest()[:8]
    kept = state / "network.json"
    if kept.exists():
        return Identity(tag, ipaddress.IPv4Network(json.loads(kept.read_text())["subnet"]))
    chosen = Identity(tag, free_subnet(int(tag, 16), used()))
    draft = kept.with_suffix(".tmp")
    draft.write_text(json.dumps({"subnet": str(chosen.subnet)}))
    draft.replace(kept)
    return chosen


def free_subnet(first: int, taken: list[ipaddress.IPv4Network]) -> ipaddress.IPv4Network:
    """The ``first``-th (then each next) /22 of 10.128.0.0/9 that overlaps nothing of ``taken``."""
    pool = ipaddress.IPv4Network("10.128.0.0/9")
    count = 2 ** (22 - pool.prefixlen)
    for step in range(count):
        start = int(pool.network_address) + ((first + step) % count) * 1024
        candidate = ipaddress.IPv4Network((start, 22))
        if not any(candidate.overlaps(network) for network in taken):
            return candidate
    raise LabError("no free network for Pods in 10.128.0.0/9", remedy="remove routes that cover it, see 'ip route'")


def used() -> list[ipaddress.IPv4Network]:
    """Networks that the machine has a route to, the default route aside."""
    listed = subprocess.run(["ip", "-json", "-4", "route"], capture_output=True, timeout=10, check=True).stdout
    routes = [route["dst"] for route in json.loads(listed or b"[]")]
    return [ipaddress.IPv4Network(route) for route in routes if route != "default"]
