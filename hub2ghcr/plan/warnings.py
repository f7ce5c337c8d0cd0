"""What is allowed and still worth a line before it is applied."""

from __future__ import annotations

from collections.abc import Iterator

from .. import manifests
from ..platforms.microk8s import addon
from ..settings import Settings
from ..survey import Survey
from . import openshift
from .github_nouns import GitHub
from .imported import imported
from .nouns import Cluster, Namespace
from .secret_sharing import secret_sharing
from .sharing import FEW, sharing


def warnings(settings: Settings, found: Survey, clusters: tuple[Cluster, ...], github: GitHub | None) -> Iterator[str]:
    """Yield one line for each."""
    for cluster in clusters:
        yield from _grouped(cluster)
        facts = found.inventory.cluster(cluster.name)
        yield from openshift.cautions(cluster, facts.version if facts else "")
    yield from sharing(settings, clusters)
    yield from secret_sharing(settings, github, clusters)
    yield from _unknown_accounts(found)
    yield from _plain_secrets(found, clusters)
    yield from imported(settings, found)
    yield from addon.advice(sorted(found.decisions), settings.image_mapping)


def _grouped(cluster: Cluster) -> Iterator[str]:
    """Yield what its namespaces are warned of: a line for each, or one for all where many are warned of the same."""
    named: dict[str, list[str]] = {}
    for namespace in cluster.namespaces:
        for each in _of(namespace):
            named.setdefault(each, []).append(namespace.name)
    for line, names in named.items():
        if len(names) > FEW:
            yield f"cluster {cluster.name}: {len(names)} namespaces ({min(names)} … {max(names)}): {line}"
        else:
            yield from (f"cluster {cluster.name}, namespace {name}: {line}" for name in names)


def _of(namespace: Namespace) -> Iterator[str]:
    opens = namespace.pull_secret.credentials if namespace.pull_secret else {}
    if not opens and any(not each.public for each in namespace.pulls):
        yield "no pull credential: only public packages can be pulled"
    images = [image for each in namespace.all_workloads for image in each.images]
    images += [image for each in namespace.untouched for image in each.images]
    if any(each.reason.startswith("phase prepare") for each in images):
        yield "phase prepare: images are copied, no workload is switched"


def _unknown_accounts(found: Survey) -> Iterator[str]:
    for site in found.sites:
        accounts = {each.name for each in site.documents if each.kind == "ServiceAccount"}
        accounts |= {each.name for each in site.facts.accounts} if site.facts else {"default"}
        for document in site.documents:
            spec = manifests.pod_spec(document.data)
            if spec is None or spec.get("imagePullSecrets"):
                continue
            account = manifests.service_account_of(spec)
            if account not in accounts:
                known = "the manifests of {0} or its inventory" if site.facts else "the manifests of {0}"
                yield (
                    f"{document.place}: ServiceAccount {account} is not among {known.format(site.name)}:"
                    " pull Secrets that it may have are not kept"
                )


def _plain_secrets(found: Survey, clusters: tuple[Cluster, ...]) -> Iterator[str]:
    """Yield the Secrets that the stack owns: their values stand in the manifests for everyone who reads these."""
    own = {
        (cluster.name, each.namespace, each.name)
        for cluster in clusters
        for namespace in cluster.namespaces
        for each in namespace.workloads
        if each.kind == "Secret"
    }
    for site in found.sites:
        for document in site.documents:
            key = (site.cluster.name, site.name, document.name)
            if (
                document.kind == "Secret"
                and key in own
                and (document.data.get("data") or document.data.get("stringData"))
            ):
                yield (
                    f"{document.place}: its values stand there in plain: whoever reads the manifest has them;"
                    " the stack keeps them encrypted"
                )
