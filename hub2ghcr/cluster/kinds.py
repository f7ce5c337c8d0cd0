"""Which kinds a cluster serves, and at which paths: asked once for each API group."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import quote

from .link import Link


@dataclass(frozen=True, slots=True)
class Served:
    """A kind at a path: its plural name, and whether its objects live in namespaces."""

    root: str
    plural: str
    namespaced: bool

    def path(self, namespace: str = "", name: str = "") -> str:
        """Return the path of an object, or of a collection without ``name``; without ``namespace`` of all of them."""
        scope = f"/namespaces/{quote(namespace, safe='')}" if self.namespaced and namespace else ""
        return f"{self.root}{scope}/{self.plural}" + (f"/{quote(name, safe='')}" if name else "")


class Kinds:
    """The kinds of one cluster, safe for many threads."""

    def __init__(self, link: Link) -> None:
        self._link = link
        self._lock = threading.Lock()
        self._known: dict[str, Mapping[str, Served]] = {}
        self._groups: dict[str, str] | None = None

    def find(self, api_version: str, kind: str) -> Served | None:
        """Return where a kind is served, None where it is not.

        Raises:
            ClusterError: the cluster does not say.
        """
        with self._lock:
            if api_version not in self._known:
                root = f"/apis/{api_version}" if "/" in api_version else f"/api/{api_version}"
                listed = self._link.ask("GET", root, f"list the kinds of {api_version}", absent=True) or {}
                self._known[api_version] = {
                    each["kind"]: Served(root, each["name"], bool(each["namespaced"]))
                    for each in listed.get("resources", [])
                    if "/" not in each["name"]
                }
            return self._known[api_version].get(kind)

    def groups(self) -> Mapping[str, str]:
        """Return the API version that each named group prefers (``apps``: ``apps/v1``).

        Raises:
            ClusterError: the cluster does not say.
        """
        with self._lock:
            if self._groups is None:
                listed = self._link.ask("GET", "/apis", "list the API groups") or {}
                self._groups = {
                    str(each["name"]): str(each["preferredVersion"]["groupVersion"])
                    for each in listed.get("groups", [])
                }
            return self._groups
