"""Dependabot's configuration: which of its registries are Docker Hub.

Source: GitHub's page "Dependabot options reference", ``registries``. A registry has a login, so none is renamed: Docker
Hub's password would go to GHCR.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from ..reference import GHCR, HUB_HOSTS
from ..source import MapNode, Node, Scalar
from .found import Found
from .path import text_of

if TYPE_CHECKING:
    from .objects import Reading

NOTE: Final = "Dependabot signs in to Docker Hub alone: add a registry with url ghcr.io, and a Dependabot secret for it"


def hub_registries(node: Node) -> tuple[Scalar, ...]:
    """Return the names of the registries that are Docker Hub; none where one of GHCR stands beside them."""
    registries = node.get("registries") if isinstance(node, MapNode) else None
    named = registries.items if isinstance(registries, MapNode) else ()
    hosts = {key.value: _host(text_of(each.get("url"))) for key, each in named if isinstance(each, MapNode)}
    if GHCR in hosts.values():
        return ()
    return tuple(key for key, _ in named if hosts.get(key.value) in HUB_HOSTS)


def remarks(node: Node, reading: Reading) -> Iterator[Found]:
    """Yield a remark on each registry of Docker Hub."""
    for name in hub_registries(node):
        at = ("registries", name.value)
        yield reading.found(at, "", ("remark", name), note=NOTE, why="updater", updater="Dependabot")


def _host(url: str) -> str:
    return url.strip().removeprefix("https://").removeprefix("http://").partition("/")[0]
