"""Images that somebody put on nodes by hand (``ctr images import``, ``docker build`` there): no registry gave them.

A node that pulls an image keeps the digest of its repository beside its tag, in ``Node.status.images`` and in the
``imageID`` of Pods; one that was imported has a tag alone. A name that any node of the cluster has pulled is none of
these, and neither is one that the lock has from a registry: nodes may be given those, too. The kubelet tells of 50
images (``nodeStatusMaxImages``), the largest: of smaller ones Pods tell.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from ..archives import ORIGIN
from ..errors import InvalidReference
from ..lock import Lock, source_of
from ..reference import Reference
from .facts import Inventory

_IDENTITY: Final = ("sha256:", "docker://sha256:")
"""How the ``imageID`` of an image begins that the runtime knows by itself alone; cri-o's says nothing of that."""


@dataclass
class Imported:
    """What nodes and Pods of one cluster tell, gathered; ``loaded`` have a tag alone, ``pulled`` a digest, too."""

    loaded: set[str] = field(default_factory=set)
    pulled: set[str] = field(default_factory=set)

    def on_node(self, names: Sequence[str]) -> None:
        """Take note of an image that a node holds, by all its names there."""
        found = [each for each in map(_parsed, names) if each is not None]
        with_digest = {each.name for each in found if each.digest}
        for each in found:
            if each.tag:
                (self.pulled if each.name in with_digest else self.loaded).add(source_of(each))

    def in_pod(self, image: str, taken: str) -> None:
        """Take note of what a container runs: the image of its spec, and its ``imageID``."""
        reference = _parsed(image)
        if reference is None or reference.digest:
            return
        if taken.startswith(_IDENTITY):
            self.loaded.add(source_of(reference))
        elif (found := _parsed(taken.rpartition("://")[2])) is not None and found.name == reference.name:
            self.pulled.add(source_of(reference))

    def among(self, images: Iterable[str], lock: Lock) -> tuple[str, ...]:
        """Return those of some images that were imported, as the lock would call them, sorted."""
        wanted = {source_of(each) for each in map(_parsed, images) if each is not None and not each.digest}
        return tuple(sorted(each for each in wanted & (self.loaded - self.pulled) if not _in_registry(lock, each)))


def imported(inventory: Inventory) -> Mapping[str, str]:
    """Return every image that was imported, and on whose nodes; none that another cluster has pulled."""
    found: dict[str, list[str]] = {}
    for cluster in inventory.clusters:
        others = {each for other in inventory.clusters if other is not cluster for each in _ran(inventory, other.name)}
        for image in cluster.imported:
            if image not in others:
                found.setdefault(image, []).append(cluster.name)
    return {image: f"the nodes of {', '.join(names)}" for image, names in sorted(found.items())}


def _in_registry(lock: Lock, source: str) -> bool:
    entry = lock.at(source)
    return entry is not None and not entry.resolved.source.startswith(ORIGIN)


def _ran(inventory: Inventory, name: str) -> Iterator[str]:
    """Yield the images that Pods of a cluster run under a digest, but for those that were imported there."""
    cluster = inventory.cluster(name)
    for namespace in cluster.namespaces if cluster else ():
        for workload in namespace.workloads:
            for each in workload.running:
                reference = _parsed(each.image)
                if cluster and each.digest and reference is not None and source_of(reference) not in cluster.imported:
                    yield source_of(reference)


def _parsed(text: str) -> Reference | None:
    try:
        return Reference.parse(text)
    except InvalidReference:
        return None  # a runtime may also keep an image without any name (`<none>:<none>`)
