"""A cluster as a migration reads and changes it. Field by field it says what it did; nothing is watched."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote

from .. import kubeconfig
from ..errors import ClusterError, Refused
from . import streams
from .kinds import Kinds, Served
from .link import Link

PAGE: Final = 500
"""Objects of one page of a list."""

_METADATA = "application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1,application/json"


@dataclass(frozen=True, slots=True)
class Live:
    """What is known of a live object: its labels and the field managers that applied parts of it, sorted."""

    labels: Mapping[str, str]
    managers: tuple[str, ...]


@dataclass(frozen=True, slots=True, order=True)
class Right:
    """What somebody may do: a verb on a plural name (``deployments.apps``, ``pods/exec``), in a namespace or all."""

    verb: str
    resource: str
    namespace: str = ""

    def __str__(self) -> str:
        return f"{self.verb} {self.resource}" + (f" in {self.namespace}" if self.namespace else "")


class Cluster:
    """One cluster, by name; safe for many threads. Close it, or use it as a context manager.

    Every method raises ClusterError: the cluster is unreachable, refuses the credential (401) or answers nonsense.
    Refused, one of them, is what the API server says no to, Conflict what somebody else changed or owns.
    """

    def __init__(
        self,
        name: str,
        reached: kubeconfig.Access,
        where: str,
        renew: Callable[[], kubeconfig.Access] | None = None,
    ) -> None:
        self.name = name
        self._link = Link(name, reached, where, renew)
        self._kinds = Kinds(self._link)

    @classmethod
    def by_kubeconfig(cls, name: str, path: str, context: str) -> Cluster:
        """Return the cluster that a context of a kubeconfig reaches.

        Raises:
            ClusterError: it reaches none.
        """

        def reached() -> kubeconfig.Access:
            try:
                return kubeconfig.access(path, context)
            except ClusterError as error:
                raise error.at(f"cluster {name}") from None

        return cls(name, reached(), f"context {context} of {path}", reached)

    @classmethod
    def by_server(cls, name: str, url: str, token: str, certificate_authority: Path | None = None) -> Cluster:
        """Return the cluster at a URL, as a bearer token opens it.

        Raises:
            ClusterError: no https URL, no token, or a certificate authority that cannot be read.
        """
        try:
            reached = kubeconfig.server(url, token, certificate_authority)
        except ClusterError as error:
            raise error.at(f"cluster {name}") from None
        return cls(name, reached, f"server {url}")

    def __enter__(self) -> Cluster:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close all connections."""
        self._link.close()

    def version(self) -> str:
        """Return the version of Kubernetes, ``v1.34.2``."""
        return str((self._link.ask("GET", "/version", "ask for the version") or {}).get("gitVersion", ""))

    def groups(self) -> Mapping[str, str]:
        """Return the API version that each named group prefers (``apps``: ``apps/v1``)."""
        return self._kinds.groups()

    def serves(self, api_version: str, kind: str) -> bool:
        """Whether there can be objects of a kind."""
        return self._kinds.find(api_version, kind) is not None

    def live(self, api_version: str, kind: str, namespace: str, name: str) -> Live | None:
        """Return what is known of an object, None if it is not there, or its kind is not served."""
        found = self._get(api_version, kind, namespace, name, {"Accept": _METADATA})
        if found is None:
            return None
        metadata = found.get("metadata") or {}
        managers = {str(each.get("manager")) for each in metadata.get("managedFields") or []}
        return Live(metadata.get("labels") or {}, tuple(sorted(managers)))

    def get(self, api_version: str, kind: str, namespace: str, name: str) -> dict[str, Any] | None:
        """Return an object, None if it is not there, or its kind is not served."""
        return self._get(api_version, kind, namespace, name, {})

    def list(
        self, api_version: str, kind: str, namespace: str = "", *, labels: str = "", fields: str = ""
    ) -> Iterator[dict[str, Any]]:
        """Yield the objects of a kind page by page, of all namespaces where none is named; none if it is not served.

        Args:
            api_version: ``apps/v1``.
            kind: ``Deployment``.
            namespace: empty for all.
            labels: a label selector, ``team=shop``.
            fields: a field selector, ``type=kubernetes.io/dockerconfigjson``.
        """
        served = self._kinds.find(api_version, kind)
        if served is None:
            return
        query = {"limit": str(PAGE)}
        query |= {key: value for key, value in (("labelSelector", labels), ("fieldSelector", fields)) if value}
        action = f"list {_plural(served, api_version)}" + (f" in {namespace}" if namespace else " of all namespaces")
        while True:
            page = self._link.ask("GET", served.path(namespace), action, query=query) or {}
            for each in page.get("items") or ():
                # the items of a list of a built-in kind do not say what they are
                yield {"apiVersion": api_version, "kind": kind, **each}
            following = (page.get("metadata") or {}).get("continue")
            if not following:
                return
            query["continue"] = str(following)

    def apply(
        self, document: Mapping[str, Any], *, manager: str, force: bool = False, dry_run: bool = False
    ) -> dict[str, Any]:
        """Apply a document server-side and return the object; fields that it leaves out stay with their owners.

        Raises:
            Conflict: others own fields of it, with their ``managers`` and the ``fields``, where not forced;
                or its ``resourceVersion`` is not the live one.
        """
        query = {"fieldManager": manager, "force": str(force).lower(), **({"dryRun": "All"} if dry_run else {})}
        headers = {"Content-Type": "application/apply-patch+yaml"}
        return self._send("PATCH", document, "patch", query=query, headers=headers, repeatable=True)

    def create(self, document: Mapping[str, Any], *, manager: str = "hub2ghcr") -> dict[str, Any]:
        """Create an object and return it.

        Raises:
            Refused: with reason ``AlreadyExists`` where the name is taken.
        """
        return self._send("POST", document, "create", query={"fieldManager": manager}, repeatable=False)

    def replace(self, document: Mapping[str, Any], *, manager: str = "hub2ghcr") -> dict[str, Any]:
        """Replace an object as a whole and return it.

        Raises:
            Conflict: its ``metadata.resourceVersion`` is not the live one.
            Refused: with reason ``NotFound`` where it is gone.
        """
        return self._send("PUT", document, "update", query={"fieldManager": manager}, repeatable=False)

    def delete(self, api_version: str, kind: str, namespace: str, name: str, *, uid: str | None = None) -> bool:
        """Delete an object and, in the background, what belongs to it; False if it is not there.

        Raises:
            Conflict: the object of that name has another ``uid``.
        """
        served = self._kinds.find(api_version, kind)
        if served is None:
            return False
        options: dict[str, Any] = {"apiVersion": "v1", "kind": "DeleteOptions", "propagationPolicy": "Background"}
        if uid:
            options["preconditions"] = {"uid": uid}
        place = _place(kind, namespace if served.namespaced else "", name)
        path, action = served.path(namespace, name), _action("delete", served, api_version, namespace)
        return self._link.ask("DELETE", path, action, place, body=options, absent=True) is not None

    def log(self, namespace: str, pod: str, container: str) -> Iterator[str]:
        """Yield the lines of a container's log as they are written, until it ends or the connection does."""
        path = f"{self._pod(namespace, pod)}/log"
        query = {"container": container, "follow": "true"}
        yield from self._link.lines(path, f"get pods/log in {namespace}", f"Pod {namespace}/{pod}", query=query)

    def feed(self, namespace: str, pod: str, container: str, command: Sequence[str], content: Iterable[bytes]) -> None:
        """Run a command in a container, and write ``content`` to its standard input, which is not closed behind it.

        Raises:
            Refused: the command failed, in its own words.
        """
        place = f"Pod {namespace}/{pod}"
        action = f"create pods/exec in {namespace}"
        query = [("container", container), *(("command", each) for each in command)]
        query += [(name, "true") for name in ("stdin", "stdout", "stderr")]
        path = f"{self._pod(namespace, pod)}/exec"
        with self._link.socket(path, query, streams.PROTOCOL, action, place) as socket:
            streams.feed(socket, content, f"cluster {self.name}: {place}")

    def _pod(self, namespace: str, pod: str) -> str:
        return f"/api/v1/namespaces/{quote(namespace, safe='')}/pods/{quote(pod, safe='')}"

    def allowed(self, rights: Iterable[Right]) -> tuple[Right, ...]:
        """Return those of ``rights`` that the credential lacks, sorted."""
        missing = []
        for right in sorted(set(rights)):
            resource, _, group = right.resource.partition(".")
            resource, _, below = resource.partition("/")
            asked = {"verb": right.verb, "resource": resource, "group": group, "namespace": right.namespace}
            if below:
                asked["subresource"] = below
            review = {
                "apiVersion": "authorization.k8s.io/v1",
                "kind": "SelfSubjectAccessReview",
                "spec": {"resourceAttributes": asked},
            }
            path = "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews"
            answer = self._link.ask("POST", path, "ask for its own rights", body=review) or {}
            if not (answer.get("status") or {}).get("allowed"):
                missing.append(right)
        return tuple(missing)

    def _get(
        self, api_version: str, kind: str, namespace: str, name: str, headers: Mapping[str, str]
    ) -> dict[str, Any] | None:
        served = self._kinds.find(api_version, kind)
        if served is None:
            return None
        action = f"get {_plural(served, api_version)} in {namespace or name}"
        path = served.path(namespace, name)
        return self._link.ask("GET", path, action, _place(kind, namespace, name), headers=headers, absent=True)

    def _send(self, method: str, document: Mapping[str, Any], verb: str, **how: Any) -> dict[str, Any]:
        metadata = document.get("metadata") or {}
        api_version, kind = str(document.get("apiVersion") or ""), str(document.get("kind") or "")
        name, namespace = str(metadata.get("name") or ""), str(metadata.get("namespace") or "")
        at = f"cluster {self.name}"
        if not (api_version and kind and name):
            remedy = "an object has apiVersion, kind and metadata.name"
            raise Refused(
                "no object to send: it is empty, or says not what it is", at, _place(kind, namespace, name), remedy
            )
        place = _place(kind, namespace, name)
        served = self._kinds.find(api_version, kind)
        if served is None:
            remedy = "install its definition first, or correct the version"
            raise ClusterError("the cluster does not serve this kind", f"{at}: {place}", api_version, remedy)
        if served.namespaced and not namespace:
            raise Refused("names no namespace", f"{at}: {place}", remedy="write metadata.namespace")
        path = served.path(namespace, "" if method == "POST" else name)
        found = self._link.ask(method, path, _action(verb, served, api_version, namespace), place, body=document, **how)
        return found or {}


def _place(kind: str, namespace: str, name: str) -> str:
    return f"{kind} {namespace}/{name}" if namespace else f"{kind} {name}".strip()


def _plural(served: Served, api_version: str) -> str:
    group, slash, _ = api_version.partition("/")
    return f"{served.plural}.{group}" if slash else served.plural


def _action(verb: str, served: Served, api_version: str, namespace: str) -> str:
    return f"{verb} {_plural(served, api_version)}" + (f" in {namespace}" if served.namespaced and namespace else "")
