"""What is to be proven."""

from __future__ import annotations

from dataclasses import dataclass

from ..lock import Entry
from ..registry import Registries


@dataclass(frozen=True, slots=True)
class Reader:
    """Who has to be able to pull: ``who`` in words, what gives it to him where he cannot, and how he is answered."""

    who: str
    remedy: str
    registries: Registries


@dataclass(frozen=True, slots=True)
class Expected:
    """One locked image, and everybody who has to be able to pull it."""

    entry: Entry
    readers: tuple[Reader, ...] = ()
