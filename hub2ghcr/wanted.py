"""The images that a stack's manifests name and its mapping moves. No lock, registry or cluster is asked."""

from __future__ import annotations

from pathlib import Path

from . import manifests
from .errors import Hub2GhcrError, raise_all
from .mapping import Mapped
from .reference import Reference
from .resolving import Wanted
from .settings import Settings


def wanted(settings: Settings, root: Path) -> tuple[Wanted, ...]:
    """Return every image to be moved, sorted by its canonical name; ``root`` is the project's folder.

    Raises:
        Problems: manifests that cannot be read, references that do not parse or map, all in one run.
    """
    problems: list[Hub2GhcrError] = []
    references: list[Reference] = []
    files = {file for cluster in settings.clusters for each in cluster.namespaces.values() for file in each.manifests}
    for file in sorted(files):
        try:
            for document in manifests.load(root / file, file):
                references += _references(document, problems)
        except Hub2GhcrError as error:
            problems.append(error)
    found: set[Wanted] = set()
    try:
        decisions = settings.mapping.build().resolve(references)
        found = {Wanted(each.source, _target(each)) for each in decisions.values() if isinstance(each, Mapped)}
    except Hub2GhcrError as error:
        problems.append(error)
    raise_all(problems)
    return tuple(sorted(found, key=lambda each: (each.reference.canonical, each.target)))


def _references(document: manifests.Document, problems: list[Hub2GhcrError]) -> list[Reference]:
    found = []
    for field in manifests.images(document):
        try:
            found.append(Reference.parse(field.text))
        except Hub2GhcrError as error:
            problems.append(error.at(f"{document.place}: {field.field}"))
    return found


def _target(mapped: Mapped) -> str:
    """Name the target as the lock does: with the tag of its source, or without any, and never with a digest."""
    target = mapped.target
    tag = target.tag or (None if target.digest else "latest")
    return f"{target.name}:{tag}" if tag else target.name
