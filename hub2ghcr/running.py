"""Many files rewritten in one run, none of which stops the others."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from . import files
from .errors import Hub2GhcrError, ManifestError, Problems
from .lock import Lock
from .mapping import Mapping
from .places import Places
from .rewriting import Examined, Rewriting, Rewritten
from .walking import STREAM, Input, walk

_KEPT: Final = 16 << 20
"""Bytes of files kept from the first step for the second; what is beyond is read again. A stream is always kept."""


@dataclass(frozen=True, slots=True)
class Result:
    """One file: its bytes ``before``, and what they become."""

    input: Input
    before: bytes
    rewritten: Rewritten


class Run:
    """One run over files, folders and streams. Iterate `results` to its end, then look at the rest."""

    def __init__(
        self, paths: Sequence[str], mapping: Mapping, lock: Lock | None = None, extra: Places | None = None
    ) -> None:
        walked = walk(paths)
        self.inputs = walked.inputs
        self.notes = list(walked.notes)
        self._problems = list(walked.problems)
        self._rewriting = Rewriting(mapping, lock, extra)

    @property
    def problems(self) -> tuple[Hub2GhcrError, ...]:
        """Everything that is wrong so far, sorted."""
        return Problems(self._problems).problems

    def failed(self, error: Hub2GhcrError) -> None:
        """Take note of a result that could not be used."""
        self._problems.append(error)

    def results(self, *, unchanged: bool = False) -> Iterator[Result]:
        """Yield each file that changes, sorted by its place; with ``unchanged`` all that can be read."""
        pending = list(self._examine())
        collisions, refused = self._rewriting.collisions()
        self._problems += collisions
        for each, examined, known, data in pending:
            self.notes += examined.notes
            if not examined.changes and not unchanged:
                self._problems += examined.problems
                continue
            try:
                before = files.read(each.path, each.place) if data is None else data
            except Hub2GhcrError as error:
                self._problems.append(error)
                continue
            if hash(before) != known:
                remedy = "run it again"
                self._problems.append(ManifestError("was changed by another program meanwhile", each.place, "", remedy))
                continue
            rewritten = examined.rewritten(before, refused)
            self._problems += rewritten.problems
            if unchanged or rewritten.changes:
                yield Result(each, before, rewritten)

    def _examine(self) -> Iterator[tuple[Input, Examined, int, bytes | None]]:
        kept = 0
        for each in self.inputs:
            try:
                data = files.read(each.path, each.place)
                examined = self._rewriting.examine(data, each.place)
            except Hub2GhcrError as error:
                self._problems.append(error)
                continue
            keep = each.path == STREAM or kept + len(data) <= _KEPT
            kept += len(data) if keep else 0
            yield each, examined, hash(data), data if keep else None
