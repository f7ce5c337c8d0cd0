"""What the configuration of a node says already, and what in it keeps ``hosts.toml`` from being read."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from typing import Any, Final

from ...errors import ManifestError
from .config import SECTIONS
from .mirror import NodeMirror
from .restarting import RESTARTS

SNAP_DATA: Final = "/var/snap/microk8s/current"
"""What ``${SNAP_DATA}`` stands for in MicroK8s' ``containerd-template.toml``."""

_PLUGINS = {1: "io.containerd.grpc.v1.cri", 2: "io.containerd.cri.v1.images"}


def obstacles(text: str, place: str, mirror: NodeMirror) -> Iterator[ManifestError]:
    """Yield what has to change in a node's ``config.toml`` or ``containerd-template.toml``.

    Args:
        text: what it says.
        place: how errors call it.
        mirror: what the nodes are to read.
    """
    try:
        data = tomllib.loads(text.replace("${SNAP_DATA}", SNAP_DATA))
    except tomllib.TOMLDecodeError as error:
        yield ManifestError(f"is no TOML: {error}", place, remedy="name config.toml or containerd-template.toml")
        return
    version = 2 if data.get("version") == 3 else 1
    plugins = _table(data.get("plugins"))
    registry = _registry(plugins, _PLUGINS[version])
    section, restart = SECTIONS[version], f"then `{RESTARTS[mirror.layout].command}`"
    if version != mirror.version:
        remedy = f"set `nodeMirror.version: {version}`"
        yield ManifestError(f"is of containerd {version}.x, the settings say {mirror.version}", place, remedy=remedy)
    if _registry(plugins, _PLUGINS[3 - version]) and version == 2:
        yield ManifestError(f"has {SECTIONS[1]}, which version 3 does not read", place, remedy=f"move it to {section}")
    for key, each in sorted(_table({**_registry(plugins, "cri"), **registry}.get("mirrors")).items()):
        what = f"{section}.mirrors is the older way; containerd does not start with both, and without config_path reads"
        remedy = f"take it out and set config_path, {restart}"
        yield ManifestError(f"{what} no hosts.toml", place, f"{key}: {_endpoints(each)}", remedy)
    for key, each in sorted(_table(registry.get("configs")).items()):
        if "tls" in _table(each):
            remedy = "say it in hosts.toml of that host (`ca`, `client`, `skip_verify`)"
            yield ManifestError(f"{section}.configs.tls does not go with config_path", place, key, remedy)
    folders = [each for each in str(registry.get("config_path") or "").split(":") if each]
    if not folders:
        remedy = f'add `config_path = "{mirror.folder}"`, {restart}'
        yield ManifestError(f"no hosts.toml is read: {section} has no config_path", place, remedy=remedy)
    elif mirror.folder not in [each.rstrip("/") for each in folders]:
        remedy = f"set `nodeMirror.folder: {folders[0].rstrip('/')}`"
        yield ManifestError("hosts.toml files are read elsewhere", place, ":".join(folders), remedy)


def _registry(plugins: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    return _table(_table(plugins.get(name)).get("registry"))


def _table(found: Any) -> Mapping[str, Any]:
    """Return a table; what is none, containerd itself refuses."""
    return found if isinstance(found, Mapping) else {}


def _endpoints(mirror: Any) -> str:
    found = _table(mirror).get("endpoint")
    return ", ".join(map(str, found)) if isinstance(found, list) else str(found)
