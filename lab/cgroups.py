"""Control groups: in which folders they live, making one for a lab's containers, and removing it with all in it."""

from __future__ import annotations

import time
from contextlib import suppress
from pathlib import Path

CONTROLLERS = frozenset({"cpu", "cpuset", "hugetlb", "memory", "pids"})
"""What a kubelet wants in its root group under version 2, as far as the machine has them."""


def hierarchies(mounts: str) -> list[Path]:
    """Roots of the control group hierarchies, v1 or v2, in the text of /proc/self/mounts (proc(5)), sorted."""
    rows = [line.split() for line in mounts.splitlines()]
    return sorted(Path(row[1]) for row in rows if row[2] in ("cgroup", "cgroup2"))


def make(name: str) -> None:
    """Make the group ``name`` in every hierarchy, unless it is there, with the controllers that a kubelet looks for."""
    for group in _groups(name):
        available = group.parent / "cgroup.controllers"
        if available.exists():  # version 2: a child has the controllers that its parent hands down (cgroups(7))
            for controller in sorted(CONTROLLERS.intersection(available.read_text().split())):
                # Refused inside some containers; then the kubelet says what it misses.
                with suppress(OSError):
                    (group.parent / "cgroup.subtree_control").write_text(f"+{controller}")
        group.mkdir(exist_ok=True)


def remove(name: str, *, deadline: float = 5.0) -> list[Path]:
    """Remove the group ``name`` from every hierarchy; returns the folders still in use after ``deadline`` seconds."""
    roots = _groups(name)
    end = time.monotonic() + deadline
    while True:
        left = [root for root in roots if not _removed(root)]
        if not left or time.monotonic() > end:
            return left
        time.sleep(0.05)


def _groups(name: str) -> list[Path]:
    return [root / name for root in hierarchies(Path("/proc/self/mounts").read_text())]


def _removed(group: Path) -> bool:
    if not group.exists():
        return True
    below = [_removed(entry) for entry in sorted(group.iterdir()) if entry.is_dir()]
    if not all(below):
        return False
    try:
        group.rmdir()
    except OSError:  # a process in it is still ending
        return False
    return True
