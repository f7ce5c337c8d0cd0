"""What is built in a namespace."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

from ..errors import Hub2GhcrError, SettingsError, raise_all
from ..lock import Entry
from ..platforms.kaniko.build import EXECUTOR, Build, Context
from ..platforms.kaniko.local import ready
from ..settings import Settings
from ..settings.builds import BuildSettings
from ..survey import Site
from .nouns import Cluster, Plan


def builds_of(settings: Settings, site: Site) -> tuple[Build, ...]:
    """Return the builds of a namespace, by name; what is in their contexts is not looked at."""
    return tuple(_build(settings, name, each) for name, each in sorted(site.namespace.builds.items()))


def collisions(clusters: Iterable[Cluster], entries: Iterable[Entry]) -> Iterator[SettingsError]:
    """Yield builds that push a tag which the stack copies, or another build pushes: each would undo the other."""
    pushed = {each.place: f"the copy of {each.source}" for each in entries if not each.published}
    for cluster in clusters:
        for namespace in cluster.namespaces:
            for each in namespace.builds:
                path = f"cluster {cluster.name}, namespace {namespace.name}: build {each.name}"
                for place in each.destinations:
                    if place in pushed:
                        what = f"pushes the same as {pushed[place]}"
                        yield SettingsError(what, path, place, "give it a tag or an image of its own")
                    pushed.setdefault(place, path)


def require_buildable(plan: Plan, root: Path) -> None:
    """Require that the contexts which are handed over from this machine can be built.

    Args:
        plan: the stack's.
        root: the project's folder.

    Raises:
        Problems: contexts that cannot be read, Dockerfiles and sub-paths that are not in them, what kaniko refuses.
    """
    raise_all(_problems(plan, root))


def _problems(plan: Plan, root: Path) -> Iterator[Hub2GhcrError]:
    for cluster in plan.clusters:
        for namespace in cluster.namespaces:
            for each in namespace.builds:
                path = f"cluster {cluster.name}, namespace {namespace.name}: build {each.name}"
                try:
                    with ready(each, root):
                        pass
                except Hub2GhcrError as error:
                    yield error.at(path)


def _build(settings: Settings, name: str, each: BuildSettings) -> Build:
    declared = settings.registries.get(each.image.partition("/")[0])
    return Build(
        name,
        _context(each),
        each.image,
        tuple(sorted(set(each.tags))),
        each.pushCredential or (declared and declared.push) or "",
        each.dockerfile,
        each.subPath or "",
        each.platform or "",
        dict(sorted(each.args.items())),
        each.cache or "",
        each.executor or EXECUTOR,
        each.serviceAccount or "",
        {key: dict(sorted(value.items())) for key, value in sorted(each.resources.items())},
        each.timeoutSeconds,
        clone=each.context.credential or "",
    )


def _context(each: BuildSettings) -> Context:
    given = each.context
    if given.git is not None:
        return Context("git", given.git, given.ref or "")
    if given.archive is not None:
        return Context("url" if "://" in given.archive else "archive", given.archive)
    return Context("folder", given.folder or "")
