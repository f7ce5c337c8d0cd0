"""The registries that were asked for, and no others, out of what is stored on this machine."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from pathlib import Path

from ..errors import CredentialError, Hub2GhcrError, raise_all
from ..reference import HUB, HUB_HOSTS
from .credential import Credential
from .helper import Run
from .stored import Stored, files, stored, stored_in

_REGISTRY = re.compile(r"([a-z0-9](?:[a-z0-9.-]*[a-z0-9])?(?::\d+)?|\[[0-9a-f:.]+\](?::\d+)?)((?:/[a-z0-9._-]+)*)")


def registry(text: str) -> str:
    """Return a registry, or what of it lies below a path, as people name it: without scheme, ``/v1/`` or last slash.

    Every name of Docker Hub becomes ``docker.io``.

    >>> registry("https://index.docker.io/v1/"), registry("https://ghcr.io/"), registry("quay.io/acme")
    ('docker.io', 'ghcr.io', 'quay.io/acme')

    Raises:
        CredentialError: it names no registry.
    """
    bare = re.sub(r"^https?://", "", text.strip())
    if "@" in bare:
        raise CredentialError("holds a user name: give the host alone", "registry")  # perhaps with a password
    found = _REGISTRY.fullmatch(re.sub(r"^([^/]*)/v[12]/?$", r"\1", bare).rstrip("/").lower())
    if found is None:
        raise CredentialError("names no registry", "registry", text, "write a host such as ghcr.io")
    host, path = found.groups()
    return (HUB if host in HUB_HOSTS else host) + path


def asked(
    registries: Iterable[str], environ: Mapping[str, str], path: Path | None = None, *, run: Run | None = None
) -> dict[str, Credential]:
    """Return the credential of each registry (see `registry`) from one file, else from the first that has one.

    Raises:
        Problems: of all registries that have none, or one that nobody but Docker can use; and see `stored`.
    """
    found: dict[str, Credential] = {}
    problems: list[Hub2GhcrError] = []
    for text in registries:
        try:
            name = registry(text)
            host, _, below = name.partition("/")
            credential = _stored(host, environ, path, run).at(below)
            if credential is None:
                where = str(path) if path else " or ".join(map(str, files(environ)))
                raise CredentialError(f"no credential for {name}", where, remedy=f"`docker login {host}` writes one")
            found[name] = credential
        except Hub2GhcrError as error:
            problems.append(error)
    raise_all(problems)
    return found


def _stored(host: str, environ: Mapping[str, str], path: Path | None, run: Run | None) -> Stored:
    if path is None:
        return stored(host, environ, run=run)
    found = stored_in(path, host, run=run)
    if found is None:
        raise CredentialError("no such file", str(path), remedy="name the config.json of Docker, or podman's auth.json")
    return found
