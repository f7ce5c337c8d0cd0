"""How much of the machine was busy: with what is measured, and with the lab's own servers, which share its cores."""

from __future__ import annotations

from pathlib import Path
from types import TracebackType
from typing import Self


class Busy:
    """A context; ``share`` is the part of all cores' time in it that was not idle, 0 to 1 (proc_stat(5))."""

    share = 0.0

    def __enter__(self) -> Self:
        self._begun = _ticks()
        return self

    def __exit__(self, *_: type[BaseException] | BaseException | TracebackType | None) -> None:
        idle, whole = (now - then for now, then in zip(_ticks(), self._begun, strict=True))
        self.share = 1 - idle / whole if whole else 0.0


def _ticks() -> tuple[int, int]:
    """Ticks of all cores since the machine began: idle ones (waiting for a disk is idle, too), and all."""
    user, nice, system, idle, waiting, *rest = map(int, Path("/proc/stat").read_text().splitlines()[0].split()[1:9])
    return idle + waiting, user + nice + system + idle + waiting + sum(rest)
