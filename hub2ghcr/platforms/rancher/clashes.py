"""Secrets that are in the way of a project's: Rancher writes its copies over whatever has their name."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Final

from ...cluster import Cluster
from ...errors import ClusterError
from ...owning import PROJECT, by_writers, project, writers
from ...pull_secrets import secret as pull_secret
from .project import is_copy_of
from .registries import ProjectSecret

JOBS: Final = 8
"""Namespaces that are looked into at the same time."""


def unusable(management: Cluster, backing: str, secret: ProjectSecret, manager: str) -> Iterator[ClusterError]:
    """Yield why the Secret of a project cannot be written where it is to lie.

    Args:
        management: the cluster that Rancher runs in.
        backing: the project's backing namespace.
        secret: what is to be written.
        manager: the field manager of what the stack owns.
    """
    live = management.get("v1", "Secret", backing, secret.name)
    place = f"cluster {management.name}: Secret {backing}/{secret.name}"
    remedy = f"choose another `rancher.projects.{secret.project}.secretName`, or delete it"
    if live is None:
        return
    if manager not in writers(live):
        yield ClusterError(f"already exists{by_writers(live)}", place, remedy=remedy)
    elif live.get("type") != pull_secret.TYPE:
        yield ClusterError(f"is of type {live.get('type')}, which cannot be changed", place, remedy=remedy)
    elif live.get("immutable"):
        yield ClusterError("is immutable: no token in it can be renewed", place, remedy=remedy)


def clashes(cluster: Cluster, secret: ProjectSecret, namespaces: Sequence[Mapping[str, Any]]) -> Iterator[ClusterError]:
    """Yield each Secret of a project's namespaces that has the name and is no copy: Rancher would overwrite it.

    Namespaces that the stack does not migrate are looked into, too: Rancher's copies go to all of them.

    Args:
        cluster: whose namespaces these are.
        secret: the project's.
        namespaces: all that are live.
    """
    within = sorted(str(each["metadata"]["name"]) for each in namespaces if project(each) == str(secret.project))
    with ThreadPoolExecutor(JOBS) as pool:
        found = pool.map(lambda name: cluster.get("v1", "Secret", name, secret.name), within)
        for name, live in zip(within, found, strict=True):
            if live is not None and not is_copy_of(live, secret.project):
                what = f"already exists{by_writers(live)}, and Rancher would overwrite it with that of project"
                remedy = f"choose another `rancher.projects.{secret.project}.secretName`, or delete it"
                place = f"cluster {cluster.name}: Secret {name}/{secret.name}"
                yield ClusterError(what, place, str(secret.project), remedy)


def strangers(
    cluster: Cluster, secret: ProjectSecret, namespaces: Sequence[Mapping[str, Any]]
) -> Iterator[ClusterError]:
    """Yield each namespace that the stack counts with, is there, and is not in the project."""
    there = {str(each["metadata"]["name"]): project(each) for each in namespaces}
    for name in secret.namespaces:
        if name in there and there[name] != str(secret.project):
            what = f"is in {f'project {there[name]}' if there[name] else 'no project'}, and the plan counts with"
            remedy = f"move it in Rancher, or `kubectl annotate namespace {name} {PROJECT}={secret.project}`"
            yield ClusterError(what, f"cluster {cluster.name}: Namespace {name}", str(secret.project), remedy)
