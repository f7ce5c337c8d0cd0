"""How an image that exists only on a node gets into an archive."""

from __future__ import annotations

from ..reference import DEFAULT_TAG, Reference


def export_command(reference: Reference) -> str:
    """Return the command that writes an image of a node's containerd to an archive, to be run on that node.

    ``microk8s ctr`` and ``k3s ctr`` stand for ``ctr`` there; with Docker it is ``docker save -o FILE NAME``.
    """
    name = f"{reference.name}:{reference.tag or DEFAULT_TAG}"
    file = f"{reference.repository.rpartition('/')[2]}.tar"
    return f"ctr --namespace k8s.io images export {file} {name}"
