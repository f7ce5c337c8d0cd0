"""Where rendered files go, and all files that go there."""

from __future__ import annotations

import posixpath
from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path

from ..errors import Hub2GhcrError, ManifestError, raise_all
from ..plan import Namespace, Plan
from ..settings import RenderSettings
from ..sources import Source
from ..survey import Site
from . import folder
from .file import File, rendered


@dataclass(frozen=True, slots=True)
class Folder:
    """A folder of the project."""

    path: str


@dataclass(frozen=True, slots=True)
class Branch:
    """A branch of a GitHub repository (``owner/name``), brought by a pull request."""

    repository: str
    branch: str


@dataclass(frozen=True, slots=True)
class Rendering:
    """What goes to one target.

    Attributes:
        target: where.
        files: by their paths in the folder, or in the repository.
        sources: what they were made from.
        namespaces: whose workloads they hold, each with its cluster's name.
    """

    target: Folder | Branch
    files: tuple[File, ...]
    sources: tuple[Source, ...]
    namespaces: tuple[tuple[str, Namespace], ...]

    @property
    def data(self) -> dict[str, bytes]:
        """Each file's bytes."""
        return {each.path: each.data for each in self.files}


def renderings(plan: Plan, sites: Iterable[Site], root: Path) -> tuple[Rendering, ...]:
    """Return what a stack renders, one for each target, folders first; nothing is written.

    Args:
        plan: the stack's.
        sites: the namespaces that it was made from.
        root: the project's folder.

    Raises:
        Problems: see `rendered`; namespaces that would write one file of a target differently.
    """
    planned = {(cluster.name, each.name): each for cluster in plan.clusters for each in cluster.namespaces}
    found: dict[Folder | Branch, Rendering] = {}
    problems: list[Hub2GhcrError] = []
    for site in sites:
        namespace, said = planned[site.cluster.name, site.name], site.namespace.render
        if said is None:
            continue
        target, prefix = _target(said)
        try:
            files = rendered(site.sources, namespace.rendered, root)
        except Hub2GhcrError as error:
            problems.append(error)
            continue
        placed = tuple(replace(each, path=posixpath.normpath(posixpath.join(prefix, each.path))) for each in files)
        new = Rendering(target, placed, site.sources, ((site.cluster.name, namespace),))
        found[target] = _joined(found[target], new, problems) if target in found else new
    raise_all(problems)
    return tuple(found[each] for each in sorted(found, key=lambda each: (isinstance(each, Branch), str(each))))


def checked(plan: Plan, sites: Iterable[Site], root: Path) -> Plan:
    """Return a plan that warns of each folder whose files are not what it renders; repositories are not asked.

    Args and errors are those of `renderings`.
    """
    lines: list[str] = []
    for each in renderings(plan, sites, root):
        if isinstance(each.target, Folder):
            try:
                changes = folder.differences(root, each.target.path, each.data)
            except Hub2GhcrError as error:
                lines += error.lines
                continue
            if changes:
                count = "1 rendered file is" if len(changes) == 1 else f"{len(changes)} rendered files are"
                lines.append(f"{each.target.path}: {count} not up to date: run `hub2ghcr render -s {plan.stack}`")
    return replace(plan, warnings=tuple(sorted({*plan.warnings, *lines}))) if lines else plan


def _target(said: RenderSettings) -> tuple[Folder | Branch, str]:
    if said.folder is not None:
        return Folder(posixpath.normpath(said.folder)), ""
    return Branch(str(said.repository), str(said.branch)), str(said.path)


def _joined(one: Rendering, other: Rendering, problems: list[Hub2GhcrError]) -> Rendering:
    files = {each.path: each for each in one.files}
    for each in other.files:
        if files.setdefault(each.path, each).data != each.data:
            first = files[each.path].source
            remedy = "render them into folders of their own"
            problems.append(ManifestError(f"is written from {first} and from {each.source}", each.path, remedy=remedy))
    sources = (*one.sources, *(each for each in other.sources if each not in one.sources))
    return Rendering(
        one.target, tuple(files[path] for path in sorted(files)), sources, (*one.namespaces, *other.namespaces)
    )
