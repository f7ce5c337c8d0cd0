"""The keys below ``nodeMirror`` of a cluster: nodes that pull the names of other registries from GHCR."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated, Literal

from ..errors import SettingsError
from .fields import Model, Name, Namespace, ObjectName, Text, matching

if TYPE_CHECKING:
    from .clusters import ClusterSettings

NodePath = Annotated[
    str, matching(r"(?:/(?!\.\.?(?:/|$))[\w.-]+)+", "a folder of the nodes such as /etc/containerd/certs.d, without ..")
]


class NodeMirrorSettings(Model):
    """Whose configuration nodes have (``layout``), where, and how it comes there: see docs/platforms/containerd.md.

    ``version`` is containerd's major one. ``fallback``: a registry itself is asked for what GHCR does not have.
    ``sameNames`` lets names that no rule moves be asked of GHCR as they are. ``credential`` opens private packages. A
    DaemonSet runs ``image``, which has ``sh`` and does not stay on Docker Hub, in ``namespace``, and pulls it with
    ``pullSecret``.
    """

    layout: Literal["containerd", "microk8s", "k3s", "rke2"] = "containerd"
    version: Literal[1, 2] = 1
    delivery: Literal["files", "daemonset"] = "files"
    folder: NodePath | None = None
    fallback: bool = True
    sameNames: bool = False
    credential: Name | None = None
    image: Text | None = None
    namespace: Namespace = "kube-system"
    pullSecret: ObjectName | None = None


def node_mirror(cluster: ClusterSettings, path: str) -> Iterator[SettingsError]:
    """Require that the keys of a cluster's ``nodeMirror`` hold together."""
    found, path = cluster.nodeMirror, f"{path}.nodeMirror"
    if found is None:
        return
    if found.delivery == "daemonset":
        if found.layout in ("k3s", "rke2"):
            remedy = f"set `delivery: files`: {found.layout} reads its registries.yaml when it starts"
            yield SettingsError("is not read without a restart", f"{path}.delivery", found.delivery, remedy)
        if found.image is None:
            yield SettingsError("is missing", f"{path}.image", remedy="name one with sh that is on GHCR, by digest")
    else:
        for key in ("image", "pullSecret"):
            if getattr(found, key) is not None:
                yield SettingsError("goes with `delivery: daemonset`", f"{path}.{key}", remedy="remove it")
