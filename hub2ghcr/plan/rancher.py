"""The projects of Rancher's in one cluster: what each Secret opens, and for which namespaces of the stack."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from ..errors import SettingsError
from ..platforms.rancher.project import Project
from ..platforms.rancher.registries import ProjectSecret, Rancher
from ..settings import ClusterSettings
from ..survey import Site
from .access import in_project, opened
from .namespaces import Context
from .nouns import Namespace
from .options import membership, options_of, project_pull
from .reaching import reach_of


def rancher_of(
    cluster: ClusterSettings, sites: Sequence[Site], namespaces: Sequence[Namespace], context: Context
) -> Rancher | None:
    """Return the projects of a cluster, None where settings name none; what cannot hold is added to the problems.

    ``namespaces`` are the planned ones of ``sites``, in the same order.
    """
    if (declared := cluster.rancher) is None:
        return None
    context.problems.extend(_clashes(cluster, sites))
    planned = {site.name: namespace for site, namespace in zip(sites, namespaces, strict=True)}
    secrets = []
    for project, each in sorted(declared.projects.items()):
        pulling = list(in_project(sites, cluster, project))
        place = f"cluster {cluster.name}: rancher.projects.{project}"
        if not any(membership(site) == project for site in sites):
            what = "no namespace of the stack is known to be in this project"
            remedy = f"list them in its `namespaces`, or run `hub2ghcr inventory -s {context.settings.stack}`"
            context.problems.append(SettingsError(what, place, remedy=remedy))
        pull = project_pull(context.settings, cluster, project)
        phases = {options_of(context.settings, site).phase for site in pulling}
        opens = opened(context.settings, pull, phases, context.credentials)
        secrets.append(
            ProjectSecret(
                Project.parse(project),
                each.secretName,
                {host: found.name for host, found in opens.items()},
                tuple(sorted(site.name for site in pulling if planned[site.name].pull_secret)),
                tuple(sorted(site.name for site in sites if membership(site) == project and site.namespace.create)),
                each.backingNamespace or "",
                any(planned[site.name].runs_switched for site in pulling),
            )
        )
    return Rancher(tuple(secrets), reach_of(declared, context.credentials) if declared.elsewhere else None)


def _clashes(cluster: ClusterSettings, sites: Sequence[Site]) -> Iterator[SettingsError]:
    """Yield namespaces that are not where settings say, and Secrets of their own that Rancher would overwrite."""
    assert cluster.rancher is not None
    for site in sites:
        project = membership(site)
        if not project:
            continue
        known = site.facts.project if site.facts else project
        place = f"cluster {cluster.name}, namespace {site.name}"
        if known != project and not site.namespace.create:
            what = f"is in {f'project {known}' if known else 'no project'}, as the inventory knows, and not in"
            remedy = "move it in Rancher and run `hub2ghcr inventory`, or take it out of the project's `namespaces`"
            yield SettingsError(what, place, project, remedy)
        own = site.namespace.pullSecretName or cluster.pullSecretName
        if site.namespace.pull is not None and own == cluster.rancher.projects[project].secretName:
            what = f"its own pull Secret has the name of that of project {project}: Rancher would overwrite it"
            remedy = "choose another `pullSecretName`, or take its `pull` out: it then pulls with the project's"
            yield SettingsError(what, place, own, remedy)
