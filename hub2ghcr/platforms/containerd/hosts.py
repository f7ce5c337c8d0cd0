"""The text of a ``hosts.toml`` (containerd's documentation, docs/hosts.md)."""

from __future__ import annotations

from typing import Final

from ...reference import GHCR
from .mirror import Route

MARK: Final = "# Written by hub2ghcr"
"""How our files begin: what does not begin so is somebody else's."""

ANONYMOUS: Final = "Bearer QQ=="
"""What GHCR takes for nobody in particular, as Homebrew, whose packages are there, sends it.

containerd would ask for a token, for the name that it was given besides the one that it asks the mirror for, and GHCR
refuses both (https://github.com/containerd/containerd/issues/9648). With this it asks for none; so it does not show
GHCR the credential that a Pod has for the registry itself either.
"""


def hosts_toml(route: Route, *, fallback: bool, public: bool) -> str:
    """Return the file of one registry.

    Args:
        route: where its names are.
        fallback: whether the registry itself is asked at last; without, the mirror is its server.
        public: whether all packages are, so that nodes need no token.
    """
    # containerd 1.6 and 1.7 refuse a file without a host, so that the mirror is named as one in any case
    fields = 'capabilities = ["pull", "resolve"]\noverride_path = true\n'
    header = f'Authorization = ["{ANONYMOUS}"]\n' if public and route.home == GHCR else ""
    told = f"{route.registry} is pulled from {route.target}"
    if fallback:
        server = f'server = "{route.upstream}"\n'
        told += f", and from {route.upstream} what is not there"
    else:
        server = f'server = "{route.url}"\n{fields}' + (f"\n[header]\n{header}" if header else "")
        told += ", and from nowhere else"
    host = f'[host."{route.url}"]\n{fields}' + (f'\n[host."{route.url}".header]\n{header}' if header else "")
    return f"{MARK}: {told}.\n{server}\n{host}"
