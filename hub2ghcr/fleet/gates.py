"""The gate behind a wave: what its clusters have to look like before the next wave begins."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Gate:
    """What is asked of each cluster of a wave, for a while.

    ``availability``: the part of the wanted Pods that have to be available, 0 to 1. ``pull_errors``: containers that
    may wait for an image in vain. ``soak``: seconds for which all of that has to hold; 0 looks once.
    """

    availability: float = 1.0
    pull_errors: int = 0
    soak: float = 600.0


@dataclass(frozen=True, slots=True)
class Health:
    """How one stack's workloads are: Pods that are available, of those that are wanted.

    ``pull_errors`` has a sentence for each container that waits for its image in vain, with its place and remedy.
    """

    available: int = 0
    wanted: int = 0
    pull_errors: tuple[str, ...] = ()

    def __add__(self, other: Health) -> Health:
        return Health(
            self.available + other.available, self.wanted + other.wanted, self.pull_errors + other.pull_errors
        )

    @property
    def availability(self) -> float:
        """The part that is available; 1 where nothing is wanted."""
        return self.available / self.wanted if self.wanted else 1.0


def judge(gate: Gate, health: Health) -> tuple[str, ...]:
    """Return why a gate does not let through what is in that health, one line each; nothing where it does."""
    return (*short(gate, health), *stuck(gate, health))


def short(gate: Gate, health: Health) -> tuple[str, ...]:
    """Return a line where too few Pods are available, as they are for moments while one is moved."""
    if health.availability >= gate.availability:
        return ()
    said = f"{health.available} of {health.wanted} Pods are available"
    return (f"{said} ({_percent(health.availability)}), and the gate asks for {_percent(gate.availability)}",)


def stuck(gate: Gate, health: Health) -> tuple[str, ...]:
    """Return all pull errors where they are more than the gate lets pass."""
    return health.pull_errors if len(health.pull_errors) > gate.pull_errors else ()


def _percent(part: float) -> str:
    """Return a part as percents, rounded down: what falls short of all is never told as 100%."""
    tenths = int(part * 1000 + 1e-9)
    return f"{tenths // 10}%" if tenths % 10 == 0 else f"{tenths / 10:.1f}%"
