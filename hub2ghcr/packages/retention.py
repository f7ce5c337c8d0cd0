"""The report of what nothing reaches any more: per package its versions, which are kept and why, and which are not.

It deletes nothing, and there is no flag for it, on purpose: what a person pulls by hand, a cluster of another project
or an old deployment to go back to is known to nobody here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from ..errors import GitHubError, Hub2GhcrError
from ..github import Packages, Version
from ..manifest_store import ManifestStore
from ..package_page import settings_page
from ..plan import Package
from ..registry import Registry
from .anchors import InUse
from .reaching import Policy, Reached, Stored, reach

JOBS: Final = 8
"""Manifests read at the same time."""


@dataclass(frozen=True, slots=True)
class Report:
    """One package: its versions, or why they could not be judged (then nothing of it is called unreached).

    ``page`` is where a person deletes versions.
    """

    package: Package
    versions: int
    reached: Reached
    page: str
    problems: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Asking:
    """Who is asked: the packages by owner, the registry that holds them, and where its manifests are kept."""

    packages: Mapping[str, Packages]
    registry: Registry
    manifests: ManifestStore


def reports(
    asking: Asking,
    wanted: Iterable[tuple[Package, Policy]],
    used: InUse,
    now: datetime,
    told: Callable[[int, int], object] = lambda *_: None,
) -> tuple[Report, ...]:
    """Return what of each package is kept, in their order.

    Args:
        asking: who is asked.
        wanted: the packages, each with what is kept of it besides what is in use.
        used: what is in use.
        now: the moment of asking.
        told: hears how many packages are done, and of how many.
    """
    listed = list(wanted)
    found = []
    for package, policy in listed:
        found.append(_report(asking, package, policy, used, now))
        told(len(found), len(listed))
    return tuple(found)


def _report(asking: Asking, package: Package, policy: Policy, used: InUse, now: datetime) -> Report:
    nothing = Reached((), ())
    versions: Sequence[Version] = ()
    place = f"{package.registry}/{package.place}"
    try:
        packages = asking.packages[package.owner]
        known = packages.find(package.name)
        if known is None:
            raise GitHubError("there is no such package, or the token may not see it")
        versions = list(packages.versions(package.name))
        if len(versions) < known.versions:
            what = f"GitHub lists {len(versions)} of its {known.versions} versions"
            raise GitHubError(what, remedy="ask with a token of its owner, who gets them page by page")
        with ThreadPoolExecutor(JOBS) as pool:
            stored = list(pool.map(lambda each: _stored(asking, package, each), versions))
    except Hub2GhcrError as error:
        return Report(package, len(versions), nothing, package.settings_url, error.lines)
    page = settings_page(package.registry, f"{package.owner}/{package.name}", known.owner_kind)
    return Report(package, len(versions), reach(stored, used.of(place), policy, now), page)


def _stored(asking: Asking, package: Package, version: Version) -> Stored:
    found = asking.manifests.get(asking.registry, package.place, version.digest)
    subject = found.subject
    return Stored(version, tuple(each.digest for each in found.children), subject.digest if subject else "")
