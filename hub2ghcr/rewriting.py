"""The bytes of files, with their images moved and nothing else changed.

A run has two steps. `Rewriting.examine` reads files one after the other and keeps what it would change. Only then is it
known which two sources, perhaps of different files, would share a target (`refusals`): those images stay, and both are
named. Then `Examined.rewritten` makes the new bytes.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from . import places
from .deciding import REPORTED, Decider, start
from .errors import Hub2GhcrError, ManifestError
from .lock import Lock
from .mapping import Mapped, Mapping, collisions
from .places import Found, Places
from .reference import Reference
from .source.edit import apply
from .source.scalar import Scalar


@dataclass(frozen=True, slots=True)
class Change:
    """One image that is written anew."""

    found: Found
    target: Reference

    @property
    def edits(self) -> tuple[tuple[Scalar, str], ...]:
        """The scalars that change, each with its new value."""
        return places.edits(self.found, self.target)


@dataclass(frozen=True, slots=True)
class Rewritten:
    """A file's new bytes, what changed in it, what is wrong, and the images that were left (notes).

    ``stays``: why nothing changes where something should, None else.
    """

    data: bytes
    changes: tuple[Change, ...] = ()
    problems: tuple[Hub2GhcrError, ...] = ()
    notes: tuple[str, ...] = ()
    stays: Hub2GhcrError | None = None


@dataclass(frozen=True, slots=True)
class Examined:
    """What the rewriting of one file, or of a ``span`` of its bytes, would change; ``mapped``: what would move."""

    place: str
    span: tuple[int, int]
    changes: tuple[Change, ...]
    mapped: tuple[Mapped, ...]
    stays: tuple[Found, ...]
    problems: tuple[Hub2GhcrError, ...]
    notes: tuple[str, ...]

    def rewritten(self, data: bytes, refused: frozenset[str] = frozenset()) -> Rewritten:
        """Return the file, or the span of it that was examined, with its images moved.

        Args:
            data: the same bytes of the whole file.
            refused: targets (names without tag and digest) that two sources would share.
        """
        moving = [each for each in self.changes if each.target.name not in refused]
        kept = [*self.stays, *(each.found for each in self.changes if each.target.name in refused)]
        moving, shared = _separable(moving, kept, self.place)
        problems = (*self.problems, *shared)
        try:
            written = apply(data, _edits(moving), self.span)
        except Hub2GhcrError as error:
            return Rewritten(data[slice(*self.span)], (), problems, self.notes, error.at(self.place))
        return Rewritten(written, tuple(moving), problems, self.notes)


class Rewriting:
    """One run over many files."""

    def __init__(self, mapping: Mapping, lock: Lock | None = None, extra: Places | None = None) -> None:
        self._decider = Decider(mapping, lock)
        self._pins = lock is not None
        self._extra = extra

    def examine(self, data: bytes, place: str, span: tuple[int, int] | None = None) -> Examined:
        """Find what is to be changed in a file.

        Args:
            data: the file.
            place: its name, which tells its format too (``-``: a stream).
            span: one of `places.spans` (default: the whole file).

        Raises:
            ManifestError, Problems: the file cannot be understood.
        """
        changes: list[Change] = []
        stays: list[Found] = []
        problems: list[Hub2GhcrError] = []
        notes: list[str] = []
        mapped: dict[str, Mapped] = {}
        for found in places.find(data, place, self._extra, span):
            decision = self._decider.decide(found)
            if decision.target is not None:
                changes.append(Change(found, decision.target))
                if self._pins and found.updater and not found.name_only:
                    why = f"not pinned, for {found.updater} writes its tag and takes a digest away"
                    notes.append(f"{position(found, place)}: {why}: {found.text!r}")
                if decision.mapped is not None:
                    mapped.setdefault(decision.mapped.source.name, decision.mapped)
                continue
            stays.append(found)
            if decision.error is not None:
                problems.append(decision.error.at(position(found, place)))
            elif found.text and decision.state in REPORTED:
                notes.append(f"{position(found, place)}: {decision.reason}: {found.text!r}")
        return Examined(
            place,
            span or (0, len(data)),
            tuple(changes),
            tuple(mapped.values()),
            tuple(stays),
            tuple(problems),
            tuple(notes),
        )


def refusals(mapped: Iterable[Mapped]) -> tuple[tuple[Hub2GhcrError, ...], frozenset[str]]:
    """Return the problems of targets that two sources of one run would share, and the targets' names."""
    known: dict[str, Mapped] = {}
    for each in mapped:
        known.setdefault(each.source.name, each)
    times = Counter(each.target.name for each in known.values())
    return collisions(known.values()), frozenset(name for name, count in times.items() if count > 1)


def rewrite(
    data: bytes,
    place: str,
    mapping: Mapping,
    lock: Lock | None = None,
    pin: bool = False,
    extra: Places | None = None,
) -> Rewritten:
    """Return one file with its images moved.

    Args:
        data: the file's bytes.
        place: its name, which tells its format too (``-``: a stream).
        mapping: which image moves where.
        lock: with ``pin``, the digests.
        pin: write ``tag@digest``; an image without a lock entry is a problem then, and stays.
        extra: places that settings declare.

    Raises:
        ManifestError, Problems: the file cannot be understood.
    """
    run = Rewriting(mapping, (lock or Lock()) if pin else None, extra)
    examined = run.examine(data, place)
    problems, refused = refusals(examined.mapped)
    done = examined.rewritten(data, refused)
    stays = () if done.stays is None else (done.stays,)
    return replace(done, problems=(*done.problems, *stays, *problems))


def position(found: Found, place: str) -> str:
    """Return where an image stands: ``file:line:column``."""
    line, column = start(found)
    return f"{place}:{line}:{column}" if line else place


def _edits(changes: Iterable[Change]) -> Iterator[tuple[Scalar, str]]:
    """Yield all edits; the same value is one text, however many places it has."""
    known: dict[str, str] = {}
    for change in changes:
        for scalar, value in change.edits:
            yield scalar, known.setdefault(value, value)


def _separable(
    moving: list[Change], kept: Iterable[Found], place: str
) -> tuple[list[Change], tuple[Hub2GhcrError, ...]]:
    """Leave out images that share a scalar (an anchor, ``global.imageRegistry``) with one that wants it otherwise."""
    problems: list[Hub2GhcrError] = []
    kept = tuple(kept)
    starts = [scalar.start for each in (*kept, *(change.found for change in moving)) for _, scalar in each.parts]
    if len(starts) == len(set(starts)):
        return moving, ()
    fixed = {(scalar.start, scalar.end): scalar.value for found in kept for _, scalar in found.parts}
    while moving:
        wanted: dict[tuple[int, int], str] = dict(fixed)
        clashing: set[tuple[int, int]] = set()
        for change in moving:
            new = {(scalar.start, scalar.end): value for scalar, value in change.edits}
            for _, scalar in change.found.parts:
                key = (scalar.start, scalar.end)
                if wanted.setdefault(key, new.get(key, scalar.value)) != new.get(key, scalar.value):
                    clashing.add(key)
        if not clashing:
            break
        left = []
        for change in moving:
            if all((scalar.start, scalar.end) not in clashing for _, scalar in change.found.parts):
                left.append(change)
                continue
            fixed |= {(scalar.start, scalar.end): scalar.value for _, scalar in change.found.parts}
            problems.append(
                ManifestError(
                    "shares a value with an image that does not move the same way",
                    position(change.found, place),
                    change.found.text,
                    "give each image a value of its own",
                )
            )
        moving = left
    return moving, tuple(problems)
