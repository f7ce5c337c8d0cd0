"""The Secrets that a ServiceAccount lists: one entry of a list is added or taken out, and no other is touched.

``imagePullSecrets`` of a ServiceAccount is an atomic list (``listType=atomic`` in the API's schema): whoever applies it
by server-side apply owns all of it, and takes everybody's entries away with its own. ``secrets`` merges by name, but
has a second writer that does not apply (OpenShift's controller of tokens). So the object is read, changed and put back
under the ``resourceVersion`` that was read; where another writer was faster, that begins anew.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Mapping
from typing import Any, Final, Literal

from ..cluster import Cluster
from ..errors import ClusterError, Conflict, Refused

ATTEMPTS: Final = 40
"""How often a change is begun anew because another writer was faster."""
APPEARS: Final = 15.0
"""Seconds in which a ServiceAccount may appear: that of a new namespace is made by a controller."""

Entries = list[dict[str, Any]]
Listing = Literal["imagePullSecrets", "secrets"]
"""``imagePullSecrets``: its Pods pull with it. ``secrets``: OpenShift's builds pull and push with it, too
(``oc secrets link --for=pull`` and ``--for=mount``)."""


def has_entry(
    cluster: Cluster, namespace: str, account: str, secret: str, listing: Listing = "imagePullSecrets"
) -> bool:
    """Whether the ServiceAccount is there and lists the Secret."""
    found = cluster.get("v1", "ServiceAccount", namespace, account)
    return found is not None and any(each.get("name") == secret for each in _entries(found, listing))


def add_entry(
    cluster: Cluster,
    namespace: str,
    account: str,
    secret: str,
    sleep: Callable[[float], None] = time.sleep,
    listing: Listing = "imagePullSecrets",
) -> None:
    """Add the Secret at the end of the ServiceAccount's list, unless it is in it.

    Raises:
        ClusterError: there is no such ServiceAccount; or it changed under us `ATTEMPTS` times.
    """
    end = time.monotonic() + APPEARS
    while not _change(cluster, namespace, account, lambda entries: _with(entries, secret), sleep, listing):
        if time.monotonic() > end:
            key = "builders" if listing == "secrets" else "serviceAccounts"
            remedy = f"create it, or take it out of `{key}`"
            raise ClusterError("does not exist", _place(cluster, namespace, account), remedy=remedy)
        sleep(0.25)


def remove_entry(
    cluster: Cluster,
    namespace: str,
    account: str,
    secret: str,
    sleep: Callable[[float], None] = time.sleep,
    listing: Listing = "imagePullSecrets",
) -> None:
    """Take the Secret out of the ServiceAccount's list; what is not there any more is left at that.

    Raises:
        ClusterError: it changed under us `ATTEMPTS` times.
    """

    def without(entries: Entries) -> Entries:
        return [each for each in entries if each.get("name") != secret]

    _change(cluster, namespace, account, without, sleep, listing)


def _with(entries: Entries, secret: str) -> Entries:
    return entries if any(each.get("name") == secret for each in entries) else [*entries, {"name": secret}]


def _change(
    cluster: Cluster,
    namespace: str,
    account: str,
    change: Callable[[Entries], Entries],
    sleep: Callable[[float], None],
    listing: Listing,
) -> bool:
    """Change the list; whether there is such a ServiceAccount."""
    for attempt in range(ATTEMPTS):
        found = cluster.get("v1", "ServiceAccount", namespace, account)
        if found is None:
            return False
        before = _entries(found, listing)
        after = change(before)
        if after == before:
            return True
        try:
            cluster.replace({**found, listing: after})
            return True
        except Refused as refused:
            if refused.reason != "NotFound":
                raise
            return False
        except Conflict:
            sleep(random.uniform(0, min(0.5, 0.01 * 2**attempt)))
    remedy = "who writes it so often? run again once that has ended"
    what = f"was written by others each of {ATTEMPTS} times"
    raise ClusterError(what, _place(cluster, namespace, account), remedy=remedy)


def _place(cluster: Cluster, namespace: str, account: str) -> str:
    return f"cluster {cluster.name}: ServiceAccount {namespace}/{account}"


def _entries(account: Mapping[str, Any], listing: Listing) -> Entries:
    return [dict(each) for each in account.get(listing) or ()]
