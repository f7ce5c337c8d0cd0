"""What is allowed and still worth a line before it is applied."""

from __future__ import annotations

from collections.abc import Iterator

from .. import manifests
from ..survey import Survey
from .nouns import Cluster


def warnings(found: Survey, clusters: tuple[Cluster, ...]) -> Iterator[str]:
    """Yield one line for each."""
    users: dict[str, list[str]] = {}
    for cluster in clusters:
        for name in sorted(
            {each.name for ns in cluster.namespaces if ns.pull_secret for each in ns.pull_secret.credentials.values()}
        ):
            users.setdefault(name, []).append(cluster.name)
        for namespace in cluster.namespaces:
            where = f"cluster {cluster.name}, namespace {namespace.name}"
            if namespace.pull_secret is None and any(each.copies for each in namespace.workloads):
                yield f"{where}: no pull credential: only public packages can be pulled"
            if namespace.phase == "prepare" and any(each.images for each in namespace.untouched):
                yield f"{where}: phase prepare: images are copied, no workload is switched"
    for name, sharing in sorted(users.items()):
        if len(sharing) > 1:
            yield f"clusters {', '.join(sorted(sharing))} share the pull credential {name}: revoking it stops them all"
    for site in found.sites:
        accounts = {each.name for each in site.documents if each.kind == "ServiceAccount"}
        for document in site.documents:
            spec = manifests.pod_spec(document.data)
            if spec is None or spec.get("imagePullSecrets"):
                continue
            account = manifests.service_account_of(spec)
            if account != "default" and account not in accounts:
                yield (
                    f"{document.place}: ServiceAccount {account} is not among the manifests of {site.name}:"
                    " pull Secrets that it may have are not kept"
                )
