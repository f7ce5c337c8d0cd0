"""Many files rewritten in one run, none of which stops the others.

A run has two steps (`hub2ghcr.rewriting`), and as many processes as are worth it. Each does both steps of the pieces it
was dealt; between them it tells what its pieces would move, and is told which targets are refused. What comes out does
not depend on how many there are.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from io import BytesIO
from typing import Final, NamedTuple, Protocol

from . import files, places, worker
from .errors import Hub2GhcrError, ManifestError, Problems
from .lock import Lock
from .mapping import Mapped, Mapping
from .pieces import Piece, deal
from .places import Places
from .rewriting import Examined, Rewriting, refusals
from .walking import STREAM, Input, walk

_KEPT: Final = 16 << 20
"""Bytes of files kept from the first step for the second; what is beyond is read again. A stream is always kept."""


@dataclass(frozen=True, slots=True)
class Result:
    """One file: what becomes of it, how many images change in it, and the hash of what it was."""

    input: Input
    data: bytes
    changes: int
    known: int


class Run:
    """One run over files, folders and streams. Iterate `results` to its end, then look at the rest.

    Args:
        paths: what to read; ``-`` is standard input.
        mapping: which image moves where.
        lock: the digests, to pin images; without it none is pinned.
        extra: places that settings declare.
        processes: how many may work at once (default: one for each core).
    """

    def __init__(
        self,
        paths: Sequence[str],
        mapping: Mapping,
        lock: Lock | None = None,
        extra: Places | None = None,
        processes: int | None = None,
    ) -> None:
        walked = walk(paths)
        self.inputs = walked.inputs
        self.notes = list(walked.notes)
        self._problems = list(walked.problems)
        self._rewriting = Rewriting(mapping, lock, extra)
        self._processes = worker.cores() if processes is None else processes
        self._files = _Files()

    @property
    def problems(self) -> tuple[Hub2GhcrError, ...]:
        """Everything that is wrong so far, sorted."""
        return Problems(self._problems).problems

    def failed(self, error: Hub2GhcrError) -> None:
        """Take note of a result that could not be used."""
        self._problems.append(error)

    def before(self, result: Result) -> bytes:
        """Return the bytes of a file before it was rewritten.

        Raises:
            ManifestError: it cannot be read again, or says something else by now.
        """
        return self._files.again(result.input, result.known)

    def results(self, *, unchanged: bool = False) -> Iterator[Result]:
        """Yield each file that changes, sorted by its place; with ``unchanged`` all that can be read."""
        self._read_streams()
        dealt = deal(self.inputs, self._files.kept, self._processes)
        shares: list[_Share] = []
        divided = next((piece.input for piece in dealt.pieces if piece.count > 1), None)
        if divided is not None:
            self._files.read_ahead(divided)
        try:
            for owner in range(1, max(dealt.owners, default=0) + 1):
                shares.append(_Elsewhere(self._here(dealt.of(owner), unchanged)))
            shares.insert(0, self._here(dealt.of(0), unchanged))
            examined = [iter(share.examine()) for share in shares]
            first = [next(examined[owner]) for owner in dealt.owners]
            wrong = _wrong(dealt.pieces, first)
            self._problems += (error for errors in wrong.values() for error in errors)
            moves = (
                each
                for piece, (mapped, _) in zip(dealt.pieces, first, strict=True)
                if piece.input not in wrong
                for each in mapped
            )
            collisions, refused = refusals(moves)
            self._problems += collisions
            second = [share.moved(refused) for share in shares]
            parts: list[_Moved] = []
            for piece, owner in zip(dealt.pieces, dealt.owners, strict=True):
                parts.append(next(second[owner]))
                if piece.last:
                    result = None if piece.input in wrong else self._joined(piece.input, parts, unchanged)
                    parts = []
                    if result is not None:
                        yield result
        finally:
            for share in shares:
                share.close()

    def _read_streams(self) -> None:
        """Read standard input: no other process can."""
        for each in self.inputs:
            if each.path == STREAM:
                try:
                    self._files.read(each)
                except Hub2GhcrError as error:
                    self._problems.append(error)
                    self.inputs = tuple(other for other in self.inputs if other is not each)

    def _here(self, pieces: tuple[Piece, ...], unchanged: bool) -> _Here:
        return _Here(pieces, self._files, self._rewriting, unchanged)

    def _joined(self, input_: Input, parts: list[_Moved], unchanged: bool) -> Result | None:
        """Join the pieces of a file, and take note of what was wrong in them."""
        for part in parts:
            self.notes += part.notes
        lost = next((part.lost for part in parts if part.lost is not None), None)
        if lost is None and len({part.known for part in parts}) > 1:
            lost = _changed_meanwhile(input_)
        if lost is not None:
            self._problems.append(lost)
            return None
        for part in parts:
            self._problems += part.problems
        stays = next((part.stays for part in parts if part.stays is not None), None)
        changes = sum(part.changes for part in parts) if stays is None else 0
        if stays is not None:
            self._problems.append(stays)
        if not changes and not unchanged:
            return None
        known = parts[0].known
        try:
            data = _together(parts) if stays is None else self._files.again(input_, known)
        except Hub2GhcrError as error:
            self._problems.append(error)
            return None
        return Result(input_, data, changes, known)


class _Files:
    """Files that are read twice: kept, or read again and found the same."""

    def __init__(self) -> None:
        self.kept: dict[str, bytes] = {}
        self._size = 0
        self._last: tuple[str, bytes] = ("", b"")

    def read(self, input_: Input) -> bytes:
        """Return the bytes of a file; raises `ManifestError`."""
        path = input_.path
        if path in self.kept:
            return self.kept[path]
        if self._last[0] != path:
            self._last = ("", b"")  # two large files at once are one too many
            self._last = (path, files.read(path, input_.place))
            data = self._last[1]
            if path == STREAM or self._size + len(data) <= _KEPT:
                self._size += len(data)
                self.kept[path] = data
        return self._last[1]

    def read_ahead(self, input_: Input) -> None:
        """Read a file before there are other processes: its bytes are in memory once, for all of them."""
        try:
            self.read(input_)
        except Hub2GhcrError:
            pass  # told when its turn comes

    def again(self, input_: Input, known: int) -> bytes:
        """Return the bytes of a file whose hash is known; raises `ManifestError` when they are others."""
        data = self.read(input_)
        if hash(data) != known:
            raise _changed_meanwhile(input_)
        return data


def _changed_meanwhile(input_: Input) -> ManifestError:
    return ManifestError("was changed by another program meanwhile", input_.place, "", "run it again")


_Seen = tuple[tuple[Mapped, ...], tuple[Hub2GhcrError, ...]]
"""Of one piece after the first step: what moves, and what is wrong with its file."""


class _Moved(NamedTuple):
    """One piece after the second step.

    ``stays``: why nothing of its file changes. ``lost``: why nothing is known of it.
    """

    data: bytes = b""
    changes: int = 0
    known: int = 0
    problems: tuple[Hub2GhcrError, ...] = ()
    notes: tuple[str, ...] = ()
    stays: Hub2GhcrError | None = None
    lost: Hub2GhcrError | None = None


def _together(parts: list[_Moved]) -> bytes:
    """Take the pieces and return them as one; not both are in memory at once."""
    if len(parts) == 1:
        return parts[0].data
    written = BytesIO()
    parts.reverse()
    while parts:
        written.write(parts.pop().data)
    return written.getvalue()


class _Share(Protocol):
    """The pieces of one process, in order."""

    def examine(self) -> Iterable[_Seen]: ...

    def moved(self, refused: frozenset[str]) -> Iterator[_Moved]: ...

    def close(self) -> None: ...


class _Here:
    """A share that this process does."""

    def __init__(self, pieces: tuple[Piece, ...], read: _Files, rewriting: Rewriting, unchanged: bool) -> None:
        self.pieces = pieces
        self._files, self._rewriting, self._unchanged = read, rewriting, unchanged
        self._examined: list[tuple[Examined, int] | None] = []
        self._spans: tuple[Input | None, tuple[tuple[int, int], ...]] = (None, ())

    def examine(self) -> list[_Seen]:
        return [self._examine(piece) for piece in self.pieces]

    def _examine(self, piece: Piece) -> _Seen:
        try:
            data = self._files.read(piece.input)
            examined = self._rewriting.examine(data, piece.input.place, self._span(data, piece))
        except Hub2GhcrError as error:
            self._examined.append(None)
            return (), Problems([error]).problems
        self._examined.append((examined, hash(data)))
        return examined.mapped, ()

    def _span(self, data: bytes, piece: Piece) -> tuple[int, int]:
        if self._spans[0] != piece.input:
            self._spans = piece.input, places.spans(data, piece.input.place, piece.count)
        spans = self._spans[1]
        return spans[piece.index] if piece.index < len(spans) else (len(data), len(data))

    def moved(self, refused: frozenset[str]) -> Iterator[_Moved]:
        self._examined.reverse()
        for piece in self.pieces:
            each = self._examined.pop()  # what is done is not needed any more
            yield _Moved() if each is None else self._moved(piece, *each, refused)

    def _moved(self, piece: Piece, examined: Examined, known: int, refused: frozenset[str]) -> _Moved:
        if not examined.changes and not self._unchanged and piece.count == 1:
            return _Moved(b"", 0, known, examined.problems, examined.notes)
        try:
            data = self._files.again(piece.input, known)
        except Hub2GhcrError as error:
            return _Moved(known=known, notes=examined.notes, lost=error)
        done = examined.rewritten(data, refused)
        return _Moved(done.data, len(done.changes), known, done.problems, done.notes, done.stays)

    def close(self) -> None:
        pass


class _Elsewhere:
    """A share that a process of its own does."""

    def __init__(self, share: _Here) -> None:
        self._pieces = share.pieces
        self._worker = worker.Worker(lambda channel: _serve(share, channel))

    def examine(self) -> Iterator[_Seen]:
        try:
            yield from self._worker.receive()
        except worker.Ended as end:
            yield from (((), (_lost(piece, end),)) for piece in self._pieces)

    def moved(self, refused: frozenset[str]) -> Iterator[_Moved]:
        ended: worker.Ended | None = None
        try:
            self._worker.send(refused)
        except worker.Ended as end:
            ended = end
        return self._receive(ended)

    def _receive(self, ended: worker.Ended | None) -> Iterator[_Moved]:
        for piece in self._pieces:
            moved: _Moved | None = None
            if ended is None:
                try:
                    moved = self._worker.receive()
                except worker.Ended as end:
                    ended = end
            yield moved or _Moved(lost=_lost(piece, ended))

    def close(self) -> None:
        self._worker.close()


def _serve(share: _Here, channel: worker.Channel) -> None:
    channel.send(share.examine())
    for moved in share.moved(channel.receive()):
        channel.send(moved)


def _lost(piece: Piece, ended: worker.Ended | None) -> ManifestError:
    remedy = "run it again, with more memory or fewer files"
    return ManifestError(f"not read: the process that did {ended}", piece.input.place, "", remedy)


def _wrong(pieces: Sequence[Piece], seen: Sequence[_Seen]) -> dict[Input, tuple[Hub2GhcrError, ...]]:
    """Return the files that could not be understood; the first error of each is what one process would have met."""
    wrong: dict[Input, tuple[Hub2GhcrError, ...]] = {}
    for piece, (_, errors) in zip(pieces, seen, strict=True):
        if errors:
            wrong.setdefault(piece.input, errors)
    return wrong
