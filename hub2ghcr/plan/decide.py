"""From settings, lock and manifests to the plan."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Final

from ..credential_ref import CredentialRef
from ..errors import raise_all
from ..inventory import Inventory
from ..lock import Lock
from ..reference import endpoint_of
from ..settings import ClusterSettings, Settings
from ..survey import Survey, survey
from .builds import collisions
from .containerd import mirror_warnings, node_mirror_of
from .github_side import github_side
from .guards import denied, guard_of
from .images import copy_of, locked, open_to_anyone, public_of
from .namespaces import Context, namespace_of
from .nouns import Cluster, Plan, RegistryAccess
from .openshift import openshift_of
from .options import takes_from
from .platforms import uncovered
from .rancher import rancher_of
from .reaching import credentials_of, reach_of
from .warnings import warnings

REQUIRE_ABOVE: Final = 50
"""Images above which a run requires copies instead of making them, unless the settings say which: see `of_survey`."""


def build(settings: Settings, lock: Lock, root: Path, inventory: Inventory | None = None) -> Plan:
    """Read the manifests of a stack, and decide everything that it will do: see `of_survey`.

    Args:
        settings: the stack's.
        lock: what its images are and where they go.
        root: the project's folder, where the manifests are.
        inventory: what lives in its clusters (default: as ``stacks/<stack>.inventory.yaml`` has it, if it is there).

    Raises:
        Problems: every manifest that cannot be read, image that cannot be decided or is not locked, workload that
            cannot be switched, and contradiction.
    """
    return of_survey(settings, lock, survey(settings, root, inventory))


def of_survey(settings: Settings, lock: Lock, found: Survey) -> Plan:
    """Decide everything that a stack will do.

    A run of the engine holds the stack's lock. It copies up to `REQUIRE_ABOVE` images while it does; more are copied
    before, by ``hub2ghcr copy``, which can wait for pulls and be interrupted, and the run requires that they are there.

    Args:
        settings: the stack's.
        lock: what its images are and where they go.
        found: what its manifests hold.

    Raises:
        Problems: as `build`.
    """
    problems = list(found.problems)
    credentials = credentials_of(settings)
    entries = locked(settings, lock, found, problems)
    public = public_of(settings, found, problems)
    context = Context(settings, found, entries, credentials, open_to_anyone(found), problems)
    clusters = tuple(_cluster(each, context) for each in sorted(settings.clusters, key=lambda each: each.name))
    problems += collisions(clusters, entries.values())
    unique = {(entry.place, entry.target_digest): entry for entry in entries.values()}
    copied = sum(not entry.published for entry in unique.values())
    mirror = settings.images.mirror or ("copy" if copied <= REQUIRE_ABOVE else "require")
    copies = tuple(copy_of(unique[key], mirror, public) for key in sorted(unique))
    wanted, phase = settings.github, settings.phase
    github = None
    if wanted:
        github = github_side(wanted, settings.home, phase, credentials, problems, settings.image_mapping)
    raise_all(problems)
    told = {*found.warnings} - (context.remade - context.kept)
    return Plan(
        settings.stack,
        settings.phase,
        mirror,
        _registries(settings, credentials),
        copies,
        github,
        clusters,
        tuple(sorted({*told, *context.warnings, *warnings(settings, found, clusters, github)})),
        settings.rollback,
    )


def _cluster(cluster: ClusterSettings, context: Context) -> Cluster:
    settings, found, problems = context.settings, context.found, context.problems
    sites = [site for site in found.sites if site.cluster is cluster]
    namespaces = tuple(namespace_of(site, context) for site in sites)
    guard = guard_of(settings, cluster, namespaces)
    for site, namespace in zip(sites, namespaces, strict=True):
        problems += uncovered(site, context.entries, settings.stack)
        if guard and namespace.phase == "seal":
            problems += denied(settings, site, found)
    mirror = node_mirror_of(settings, cluster, context.credentials, problems)
    if mirror:
        context.warnings.extend(mirror_warnings(settings, cluster.name, mirror, namespaces))
    return Cluster(
        cluster.name,
        reach_of(cluster, context.credentials),
        namespaces,
        takes_from(settings, cluster),
        found.platforms(cluster.name),
        guard,
        found.inventory.cluster(cluster.name) is not None,
        openshift_of(settings, cluster, context.credentials, problems),
        mirror,
        rancher_of(cluster, sites, namespaces, context),
    )


def _registries(settings: Settings, credentials: Mapping[str, CredentialRef]) -> tuple[RegistryAccess, ...]:
    return tuple(
        RegistryAccess(
            host,
            each.endpoint or endpoint_of(host),
            credentials[each.pull] if each.pull else None,
            credentials[each.push] if each.push else None,
        )
        for host, each in sorted(settings.registries.items())
    )
