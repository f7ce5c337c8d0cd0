"""What becomes of one image that a file names: by the mapping's rules, and with a lock by its entries."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

from .errors import Hub2GhcrError, LockError
from .lock import Lock, target_of
from .mapping import Left, Mapped, Mapping
from .places import Found
from .reasons import Kind
from .reference import Reference

State = Literal["move", "problem", "place", "unknown-place"] | Kind
"""``move``: has a target. ``problem``: has an error. ``place``: cannot be edited there. ``unknown-place``: looks like
an image where no kind of object has one. Else why it stays."""

REPORTED = frozenset({"uncovered", "place", "unknown-place", "templated", "not-an-image"})
"""States of images that may be Docker Hub's and are not moved: whoever rewrites is told about each."""


@dataclass(frozen=True, slots=True)
class Decision:
    """One image's fate; ``reason`` says why it does not move. ``target`` has the digest where it is pinned.

    An image that is on GHCR already has a target where it is pinned by the lock, and is not ``mapped``.
    """

    state: State
    reason: str = ""
    mapped: Mapped | None = None
    target: Reference | None = None
    error: Hub2GhcrError | None = None


class Decider:
    """Decides each text once. With a ``lock`` targets are pinned: tag and digest, and no move without an entry."""

    def __init__(self, mapping: Mapping, lock: Lock | None = None) -> None:
        self._mapping = mapping
        self._lock = lock
        self._decided: dict[tuple[str, bool], Decision] = {}

    def decide(self, found: Found) -> Decision:
        """Return what becomes of an image; nothing is raised."""
        if found.note:
            return Decision("unknown-place" if found.why == "uncovered" else "place", found.note)
        # Whose tag is said elsewhere, say in a variable, has no one digest: its name moves, and nothing is pinned
        lock = None if found.name_only else self._lock
        key = (found.text, lock is None)
        decision = self._decided.get(key)
        if decision is None:
            decision = self._decided[key] = self._decide(found.text, lock)
        if found.updater and decision.target is not None:  # it would take our digest away again
            return replace(decision, target=decision.mapped.target if decision.mapped else None)
        return decision

    def _decide(self, text: str, lock: Lock | None) -> Decision:
        try:
            decided = self._mapping.decide_text(text)
            if isinstance(decided, Left):
                return Decision(decided.kind, decided.reason, target=_published(decided, lock))
            return Decision("move", "", decided, _pinned(text, decided, lock))
        except Hub2GhcrError as error:
            return Decision("problem", error.what, error=error)


def _pinned(text: str, mapped: Mapped, lock: Lock | None) -> Reference:
    if lock is None:
        return mapped.target
    entry = lock.entry(mapped.source)
    if entry is None:
        raise LockError("not locked", value=text, remedy="`hub2ghcr lock` adds it")
    if entry.target != target_of(mapped.target):
        what = f"the lock has another target, {entry.target}"
        raise LockError(what, value=f"{text} -> {mapped.target}", remedy="lock it anew")
    return mapped.target.with_digest(entry.target_digest)


def _published(left: Left, lock: Lock | None) -> Reference | None:
    """Return an image that is on GHCR with its locked digest, None where it has one or is not locked."""
    if lock is None or left.kind != "on-ghcr" or left.source is None or left.source.digest is not None:
        return None
    entry = lock.entry(left.source)
    return left.source.with_digest(entry.target_digest) if entry else None


_NAMING = ("image", "newName", "name", "repository")


def start(found: Found) -> tuple[int, int]:
    """Return line and column of what names an image, counted from 1; 0 where no value of the file does."""
    roles = dict(found.parts)
    scalar = next((roles[role] for role in _NAMING if role in roles), None) or next(iter(roles.values()), None)
    return (scalar.line, scalar.column) if scalar else (0, 0)
