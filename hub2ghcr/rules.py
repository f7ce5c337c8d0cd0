"""What scanning and rewriting are told: the mapping, declared places, and where the lock is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from .errors import Hub2GhcrError, LockError, MappingError, raise_all
from .lock import Lock
from .mapping import Mapping, Rule
from .places import Places

SECTIONS: Final = frozenset({"images", "mapping", "places", "registries"})
"""The sections of a stack file that are read."""


@dataclass(frozen=True, slots=True)
class Rules:
    """The mapping, the places that settings declare, and the lock file's path."""

    mapping: Mapping
    places: Places | None = None
    lock: str = "images.lock.yaml"


def load(maps: Sequence[str], config: str | None = None, stack: str | None = None) -> Rules:
    """Return the rules that a command line asks for.

    Args:
        maps: rules as ``SOURCE=TARGET``; they come before those of a file.
        config: a stack file, or a file of the sections in `SECTIONS` alone.
        stack: a stack of the current folder, instead of ``config``; its inventory says what was imported on nodes.

    Raises:
        Problems: everything that is wrong with them.
    """
    problems: list[Hub2GhcrError] = []
    found = Rules(Mapping(()))
    try:
        found = _file(config, stack)
    except Hub2GhcrError as error:
        problems.append(error)
    rules: list[Rule] = []
    for text in maps:
        source, equals, target = text.partition("=")
        try:
            if not equals:
                raise MappingError("not SOURCE=TARGET", value=text, remedy="write 'docker.io/*=ghcr.io/OWNER/*'")
            rules.append(Rule.parse(source, target, aliases=found.mapping.aliases, homes=found.mapping.homes))
        except MappingError as error:
            problems.append(error.at("--map"))
    problems += (problem.at("--map") for problem in Mapping(tuple(rules)).problems())
    raise_all(problems)
    mapping = replace(found.mapping, rules=(*rules, *found.mapping.rules))
    return Rules(mapping, found.places, found.lock)


def _file(config: str | None, stack: str | None) -> Rules:
    if config is None and stack is None:
        return Rules(Mapping(()))
    from . import settings  # pydantic takes as long to import as a small run takes

    place = config if config is not None else settings.file_of(str(stack), Path.cwd())
    read = settings.partial(place, Path.cwd(), SECTIONS)
    mapping = read.image_mapping
    if stack is not None:
        from . import inventory

        known = inventory.file_of(stack)
        mapping = replace(mapping, imported=inventory.imported(inventory.load(Path.cwd() / known, known)))
    return Rules(mapping, read.declared_places, read.images.lock)


def locked(path: str) -> Lock:
    """Return the lock that targets are pinned by.

    Raises:
        LockError, Problems: there is none, or it is malformed.
    """
    if not Path(path).is_file():
        raise LockError("no such lock file", path, remedy="`hub2ghcr lock` writes it, --lock names another")
    return Lock.load(Path(path), path)
