"""The guard of one cluster: which namespaces it audits and denies, and what it must not deny."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Iterator

from ..errors import ManifestError
from ..mapping import Left, at_home
from ..reference import HUB
from ..settings import ClusterSettings, Settings
from ..survey import Site, Survey, images
from .nouns import Guard, Namespace


def guard_of(settings: Settings, cluster: ClusterSettings, namespaces: Iterable[Namespace]) -> Guard | None:
    """Return the guard that follows the phases of a cluster's namespaces, None where it is off.

    In phase ``prepare`` it stands in nobody's way; it is there so that a way back finds what it has to lift.
    """
    if cluster.guard.action == "off":
        return None
    phases = {each.name: each.phase for each in namespaces}
    return Guard(
        guard_name(settings.stack),
        tuple(sorted(name for name, phase in phases.items() if phase == "cutover")),
        tuple(sorted(name for name, phase in phases.items() if phase == "seal")),
        tuple(sorted({each.match for each in cluster.guard.exceptions})),
        tuple(sorted(alias for alias, host in settings.aliases.items() if host == HUB)),
    )


def denied(settings: Settings, site: Site, found: Survey) -> Iterator[ManifestError]:
    """Yield the images of a namespace to be sealed that stay on Docker Hub: its guard would keep Pods from starting."""
    patterns = [each.build(settings.aliases).pattern for each in site.cluster.guard.exceptions]
    for place, text in images([site]):
        left = found.decisions.get(text)
        if not isinstance(left, Left) or left.source is None:
            continue
        source = at_home(left.source, settings.aliases)
        if source.registry == HUB and all(each.match(source.name) is None for each in patterns):
            what = f"phase seal would deny it: {left.reason}"
            remedy = "let it through in clusters[].guard.exceptions, or give it a mapping rule"
            yield ManifestError(what, place, text, remedy)


def guard_name(stack: str) -> str:
    """Return the name of a stack's guard, one that is off too: Kubernetes knows neither capitals nor underscores."""
    plain = re.sub(r"[^a-z0-9.-]", "-", stack.lower()).strip("-.")
    if plain != stack:
        plain += "-" + hashlib.sha256(stack.encode()).hexdigest()[:8]
    return f"hub2ghcr-{plain}"
