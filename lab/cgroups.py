"""Control groups: in which folders they live, and removing one that containers left."""

from __future__ import annotations

import time
from pathlib import Path


def hierarchies(mounts: str) -> list[Path]:
    """Roots of the control group hierarchies, v1 or v2, in the text of /proc/self/mounts (proc(5)), sorted."""
    rows = [line.split() for line in mounts.splitlines()]
    return sorted(Path(row[1]) for row in rows if row[2] in ("cgroup", "cgroup2"))


def remove(name: str, *, deadline: float = 5.0) -> list[Path]:
    """Remove the group ``name`` from every hierarchy; returns the folders still in use after ``deadline`` seconds."""
    roots = [root / name for root in hierarchies(Path("/proc/self/mounts").read_text())]
    end = time.monotonic() + deadline
    while True:
        left = [root for root in roots if not _removed(root)]
        if not left or time.monotonic() > end:
            return left
        time.sleep(0.05)


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
