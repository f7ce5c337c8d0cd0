"""Our entry in a list of Secrets of one ServiceAccount: added and taken out, all others left as they are.

Never by server-side apply: the list is atomic, and who applies it owns everybody's entries
(`hub2ghcr.pull_secrets.service_account`).
"""

from typing import TYPE_CHECKING, Any

import pulumi
from pulumi.dynamic import CreateResult, DiffResult, ReadResult, Resource, UpdateResult

from hub2ghcr.plan import Reach

from .provider_process import ReferencedProvider, reference_moved

if TYPE_CHECKING:
    from hub2ghcr.pull_secrets.service_account import Listing

_WHERE = ("cluster", "namespace", "account")
_PULL = "imagePullSecrets"
"""The list of a resource that names none."""


class ServiceAccountEntryProvider(ReferencedProvider):
    """Reads, changes and puts back under the ``resourceVersion``; every step can be repeated."""

    def diff(self, _id: str, olds: dict[str, Any], news: dict[str, Any]) -> DiffResult:
        """Compare, and where nothing else changed look whether the entry is still there: no run leaves it lost."""
        from .drift import drifted

        replaces = [key for key in _WHERE if olds.get(key) != news[key]]
        changed = bool(replaces) or reference_moved(olds, news) or olds.get("secret") != news["secret"]
        return DiffResult(changes=changed or drifted(news, lambda: not self._is_there(news)), replaces=replaces)

    def create(self, props: dict[str, Any]) -> CreateResult:
        """Add the entry."""
        self._add(props)
        return CreateResult(f"{props['cluster']}/{props['namespace']}/{props['account']}", dict(props))

    def update(self, _id: str, olds: dict[str, Any], news: dict[str, Any]) -> UpdateResult:
        """Add the entry, or bring it back; one of another name is taken out after that."""
        self._add(news)
        if olds["secret"] != news["secret"]:
            self._remove(olds)
        return UpdateResult(dict(news))

    def read(self, id_: str, props: dict[str, Any]) -> ReadResult:
        """Look; an entry that is lost is none, so that the next run adds it."""
        there = self._is_there(props)
        return ReadResult(id_ if there else "", dict(props) if there else {})

    def delete(self, _id: str, props: dict[str, Any]) -> None:
        """Take our entry out; nothing is left to do where the ServiceAccount or its namespace is gone."""
        self._remove(props)

    def _is_there(self, props: dict[str, Any]) -> bool:
        from hub2ghcr.pull_secrets.service_account import has_entry

        from .cluster_access import cluster

        return has_entry(
            cluster(props), props["namespace"], props["account"], props["secret"], props.get("listing", _PULL)
        )

    def _add(self, props: dict[str, Any]) -> None:
        from hub2ghcr.pull_secrets.service_account import add_entry

        from .cluster_access import cluster

        listing = props.get("listing", _PULL)
        add_entry(cluster(props), props["namespace"], props["account"], props["secret"], listing=listing)

    def _remove(self, props: dict[str, Any]) -> None:
        from hub2ghcr.pull_secrets.service_account import remove_entry

        from .cluster_access import cluster

        listing = props.get("listing", _PULL)
        remove_entry(cluster(props), props["namespace"], props["account"], props["secret"], listing=listing)


class ServiceAccountEntry(Resource, module="hub2ghcr", name="ServiceAccountEntry"):
    """``secret`` in a list of ``account``; it goes when the resource does, unless that is retained."""

    def __init__(
        self,
        name: str,
        *,
        cluster: str,
        reach: Reach,
        namespace: str,
        account: str,
        secret: str,
        listing: "Listing" = "imagePullSecrets",
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        from .cluster_access import reaching

        props = {**reaching(cluster, reach), "namespace": namespace, "account": account, "secret": secret}
        if listing != _PULL:  # what a state has already says nothing of it
            props["listing"] = listing
        super().__init__(ServiceAccountEntryProvider(), name, props, opts)
