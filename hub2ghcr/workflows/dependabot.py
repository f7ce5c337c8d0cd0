"""What Dependabot is told of Docker Hub. Nothing is edited: its token must be a secret of Dependabot's own."""

from __future__ import annotations

from collections.abc import Iterator

from ..errors import Hub2GhcrError, ManifestError
from ..reference import HUB_HOSTS
from ..source import MapNode, Scalar
from .project import File
from .uses import host_of


def remarks(file: File) -> Iterator[Hub2GhcrError]:
    """Yield a problem for each registry that is Docker Hub."""
    if file.kind != "dependabot":
        return
    registries = file.node.get("registries")
    named = [
        (key, node)
        for key, node in (registries.items if isinstance(registries, MapNode) else ())
        if isinstance(node, MapNode)
    ]
    urls = {key.value: node.get("url") for key, node in named}
    hosts = {name: host_of(url.value) for name, url in urls.items() if isinstance(url, Scalar)}
    if "ghcr.io" in hosts.values():
        return
    for key, _ in named:
        if hosts.get(key.value) in HUB_HOSTS:
            what = "Dependabot signs in to Docker Hub alone, and the images move"
            remedy = "add a registry with `url: ghcr.io` and a Dependabot secret that may read packages"
            yield ManifestError(what, f"{file.path}:{key.line}:{key.column}", key.value, remedy)
