"""Which of the ways to write names anew are taken, so that a variable that several texts use suits them all."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from .moving import Edit, Option
from .texts import Origin, Text

Region = tuple[int, int]
_Scalar = tuple[str, int]


@dataclass(slots=True)
class Want:
    """A text, and the ways in which it may be written anew; none: it stays as it is.

    ``taken``: the way that is taken; None: none can be. ``moves``: whether there was one in the beginning.
    """

    text: Text
    options: list[Option]
    taken: Option | None = field(init=False)
    moves: bool = field(init=False)

    def __post_init__(self) -> None:
        self.moves = bool(self.options)
        self.taken = self.options[0] if self.options else ()


def settle(wants: list[Want]) -> None:
    """Let each take its best way that no other one contradicts; where two cannot both be had, neither is taken."""
    while True:
        clashing = _clashes(wants)
        if not clashing:
            return
        for one, other in clashing:
            for each, against in ((one, other), (other, one)):
                if len(each.options) > 1 and _agree(each.text, each.options[1], against):
                    _next(each)
                    break
            else:
                able = [each for each in (one, other) if len(each.options) > 1]
                for each in able or [each for each in (one, other) if each.options]:
                    _next(each)


def _next(want: Want) -> None:
    want.options = want.options[1:]
    want.taken = want.options[0] if want.options else None


def _clashes(wants: Iterable[Want]) -> list[tuple[Want, Want]]:
    """Return pairs of which at least one can give way; what can stands in one pair at most.

    Those that cannot come first: who gives way to another one, that must give way itself, would do so in vain.
    """
    touched: dict[_Scalar, list[tuple[Region, Want]]] = defaultdict(list)
    for want in wants:
        for scalar, region in _regions(want.text):
            touched[scalar].append((region, want))
    found: list[tuple[Want, Want]] = []
    busy: set[int] = set()
    for scalar, entries in touched.items():
        entries.sort(key=lambda entry: bool(entry[1].options))
        for number, (region, want) in enumerate(entries):
            for other_region, other in entries[number + 1 :]:
                if other is want or id(want) in busy or id(other) in busy or not (want.options or other.options):
                    continue
                if _differ(want.taken, other.taken, scalar, region, other_region):
                    found.append((want, other))
                    busy |= {id(each) for each in (want, other) if each.options}
    return found


def _agree(text: Text, option: Option, against: Want) -> bool:
    """Whether a text that is written so leaves another one as that is to be."""
    return not any(
        _differ(option, against.taken, scalar, region, other_region)
        for scalar, region in _regions(text)
        for other_scalar, other_region in _regions(against.text)
        if scalar == other_scalar
    )


def _differ(one: Option | None, other: Option | None, scalar: _Scalar, *regions: Region) -> bool:
    """Whether two ways write what is common to two regions of a scalar differently."""
    start, end = max(each[0] for each in regions), min(each[1] for each in regions)
    return start < end and _within(one, scalar, start, end) != _within(other, scalar, start, end)


def _within(option: Option | None, scalar: _Scalar, start: int, end: int) -> frozenset[tuple[int, int, str]]:
    return frozenset(
        (edit.at.start, edit.at.end, edit.new)
        for edit in option or ()
        if _scalar(edit.at) == scalar and edit.at.start < end and (edit.at.end > start or edit.at.start >= start)
    )


def _regions(text: Text) -> Iterator[tuple[_Scalar, Region]]:
    for chunk in text.chunks:
        yield _scalar(chunk.origin), (chunk.origin.start, chunk.origin.end)
        if chunk.use is not None:
            yield _scalar(chunk.use), (chunk.use.start, chunk.use.end)


def _scalar(at: Origin) -> _Scalar:
    return at.file, at.scalar.start


def edits(wants: Iterable[Want]) -> list[Edit]:
    """Return what is taken, each edit once."""
    return list(dict.fromkeys(edit for want in wants for edit in want.taken or ()))
