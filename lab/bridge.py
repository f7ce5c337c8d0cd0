"""The bridge that the Pods of a lab hang on."""

from __future__ import annotations

import json
import subprocess
import time
from typing import Any

from lab.errors import LabError
from lab.identity import Identity


def up(identity: Identity) -> None:
    """Make the bridge with the node's address, unless it is there."""
    if identity.bridge not in {link["ifname"] for link in links()}:
        _ip("link", "add", "name", identity.bridge, "type", "bridge")
    _ip("address", "replace", f"{identity.gateway}/{identity.subnet.prefixlen}", "dev", identity.bridge)
    _ip("link", "set", identity.bridge, "up")


def down(identity: Identity, *, deadline: float = 5.0) -> None:
    """Remove the bridge, once the kernel has removed the Pods' ends (it does so after their last process)."""
    end = time.monotonic() + deadline
    while ports := [link["ifname"] for link in links() if link.get("master") == identity.bridge]:
        if time.monotonic() > end:
            for name in ports:
                _ip("link", "delete", name)
        time.sleep(0.05)
    if identity.bridge in {link["ifname"] for link in links()}:
        _ip("link", "delete", identity.bridge)


def links() -> list[dict[str, Any]]:
    """The machine's network interfaces, as ``ip -json link`` tells them."""
    found: list[dict[str, Any]] = json.loads(_ip("-json", "link") or "[]")
    return found


def _ip(*words: str) -> str:
    done = subprocess.run(["ip", *words], capture_output=True, text=True, timeout=10, check=False)
    if done.returncode:
        raise LabError(f"ip {' '.join(words)}: {done.stderr.strip()}", remedy="the lab's Pods need root and a network")
    return done.stdout
