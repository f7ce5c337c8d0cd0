"""What a credential opens at a registry, by asking for tokens and for the heads of manifests: nothing is written."""

from __future__ import annotations

from collections.abc import Collection
from typing import Final

from ..errors import AccessRefused, RegistryError
from ..package_page import is_github, settings_page
from ..registry import Registry
from .finding import Finding

TRIED: Final = 5
"""Repositories that are tried for one credential: `hub2ghcr verify` tries all."""


def opens(name: str, registry: Registry, repositories: Collection[str], *, push: bool = False) -> list[Finding]:
    """Return whether a registry gives a credential tokens for repositories.

    GHCR checks the right to push by the first push alone: what is proven is that it gives a token for it.

    Args:
        name: the credential's.
        registry: opened with it.
        repositories: to be pulled from, or pushed to; the first `TRIED` of them are asked for.
        push: whether a token for pushing is asked for.
    """
    verb = "push to" if push else "pull from"
    found: list[Finding] = []
    opened = []
    for repository in sorted(repositories)[:TRIED]:
        place = f"{registry.host}/{repository}"
        try:
            registry.head_manifest(repository, "latest", push=push)
        except AccessRefused as error:
            remedy = error.remedy
            if is_github(registry.host) and "401" not in error.what:
                remedy = f"give it access to the package: {settings_page(registry.host, repository)}"
            found.append(Finding("failure", "credential", name, f"may not {verb} {place}: {error.what}", remedy))
            if "401" in error.what:
                break  # a login that fails does so for every repository
        except RegistryError as error:
            return [*found, Finding("failure", "registry", registry.host, error.what, error.remedy)]
        else:
            opened.append(place)
    if opened:
        more = f", and {len(repositories) - TRIED} that were not tried" if len(repositories) > TRIED else ""
        found.insert(0, Finding("ok", "credential", name, f"gets a token to {verb} {', '.join(opened)}{more}"))
    return found
