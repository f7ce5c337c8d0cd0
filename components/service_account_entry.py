"""Our entry in a list of Secrets of one ServiceAccount: added and taken out, all others left as they are.

Never by server-side apply: the list is atomic, and who applies it owns everybody's entries
(`hub2ghcr.pull_secrets.service_account`).
"""

from typing import TYPE_CHECKING, Any

import pulumi
from pulumi.dynamic import ReadResult, Resource, UpdateResult

from hub2ghcr.plan import Reach

from .live_provider import LiveProvider

if TYPE_CHECKING:
    from hub2ghcr.pull_secrets.service_account import Listing

_PULL = "imagePullSecrets"
"""The list of a resource that names none."""


class ServiceAccountEntryProvider(LiveProvider):
    """Reads, changes and puts back under the ``resourceVersion``."""

    identity = ("cluster", "namespace", "account")
    compared = ("secret",)
    delete_before_replace = False  # two ServiceAccounts are two objects

    def write(self, props: dict[str, Any]) -> None:
        """Add the entry, or bring it back."""
        from hub2ghcr.pull_secrets.service_account import add_entry

        from .cluster_access import cluster

        listing = props.get("listing", _PULL)
        add_entry(cluster(props), props["namespace"], props["account"], props["secret"], listing=listing)

    def stands(self, props: dict[str, Any]) -> bool:
        """Look whether the entry is there."""
        from hub2ghcr.pull_secrets.service_account import has_entry

        from .cluster_access import cluster

        listing = props.get("listing", _PULL)
        return has_entry(cluster(props), props["namespace"], props["account"], props["secret"], listing)

    def update(self, id_: str, olds: dict[str, Any], news: dict[str, Any]) -> UpdateResult:
        """Add the entry; one of another name is taken out after that."""
        result = super().update(id_, olds, news)
        if olds["secret"] != news["secret"]:
            self.delete(id_, olds)
        return result

    def read(self, id_: str, props: dict[str, Any]) -> ReadResult:
        """Look; an entry that is lost is none, so that the next run adds it."""
        there = self.stands(props)
        return ReadResult(id_ if there else "", dict(props) if there else {})

    def delete(self, _id: str, props: dict[str, Any]) -> None:
        """Take our entry out; nothing is left to do where the ServiceAccount or its namespace is gone."""
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
