"""A cluster that only pretends: objects in memory, with as much of server-side apply as the tests of a switch need."""

from __future__ import annotations

import copy
from collections.abc import Iterator, Mapping
from typing import Any

from hub2ghcr.cluster import Cluster
from hub2ghcr.errors import Conflict
from hub2ghcr.owning import MANAGER
from hub2ghcr.switching.patching import merged

Key = tuple[str, str, str, str]


class Pretended(Cluster):
    """Answers without a server; ``owners`` says who has a field in the way, by object.

    ``written`` are the writes, in order: verb and object; ``forced`` tells of each apply, refused ones too, whether it
    was by force. ``outrun`` is how many writes others are faster than.
    """

    def __init__(self, *objects: Mapping[str, Any], owners: Mapping[str, tuple[str, ...]] | None = None) -> None:
        self.name = "demo"
        self.objects: dict[Key, dict[str, Any]] = {}
        self.owners = dict(owners or {})
        self.written: list[str] = []
        self.forced: list[bool] = []
        self.outrun = 0
        for each in objects:
            self._keep(copy.deepcopy(dict(each)))

    def get(self, api_version: str, kind: str, namespace: str, name: str) -> dict[str, Any] | None:
        return copy.deepcopy(self.objects.get((api_version, kind, namespace, name)))

    def list(
        self, api_version: str, kind: str, namespace: str = "", *, labels: str = "", fields: str = ""
    ) -> Iterator[dict[str, Any]]:
        for key, each in sorted(self.objects.items()):
            if key[:2] == (api_version, kind) and namespace in ("", key[2]) and _chosen(each, fields):
                yield copy.deepcopy(each)

    def apply(
        self, document: Mapping[str, Any], *, manager: str, force: bool = False, dry_run: bool = False
    ) -> dict[str, Any]:
        key = _key(document)
        self.forced.append(force)
        live = self.objects.get(key, {"metadata": {}})
        managers = tuple(each for each in self.owners.get(key[3], ()) if each != manager)
        if managers and not force:
            raise Conflict("conflict", managers=managers, fields=(".image",))
        self._race()
        self.written.append(f"apply{' by force' if force else ''} {key[1]}/{key[3]}")
        found = merged(live, copy.deepcopy(dict(document)))
        entries = [each for each in live["metadata"].get("managedFields") or () if each.get("manager") != manager]
        found["metadata"]["managedFields"] = [*entries, {"manager": manager, "operation": "Apply"}]
        return self._keep(found, live)

    def replace(self, document: Mapping[str, Any], *, manager: str = MANAGER) -> dict[str, Any]:
        self._race()
        key = _key(document)
        self.written.append(f"replace {key[1]}/{key[3]}")
        return self._keep(copy.deepcopy(dict(document)), self.objects[key])

    def create(self, document: Mapping[str, Any], *, manager: str = MANAGER) -> dict[str, Any]:
        key = _key(document)
        assert key not in self.objects
        self.written.append(f"create {key[1]}/{key[3]}")
        found = copy.deepcopy(dict(document))
        found["metadata"] |= {"managedFields": [{"manager": manager, "operation": "Update"}]}
        return self._keep(found)

    def delete(self, api_version: str, kind: str, namespace: str, name: str, *, uid: str | None = None) -> bool:
        live = self.objects.get((api_version, kind, namespace, name))
        if live is None:
            return False
        assert uid in (None, live["metadata"].get("uid"))
        self.written.append(f"delete {kind}/{name}")
        del self.objects[api_version, kind, namespace, name]
        return True

    def _race(self) -> None:
        if self.outrun:
            self.outrun -= 1
            raise Conflict("the object has been modified")

    def _keep(self, found: dict[str, Any], before: Mapping[str, Any] | None = None) -> dict[str, Any]:
        metadata = found["metadata"]
        metadata.setdefault("uid", f"uid-{len(self.written)}")
        changed = before is not None and before.get("spec") != found.get("spec")
        metadata["generation"] = int(metadata.get("generation", 1)) + changed
        metadata["resourceVersion"] = str(len(self.written))
        metadata["managedFields"] = [each for each in metadata.get("managedFields") or () if each]
        self.objects[_key(found)] = found
        return copy.deepcopy(found)


def _key(document: Mapping[str, Any]) -> Key:
    metadata = document["metadata"]
    return document["apiVersion"], document["kind"], metadata.get("namespace", ""), metadata["name"]


def _chosen(found: Mapping[str, Any], fields: str) -> bool:
    path, _, value = fields.partition("=")
    place: Any = found
    for key in path.split(".") if path else ():
        place = place.get(key) or {}
    return not path or place == value
