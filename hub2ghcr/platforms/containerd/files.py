"""The files of a node: where each lies, what it says, and what has to be restarted to have it read."""

from __future__ import annotations

from dataclasses import dataclass

from ...credentials import Credential
from .config import config_toml
from .hosts import hosts_toml
from .mirror import READ_AT_START, NodeMirror
from .registries import registries_yaml
from .restarting import RESTARTS


@dataclass(frozen=True, slots=True)
class NodeFile:
    """One file.

    Attributes:
        path: on the node.
        text: all of it, or what is added to it (``part``).
        restart: the command that has it read; empty: it is read at each pull.
        part: it is added to what is there.
        secret: it holds the value of a credential.
    """

    path: str
    text: str
    restart: str = ""
    part: bool = False
    secret: bool = False


def files(mirror: NodeMirror, credential: Credential | None = None) -> tuple[NodeFile, ...]:
    """Return the files of every node of a cluster, sorted by path.

    Without the ``credential`` of a private mirror those that hold it are left out, or hold all but it.
    """
    home = mirror.routes[0].home if mirror.routes else ""
    restart = RESTARTS[mirror.layout]
    if mirror.layout in READ_AT_START:
        text = registries_yaml(mirror.routes, home, credential)
        return (NodeFile(f"{mirror.folder}/registries.yaml", text, restart.command, secret=credential is not None),)
    public = mirror.login is None
    found = [
        NodeFile(f"{mirror.folder}/{each.folder}/hosts.toml", hosts_toml(each, fallback=mirror.fallback, public=public))
        for each in mirror.routes
    ]
    host = mirror.routes[0].endpoint.partition("://")[2].partition("/")[0] if mirror.routes else home
    folder = mirror.folder if mirror.layout == "containerd" else ""  # MicroK8s comes with it
    if text := config_toml(mirror.version, folder, host, credential):
        secret = credential is not None
        found.append(NodeFile(restart.config, text, restart.command, part=True, secret=secret))
    return tuple(sorted(found, key=lambda each: each.path))
