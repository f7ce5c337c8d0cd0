"""What lets a namespace pull: its Secret, the ServiceAccounts that list it, and the pod specs that have to."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping

from .. import manifests
from ..credential_ref import CredentialRef
from ..errors import Hub2GhcrError, SettingsError
from ..manifests import Document
from ..reference import HUB, HUB_HOSTS
from ..settings import ClusterSettings, Settings
from ..survey import Site
from .nouns import Pull, PullSecret
from .options import Options, options_of, project_of

ALL = "*"


def pull_secret_of(
    settings: Settings,
    site: Site,
    options: Options,
    pulls: Iterable[Pull],
    credentials: Mapping[str, CredentialRef],
    sites: Iterable[Site] = (),
) -> PullSecret | None:
    """Return the pull Secret of a namespace, None where it needs none.

    It needs none where anyone can pull its images, and neither other registries nor ServiceAccounts are asked for. What
    opens Docker Hub is in it until phase ``seal``: that of all its namespaces, for the Secret of a project. ``sites``
    are those of the stack.
    """
    phases = {options.phase}
    if options.project:
        phases = {options_of(settings, each).phase for each in in_project(sites, site.cluster, options.project)}
    opens = opened(settings, options.pull, phases, credentials)
    pulled = tuple(pulls)
    asked = set(opens) != {settings.home} or bool(options.accounts or options.builders)
    if not opens or (pulled and all(each.public for each in pulled) and not asked):
        return None
    own = site.namespace
    if options.project:
        return PullSecret(options.pull_secret, opens, project=options.project)
    return PullSecret(
        options.pull_secret, opens, dict(sorted(own.labels.items())), dict(sorted(own.annotations.items()))
    )


def opened(
    settings: Settings, pull: Mapping[str, str], phases: Collection[str], credentials: Mapping[str, CredentialRef]
) -> dict[str, CredentialRef]:
    """Return the credential of each registry host that a Secret opens in namespaces of these phases."""
    sealed = {*phases} == {"seal"}
    return {host: credentials[name] for host, name in sorted(pull.items()) if not (sealed and is_hub(host, settings))}


def in_project(sites: Iterable[Site], cluster: ClusterSettings, project: str) -> Iterator[Site]:
    """Yield the namespaces of a cluster that pull with the Secret of a project of Rancher's."""
    return (each for each in sites if each.cluster is cluster and project_of(each) == project)


def is_hub(host: str, settings: Settings) -> bool:
    """Whether a registry host is Docker Hub's, under whatever name."""
    return host in HUB_HOSTS or settings.aliases.get(host) == HUB


def accounts_of(site: Site, options: Options, problems: list[Hub2GhcrError]) -> tuple[str, ...]:
    """Return the ServiceAccounts that get our entry, sorted; ``*`` are all that the inventory knows."""
    named = {each for each in options.accounts if each != ALL}
    if ALL in options.accounts:
        if site.facts is None:
            place = f"cluster {site.cluster.name}, namespace {site.name}"
            remedy = "run `hub2ghcr inventory`, or name the ServiceAccounts"
            problems.append(SettingsError("`serviceAccounts` has *, and no inventory knows them", place, ALL, remedy))
        else:
            named |= {each.name for each in site.facts.accounts}
    return tuple(sorted(named))


def inherited(site: Site) -> dict[str, tuple[str, ...]]:
    """Return the pull Secrets of the namespace's ServiceAccounts, as far as anything tells: manifests first."""
    known = {each.name: each.pull_secrets for each in site.facts.accounts} if site.facts else {}
    for document in site.documents:
        if document.kind == "ServiceAccount":
            known[document.name] = manifests.listed_pull_secrets(document.data, document.place)
    return known


def added_to(
    document: Document, secret: PullSecret | None, accounts: Iterable[str], known: Mapping[str, tuple[str, ...]]
) -> tuple[str, ...]:
    """Return the names of pull Secrets that a document's pod spec has to list besides those that it lists.

    Args:
        document: whose images move.
        secret: ours, None where there is none.
        accounts: the ServiceAccounts that have our entry: a pod spec that lists no Secret has it from there.
        known: `inherited`.
    """
    spec = manifests.pod_spec(document.data)
    if spec is None or secret is None:
        return ()
    account = manifests.service_account_of(spec)
    if account in accounts and not manifests.listed_pull_secrets(spec, document.place):
        return ()
    return manifests.added_pull_secrets(spec, secret.name, known.get(account, ()), document.place)


def named_by_openshift(document: Document, added: Iterable[str]) -> Iterator[str]:
    """Yield the Secrets among those ``added`` whose names are made by OpenShift, one for each ServiceAccount."""
    account = manifests.service_account_of(manifests.pod_spec(document.data) or {})
    for name in added:
        if re.fullmatch(rf"{re.escape(account)}-dockercfg-[a-z0-9]{{5}}", name):
            yield (
                f"lists {name} from now on, whose name OpenShift makes in each namespace anew:"
                f" with `serviceAccounts: [{account}]` it need not"
            )
