"""Live objects as an API server gives them, and a cluster of such."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, cast

from hub2ghcr.cluster import Cluster
from hub2ghcr.errors import ClusterError, Conflict
from hub2ghcr.expected import Expectation

OLD, NEW = "nginx:1.27", "ghcr.io/acme/nginx:1.27@sha256:" + "a" * 64


def managed(manager: str, *containers: str) -> dict[str, Any]:
    """An entry of managedFields: who applied the images of these containers."""
    fields: dict[str, Any] = {f'k:{{"name":"{name}"}}': {"f:image": {}} for name in containers}
    spec = {"f:spec": {"f:template": {"f:spec": {"f:containers": fields}}}} if containers else {"f:metadata": {}}
    return {"manager": manager, "operation": "Apply", "fieldsV1": spec}


def deployment(
    name: str = "web", image: str = OLD, by: str = "kubectl-client-side-apply", **about: Any
) -> dict[str, Any]:
    pod = {"containers": [{"name": "web", "image": image}], **about.pop("pod", {})}
    metadata = {"name": name, "namespace": "shop", "managedFields": [managed(by, "web")], **about}
    return {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": metadata, "spec": {"template": {"spec": pod}}}


def document(image: str = NEW, name: str = "web", **pod: Any) -> dict[str, Any]:
    spec = {"containers": [{"name": "web", "image": image}], **pod}
    metadata = {"name": name, "namespace": "shop"}
    return {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": metadata, "spec": {"template": {"spec": spec}}}


def patched(image: str = NEW, *, switched: bool = True, name: str = "web", was: str = OLD, **pod: Any) -> Expectation:
    return Expectation(
        "apps/v1",
        "Deployment",
        "shop",
        name,
        "patched",
        "do this",
        document(image, name, **pod),
        {image: (was,)},
        switched,
    )


class Objects:
    """A cluster that holds objects, and remembers what was asked of it."""

    name = "demo"

    def __init__(self, *objects: Mapping[str, Any], conflicts: tuple[str, ...] = (), refuses: str = "") -> None:
        self.objects = {
            (each["apiVersion"], each["kind"], each["metadata"].get("namespace", ""), each["metadata"]["name"]): each
            for each in objects
        }
        self.conflicts, self.refuses = conflicts, refuses
        self.asked: list[tuple[str, ...]] = []
        self.unserved: set[str] = set()

    def serves(self, api_version: str, kind: str) -> bool:
        return kind not in self.unserved

    def get(self, *key: str) -> Mapping[str, Any] | None:
        self.asked.append(("get", *key))
        return self.objects.get(cast(tuple[str, str, str, str], key))

    def list(
        self, api_version: str, kind: str, namespace: str = "", *, fields: str = ""
    ) -> Iterator[Mapping[str, Any]]:
        self.asked.append(("list", api_version, kind, fields))
        for key, each in self.objects.items():
            if key[:2] == (api_version, kind) and namespace in ("", key[2]):
                yield each

    def apply(self, document: Mapping[str, Any], *, manager: str, force: bool = False, dry_run: bool = False) -> Any:
        assert dry_run, "a proof writes nothing"
        self.asked.append(("try", document["metadata"]["name"], str(force)))
        if self.conflicts and not force:
            raise Conflict("is refused: conflict", managers=self.conflicts, fields=(".spec.image",))
        if self.refuses:
            raise ClusterError(f"is refused: {self.refuses}", "cluster demo: Deployment shop/web")
        return document


def as_cluster(objects: Objects) -> Cluster:
    return cast(Cluster, objects)
