"""How many requests a run makes: to its cluster, to both registries, to GitHub."""

from __future__ import annotations

import re
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from lab import github_admin, registry_admin
from lab.kubectl import kubectl

QUIET = 10.0
"""Seconds for which the cluster's own requests are watched."""

_TOTAL = re.compile(r"^apiserver_request_total\{[^}]*\} (\S+)$", re.MULTILINE)


@dataclass(frozen=True)
class Requests:
    """Counts of requests."""

    kubernetes: float
    ghcr: int
    hub: int
    github: int


class Meter:
    """Counts from its making on, without what the cluster asks of itself.

    Args:
        lab: the lab's state folder.
        env: its environment.
    """

    def __init__(self, lab: Path, env: Mapping[str, str]) -> None:
        self._lab, self._env = lab, env
        before = self._asked()
        time.sleep(QUIET)
        self._own = max(self._asked() - before, 0.0) / QUIET
        self.reset()

    def reset(self) -> None:
        """Count from zero again."""
        registry_admin.reset_counters(self._lab, "ghcr")
        registry_admin.reset_counters(self._lab, "hub")
        github_admin.reset_counters(self._lab)
        self._begun, self._before = time.monotonic(), self._asked()

    def read(self) -> Requests:
        """Return what was asked since."""
        seconds = time.monotonic() - self._begun
        return Requests(
            max(self._asked() - self._before - self._own * seconds, 0.0),
            sum(registry_admin.counters(self._lab, "ghcr").values()),
            sum(registry_admin.counters(self._lab, "hub").values()),
            sum(github_admin.counters(self._lab).values()),
        )

    def _asked(self) -> float:
        return sum(map(float, _TOTAL.findall(kubectl(self._env, "get", "--raw", "/metrics"))))
