"""Whatever a plan has of a kind, in a form in which two plans are compared."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final

from .nouns import Change
from .paths import changed_paths

SHOWN: Final = 8
"""Paths of one document that are named; more are counted."""


@dataclass(frozen=True, slots=True)
class Thing:
    """One thing of a plan.

    Attributes:
        kind: in words.
        name: unlike any other of its kind.
        facts: what is told of it, by what it is; empty texts are not.
        quiet: what is compared, too, and never told: of a difference the name alone, of a document the paths.
        leaving: what becomes of it once the plan has it no more.
    """

    kind: str
    name: str
    facts: Mapping[str, str] = field(default_factory=dict)
    quiet: Mapping[str, object] = field(default_factory=dict)
    leaving: str = ""


def changes(
    before: Iterable[Thing], after: Iterable[Thing], moved: Collection[tuple[str, str]] = ()
) -> tuple[Change, ...]:
    """Return what comes, changes and goes, sorted.

    Args:
        before: all things of the base.
        after: all of the head.
        moved: pairs of texts, old and new, that are told elsewhere: a document's paths leave them out.
    """
    old, new = _by_name(before), _by_name(after)
    found = [Change(*key, "removed", old[key].leaving) for key in old.keys() - new.keys()]
    found += [Change(*key, "added", _facts(new[key])) for key in new.keys() - old.keys()]
    for key in old.keys() & new.keys():
        if detail := ", ".join(_differences(old[key], new[key], moved)):
            found.append(Change(*key, "changed", detail))
    return tuple(sorted(found))


def _by_name(things: Iterable[Thing]) -> dict[tuple[str, str], Thing]:
    return {(each.kind, each.name): each for each in things}


def _facts(thing: Thing) -> str:
    return ", ".join(f"{name} {value}".strip() for name, value in thing.facts.items() if value)


def _differences(old: Thing, new: Thing, moved: Collection[tuple[str, str]]) -> Iterator[str]:
    for name in dict.fromkeys((*old.facts, *new.facts)):
        one, other = old.facts.get(name, ""), new.facts.get(name, "")
        if one != other:
            yield f"{name} {one or 'none'} → {other or 'none'}".strip()
    for name in dict.fromkeys((*old.quiet, *new.quiet)):
        one_, other_ = old.quiet.get(name), new.quiet.get(name)
        if isinstance(one_, Mapping) and isinstance(other_, Mapping):
            yield from _told(changed_paths(one_, other_, moved))
        elif one_ != other_:
            yield name


def _told(paths: tuple[str, ...]) -> Iterator[str]:
    yield from paths[:SHOWN]
    if len(paths) > SHOWN:
        yield f"and {len(paths) - SHOWN} fields more"
