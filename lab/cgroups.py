"""Control groups: in which folders they live, making one for a lab's containers, and removing it with all in it."""

from __future__ import annotations

import time
from contextlib import suppress
from pathlib import Path

from lab.errors import LabError

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


def limit_memory(name: str, size: int) -> Path:
    """Let the group ``name``, which is made, have at most ``size`` bytes of memory, and no swap beside it.

    Returns its ``cgroup.procs``, the file that takes the ids of processes. What the system keeps of files counts as
    well, but is given back. Raises ``LabError`` where the machine gives no control over memory.
    """
    make(name)
    for group in _groups(name):
        for limit, swap in (
            ("memory.max", "memory.swap.max"),
            ("memory.limit_in_bytes", "memory.memsw.limit_in_bytes"),
        ):
            if (group / limit).exists():
                (group / limit).write_text(str(size))
                if (group / swap).exists():
                    (group / swap).write_text("0" if limit == "memory.max" else str(size))
                return group / "cgroup.procs"
    raise LabError("no control group limits memory here", remedy="as root, on a machine with the memory controller")


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
