"""Where an image goes."""

from __future__ import annotations

from dataclasses import dataclass

from ..registry import Registry


@dataclass(frozen=True, slots=True)
class Target:
    """A repository to be written."""

    registry: Registry
    repository: str
