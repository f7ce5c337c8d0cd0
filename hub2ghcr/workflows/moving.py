"""What becomes of one image of a workflow, and in which characters its new name could be written."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import product
from typing import Final, Literal

from ..errors import InvalidReference, MappingError
from ..mapping import Left, Mapped, Mapping, Pattern
from ..places.variables import name_of
from ..reference import HUB, HUB_HOSTS, Reference
from .scope import EXPRESSION
from .texts import UNKNOWN, Chunk, Origin, Text
from .uses import Role

_NAMED: Final = re.compile(r"[\w.-]+")
STAND_IN: Final = "z0z"
"""Stands for what a variable says, while the mapping decides."""

State = Literal["move", "stay", "uncovered", "unknown", "local", "problem"]
Span = tuple[int, int, str]
"""Characters of a text, and what shall stand there."""


@dataclass(frozen=True, slots=True)
class Edit:
    """Other characters in place of some of a scalar's value."""

    at: Origin
    new: str


Option = tuple[Edit, ...]
"""One way to write the new name."""


@dataclass(frozen=True, slots=True)
class Fate:
    """What becomes of an image.

    Attributes:
        state: ``stay``: lives elsewhere, or shall stay; ``local``: never leaves the machine that builds it;
            ``uncovered``: on Docker Hub, and no rule names it; ``unknown``: variables decide it.
        source: its name on Docker Hub, or where else it lives; empty where that is unknown.
        target: its name on GHCR.
        schemes: the spans of its text that change, in each way in which that can be written.
        reason: why it does not move.
        remedy: what to do about it.
        mapped: source and target of one that moves; where a variable is part of the name, something stands for it.
    """

    state: State
    source: str = ""
    target: str = ""
    schemes: tuple[tuple[Span, ...], ...] = ()
    reason: str = ""
    remedy: str = ""
    mapped: Mapped | None = None


def fate(text: Text, role: Role, mapping: Mapping) -> Fate:
    """Return what becomes of an image by the rules of a mapping."""
    plain = text.plain
    name = name_of(plain)
    first, slash, rest = name.partition("/")
    hosted = bool(slash) and ("." in first or ":" in first or first == "localhost")
    if UNKNOWN in first and hosted:
        return Fate("stay")  # a variable is part of a host with dots or a port: none of Docker Hub's
    if UNKNOWN in (first if slash else name):
        return _unknown(text, name)
    filled = name.replace(UNKNOWN, STAND_IN)
    try:
        reference = Reference.parse(filled)
        decided = mapping.decide(reference)
    except InvalidReference:
        return Fate("stay", reason="names no image")
    except MappingError as error:
        return Fate("problem", reason=error.what, remedy=error.remedy)
    if reference.tag is not None:
        return Fate("stay", reason="names no image")  # two tags
    if role in ("push", "build") and reference.registry == HUB and reference.repository.startswith("library/"):
        return Fate("local", reference.name)  # nobody but Docker pushes there
    if UNKNOWN in name and not _uniform(mapping, reference.name.partition(STAND_IN)[0]):
        return _unknown(text, name)
    if isinstance(decided, Left):
        state: State = "uncovered" if decided.kind == "uncovered" else "stay"
        return Fate(state, reference.name, reason=decided.reason)
    return _moved(text, name, rest if hosted else name, hosted, decided)


def _unknown(text: Text, name: str) -> Fate:
    unknown = [chunk for chunk in text[: len(name)].chunks if chunk.kind == "unknown"]
    said = [found[1].strip() for chunk in unknown if (found := EXPRESSION.fullmatch(chunk.text)) is not None]
    reason = f"variables decide its name: {text.shown}"
    remedy = "change it by hand"
    if said and _NAMED.fullmatch(said[0]):
        remedy = f"say what it holds, --value {said[0]}=…, or change it by hand"
    return Fate("unknown", reason=reason, remedy=remedy)


def _uniform(mapping: Mapping, known: str) -> bool:
    """Whether one rule or exclusion decides all names that begin so."""
    patterns: list[Pattern] = [each.pattern for each in mapping.exclusions]
    patterns += [rule.source for rule in mapping.rules]
    for pattern in patterns:
        if pattern.wildcard and known.startswith(pattern.prefix):
            return True
        if pattern.prefix.startswith(known):
            return False
    return True


