"""The clusters of a plan as commands reach them, with values of credentials from the environment."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import ExitStack
from pathlib import Path

from . import plan
from .cluster import Cluster
from .credentials import from_environment, variable
from .errors import CredentialError, Hub2GhcrError, raise_all
from .platforms.rancher.registries import Rancher
from .settings import Settings


def clusters(planned: plan.Plan, environ: Mapping[str, str], opened: ExitStack) -> dict[str, Cluster]:
    """Return the clusters by name; they are closed with ``opened``.

    Raises:
        Problems: kubeconfigs that reach none, tokens that the environment does not have.
    """
    return _clusters({each.name: each.reach for each in planned.clusters}, environ, opened)


def declared(settings: Settings, environ: Mapping[str, str], opened: ExitStack) -> dict[str, Cluster]:
    """Return the clusters of settings as `clusters` does those of a plan.

    Raises:
        Problems: as `clusters`.
    """
    credentials = plan.credentials_of(settings)
    return _clusters({each.name: plan.reach_of(each, credentials) for each in settings.clusters}, environ, opened)


def one(settings: Settings, name: str, environ: Mapping[str, str], opened: ExitStack) -> Cluster:
    """Return one cluster of settings, by its name.

    Raises:
        Problems: as `clusters`.
    """
    credentials = plan.credentials_of(settings)
    reaches = {each.name: plan.reach_of(each, credentials) for each in settings.clusters if each.name == name}
    return _clusters(reaches, environ, opened)[name]


def management(cluster: plan.Cluster, rancher: Rancher, environ: Mapping[str, str], opened: ExitStack) -> Cluster:
    """Return the cluster that Rancher runs in: a cluster of its own, or the very one whose projects these are.

    Raises:
        ClusterError: it is not reached that way.
        CredentialError: the environment does not have its token.
    """
    reach = rancher.management or cluster.reach
    return opened.enter_context(_cluster(f"of Rancher ({cluster.name})", reach, environ))


def _clusters(reaches: Mapping[str, plan.Reach], environ: Mapping[str, str], opened: ExitStack) -> dict[str, Cluster]:
    found: dict[str, Cluster] = {}
    problems: list[Hub2GhcrError] = []
    for name, reach in reaches.items():
        try:
            found[name] = opened.enter_context(_cluster(name, reach, environ))
        except Hub2GhcrError as error:
            problems.append(error)
    raise_all(problems)
    return found


def _cluster(name: str, reach: plan.Reach, environ: Mapping[str, str]) -> Cluster:
    if isinstance(reach, plan.Kubeconfig):
        return Cluster.by_kubeconfig(name, reach.path, reach.context)
    token = from_environment(reach.token.username, reach.token.secret_key, environ)
    if token is None:
        remedy = f"set {variable(reach.token.secret_key)}"
        raise CredentialError("the token of the cluster is not here", f"cluster {name}", reach.token.name, remedy)
    authority = Path(reach.certificate_authority) if reach.certificate_authority else None
    return Cluster.by_server(name, reach.url, token.secret, authority)
