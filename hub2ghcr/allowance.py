"""How many manifests may still be read from a source: what its registry allows, and what a run may spend of that.

Docker Hub counts pulls in a window of hours and tells in the headers of every answer about a manifest, also of a free
HEAD, what is left: ``ratelimit-limit: 100;w=21600``, ``ratelimit-remaining: 76;w=21600`` and who is counted in
``docker-ratelimit-source``. Without these headers there is no limit.
"""

from __future__ import annotations

import re
import threading
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Final

from .errors import BudgetSpent, RegistryError
from .reference import HUB, one_host
from .registry import Registry

PROBE: Final = ("ratelimitpreview/test", "latest")
"""The image that Docker keeps for asking what is left."""

_COUNT = re.compile(r"\s*(\d+)\s*(?:;\s*w\s*=\s*(\d+)\s*)?")


@dataclass(frozen=True, slots=True)
class Allowance:
    """Pulls that a registry allows: ``limit`` in all and ``remaining`` ones within ``window`` seconds.

    ``source`` is who is counted: an address, or an account's number.
    """

    limit: int
    remaining: int
    window: int
    source: str = ""


def told(headers: Mapping[str, str]) -> Allowance | None:
    """Return what the headers of an answer (names in lower case) tell, None where they tell nothing."""
    limit, remaining = (_COUNT.fullmatch(headers.get(f"ratelimit-{name}") or "") for name in ("limit", "remaining"))
    if limit is None or remaining is None:
        return None
    window = int(limit[2] or remaining[2] or 0)
    return Allowance(int(limit[1]), int(remaining[1]), window, headers.get("docker-ratelimit-source") or "")


class Budget:
    """Counts the manifests that a run reads from its sources, and refuses those that it may not. Safe for threads.

    Args:
        pulls: how many manifests this run may read in all; None is as many as the registries allow.

    ``observe`` belongs into `Registries`: what each answer tells corrects the count.
    """

    def __init__(self, pulls: int | None = None) -> None:
        self._pulls = pulls
        self._spent = 0
        self._allowances: dict[str, Allowance] = {}
        self._lock = threading.Lock()

    @property
    def spent(self) -> int:
        """Manifests read so far."""
        return self._spent

    @property
    def own_left(self) -> int | None:
        """Pulls left of the run's own number, None where it has none."""
        return None if self._pulls is None else self._pulls - self._spent

    @property
    def allowances(self) -> dict[str, Allowance]:
        """What is known to be allowed, by host; a host that is missing has no limit, or was not asked yet."""
        with self._lock:
            return dict(self._allowances)

    def ask(self, registry: Registry) -> Allowance | None:
        """Ask anew what is left. Docker Hub is asked by a HEAD, which is free; others are believed to have no limit.

        The answer comes by way of `observe`; where there is none, the first pull will be told. Nothing else must be
        under way at that registry.
        """
        host = one_host(registry.host)
        with self._lock:
            self._allowances.pop(host, None)
        if host == HUB:
            try:
                registry.head_manifest(*PROBE)
            except RegistryError:
                pass
        return self.allowances.get(host)

    def exhaust(self, host: str) -> None:
        """Take note that a registry has refused a pull: until it is asked anew, nothing more is tried there."""
        host = one_host(host)
        with self._lock:
            known = self._allowances.get(host) or Allowance(0, 0, 0)
            self._allowances[host] = replace(known, remaining=0)

    def observe(self, host: str, headers: Mapping[str, str]) -> None:
        """Take note of the headers of an answer. Of answers that overtake one another the lowest count holds."""
        found = told(headers)
        if found is None:
            return
        with self._lock:
            known = self._allowances.get(one_host(host))
            remaining = min(found.remaining, known.remaining) if known else found.remaining
            self._allowances[one_host(host)] = replace(found, remaining=remaining)

    def take(self, host: str) -> None:
        """Count one manifest that is about to be read from a registry.

        Raises:
            BudgetSpent: it must not be read.
        """
        with self._lock:
            found = self._allowances.get(one_host(host))
            if self._pulls is not None and self._spent >= self._pulls:
                raise BudgetSpent(f"the {self._pulls} pulls of this run are spent", host, remedy="run it again")
            if found is not None and found.remaining <= 0:
                bounds = f" ({found.limit} in {timedelta(seconds=found.window)})" if found.limit else ""
                raise BudgetSpent(
                    f"the pull limit is spent{bounds}",
                    host,
                    remedy="run it again when it is renewed, or pull with an account that has more pulls",
                )
            self._spent += 1
            if found is not None:
                self._allowances[one_host(host)] = replace(found, remaining=found.remaining - 1)