def _moved(text: Text, name: str, repository: str, hosted: bool, mapped: Mapped) -> Fate:
    target = mapped.target
    plain, old = repository.split("/"), repository.replace(UNKNOWN, STAND_IN).split("/")
    new = target.repository.split("/")
    same = 0
    while same < min(len(old), len(new)) and old[-1 - same] == new[-1 - same]:
        same += 1
    left, right = old[: len(old) - same], new[: len(new) - same]
    if any(STAND_IN in each for each in (*left, *right)):
        return _unknown(text, name)
    base = len(name) - len(repository)
    size = len("/".join(plain[: len(left)]))
    front = "/".join([target.registry, *right])
    if not hosted:
        spans: Span = (0, size, front) if left else (0, 0, f"{front}/")
        schemes: tuple[tuple[Span, ...], ...] = ((spans,),)
    else:
        host: Span = (0, base - 1, target.registry)
        schemes = (((0, base + size if left else base - 1, front),),)
        if left and right:
            schemes += ((host, (base, base + size, "/".join(right))),)
        elif right:
            schemes += ((host, (base, base, "/".join(right) + "/")),)
        elif left:
            schemes += ((host, (base, base + size + 1, "")),)
    return Fate("move", mapped.source.name, target.name, schemes, mapped=mapped)


def registry_options(text: Text, registry: str) -> list[Option]:
    """Return the ways in which another registry can be written where a text names one."""
    return options(text, (((0, len(text.plain), registry),),))


def options(
    text: Text, schemes: tuple[tuple[Span, ...], ...], fixed: Callable[[Origin], bool] = lambda _: False
) -> list[Option]:
    """Return the ways in which spans of a text can be written anew, the best one first; none: it cannot be done.

    Args:
        text: the text.
        schemes: its spans, in each way in which they can be cut.
        fixed: tells of a variable, by its use, whether its value must stay.
    """
    found: list[Option] = []
    for scheme in schemes:
        ways = [_ways(text, span, fixed) for span in scheme]
        for each in product(*ways):
            edits = (*(edit for edit in each), *_told(text, each))
            if edits not in found:
                found.append(edits)
    return found


def _ways(text: Text, span: Span, fixed: Callable[[Origin], bool]) -> list[Edit]:
    """Return the places where a span can be changed: where its variable is defined, or where it is used."""
    start, end, new = span
    for chunk, at in text.placed():
        size = len(chunk.plain)
        if chunk.kind != "unknown" and at <= start < at + size and end <= at + size:
            first, last = start - at, end - at
            break
    else:
        return []
    whole = chunk.text[:first] + new + chunk.text[last:]
    if chunk.kind == "literal":
        there = Edit(_part(chunk.origin, first, last), new)
    elif first == last == 0 and not _is_secret(chunk):
        there = Edit(_part(chunk.origin, 0, 0), new)
    else:
        there = Edit(chunk.origin, whole)
    if chunk.use is None:
        return [there]
    here: list[Edit] = []
    if first == last == 0 and chunk.begins:
        here = [Edit(_part(chunk.use, 0, 0), new)]
    elif chunk.whole:
        here = [Edit(chunk.use, whole)]
    # A variable that holds an image's name or a registry changes; one with a part of a name has other uses
    held = "".join(each.plain for each in text.chunks if each.use == chunk.use)
    named = "/" in held.strip("/") or chunk.text in HUB_HOSTS
    if fixed(chunk.use):
        return here
    return [there, *here] if named else [*here, there]


def _told(text: Text, edits: tuple[Edit, ...]) -> Iterator[Edit]:
    """Write out a name that only a secret of Docker Hub says: it goes, in the end."""
    for chunk in text.chunks:
        if chunk.kind == "told" and _is_secret(chunk) and chunk.origin not in [edit.at for edit in edits]:
            yield Edit(chunk.use if chunk.use is not None and chunk.whole else chunk.origin, chunk.text)


def _is_secret(chunk: Chunk) -> bool:
    return "secrets." in chunk.origin.text


def _part(origin: Origin, first: int, last: int) -> Origin:
    return Origin(origin.file, origin.scalar, origin.start + first, origin.start + last)
