"""The images to be locked, as manifests or any files name them. No lock, registry or cluster is asked."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

from .errors import raise_all
from .lock import source_of, target_of
from .mapping import Left, Mapped, Mapping, at_home
from .reference import Reference
from .resolving import Wanted
from .rules import Rules
from .scanning import Row, scan
from .settings import Settings
from .survey import mapping_of, survey


def wanted(settings: Settings, root: Path) -> tuple[Wanted, ...]:
    """Return every image that a stack's sources name and that is moved or published, sorted.

    ``root`` is the project's folder.

    Raises:
        Problems: manifests that cannot be read, references that do not parse or map, all in one run.
    """
    found = survey(settings, root)
    raise_all(found.problems)
    return _wanted(found.decisions.values(), mapping_of(settings, found.inventory))


def scanned(paths: Sequence[str], rules: Rules) -> tuple[tuple[Wanted, ...], tuple[Row, ...]]:
    """Return the same of files, folders and streams (``-``), and the Docker Hub images that no rule names.

    An image whose tag stands elsewhere, say in a variable, is left out.

    Raises:
        Problems: files that cannot be understood, and images that cannot be mapped, all in one run.
    """
    found = scan(paths, rules.mapping, rules.places)
    raise_all(found.problems)
    texts = {row.text for row in found.of("move", "on-ghcr")} & found.whole
    return _wanted(map(rules.mapping.decide_text, texts), rules.mapping), found.of("uncovered")


def reaches(mapping: Mapping, reference: Reference) -> bool:
    """Tell whether an image on GHCR lies where rules lead to: there its owners publish, and it is locked, too.

    What an exclusion names is left alone; and so is what only a rule without an owner (``ghcr.io/*``) would reach.
    """
    name = at_home(reference, mapping.aliases).name
    if any(each.pattern.match(name) is not None for each in mapping.exclusions):
        return False
    return any(_matches(rule.target, name) for rule in mapping.rules)


def _matches(target: str, name: str) -> bool:
    prefix, star, suffix = target.partition("*")
    if not star:
        return name == prefix
    long_enough = len(name) > len(prefix) + len(suffix)
    return prefix.count("/") > 1 and long_enough and name.startswith(prefix) and name.endswith(suffix)


def _wanted(decisions: Iterable[Mapped | Left], mapping: Mapping) -> tuple[Wanted, ...]:
    found: set[Wanted] = set()
    for each in decisions:
        if isinstance(each, Mapped):
            where = mapping.put_by_hand(each.source)
            found.add(Wanted(each.source, target_of(each.target), each.options.platforms, imported=where))
        elif each.kind == "on-ghcr" and each.source and not each.source.digest and reaches(mapping, each.source):
            # One that names its digest needs no lock
            reference = at_home(each.source, mapping.aliases)
            found.add(Wanted(reference, source_of(reference), published=True))
    return tuple(sorted(found, key=lambda each: (each.reference.canonical, each.target)))
