"""A cluster, as far as a migration asks it: whether an object is there, and who manages it. Nothing is ever written."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import quote

import httpx

from . import kubeconfig
from .errors import ClusterError

SECONDS: Final = 10.0
"""Seconds that an answer may take."""

_METADATA = "application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1,application/json"


@dataclass(frozen=True, slots=True)
class Live:
    """What is known of a live object: its labels and the field managers that applied parts of it, sorted."""

    labels: Mapping[str, str]
    managers: tuple[str, ...]


class Cluster:
    """One cluster, by name, as a context of a kubeconfig reaches it. Close it, or use it as a context manager.

    Raises:
        ClusterError: the kubeconfig does not reach it.
    """

    def __init__(self, name: str, path: str, context: str) -> None:
        try:
            reached = kubeconfig.access(path, context)
        except ClusterError as error:
            raise error.at(f"cluster {name}") from None
        self._name, self._context, self._server = name, context, reached.server
        self._kinds: dict[str, dict[str, tuple[str, bool]]] = {}
        self._extensions = {"sni_hostname": reached.server_name} if reached.server_name else {}
        # no proxy of the environment: what the kubeconfig says is all that kubectl and we agree on
        self._client = httpx.Client(
            verify=reached.tls,
            headers=dict(reached.headers),
            proxy=reached.proxy,
            timeout=SECONDS,
            trust_env=False,
        )

    def __enter__(self) -> Cluster:
        return self

    def __exit__(self, *_: object) -> None:
        self._client.close()

    def live(self, api_version: str, kind: str, namespace: str, name: str) -> Live | None:
        """Return what is known of an object, None if it is not there, or its kind is not served.

        Raises:
            ClusterError: the cluster is unreachable, refuses the credential (401) or the question (403).
        """
        group = f"/apis/{api_version}" if "/" in api_version else f"/api/{api_version}"
        if group not in self._kinds:
            listed = self._get(group, f"list the kinds of {api_version}") or {}
            self._kinds[group] = {
                each["kind"]: (each["name"], bool(each["namespaced"]))
                for each in listed.get("resources", [])
                if "/" not in each["name"]
            }
        if kind not in self._kinds[group]:
            return None
        plural, namespaced = self._kinds[group][kind]
        scope = f"/namespaces/{quote(namespace, safe='')}" if namespaced else ""
        found = self._get(f"{group}{scope}/{plural}/{quote(name, safe='')}", f"get {plural} in {namespace or name}")
        if found is None:
            return None
        metadata = found.get("metadata") or {}
        managers = {str(each.get("manager")) for each in metadata.get("managedFields") or []}
        return Live(metadata.get("labels") or {}, tuple(sorted(managers)))

    def _get(self, path: str, action: str) -> dict[str, Any] | None:
        place = f"cluster {self._name}"
        try:
            answer = self._client.get(
                self._server + path, headers={"Accept": _METADATA}, extensions=dict(self._extensions)
            )
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            what = f"is unreachable ({error or type(error).__name__})"
            remedy = f"is context {self._context} of its kubeconfig the right one, and the cluster up?"
            raise ClusterError(what, place, self._server, remedy) from None
        if answer.status_code == 404:
            return None
        if answer.status_code == 401:
            remedy = f"renew the credential of context {self._context} in its kubeconfig"
            raise ClusterError("refuses the credential (401)", place, self._server, remedy)
        if answer.status_code == 403:
            raise ClusterError(f"may not {action} (403)", place, self._server, "grant it to the kubeconfig's user")
        try:
            answer.raise_for_status()
            return dict(answer.json())
        except (httpx.HTTPError, ValueError):
            raise ClusterError(f"answered {answer.status_code}", place, self._server + path, "ask again") from None
