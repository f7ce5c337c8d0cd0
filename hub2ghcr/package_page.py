"""Where a person sets what no API of GitHub's does: a container package's visibility and access."""

from __future__ import annotations

from urllib.parse import quote

from .reference import GHCR


def is_github(registry: str) -> bool:
    """Whether a registry is GitHub's: ghcr.io, or ``containers.HOST`` of a GitHub Enterprise."""
    return registry == GHCR or registry.startswith("containers.")


def settings_page(registry: str, repository: str, owner_kind: str = "orgs") -> str:
    """Return the settings page of the package that a repository of a GitHub registry is.

    ``owner_kind`` is ``orgs`` or ``users``: GitHub has another page for a user's packages.

    >>> settings_page("ghcr.io", "acme/mirror/nginx")
    'https://github.com/orgs/acme/packages/container/mirror%2Fnginx/settings'
    """
    owner, _, name = repository.partition("/")
    host = site_of(registry)
    return f"https://{host}/{owner_kind}/{owner}/packages/container/{quote(name, safe='')}/settings"


def site_of(registry: str) -> str:
    """Return the host of the GitHub that a registry belongs to."""
    return "github.com" if registry == GHCR else registry.removeprefix("containers.")
