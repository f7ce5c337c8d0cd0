"""Registries without TLS on one machine: which files say so, and what has to be done for them to be read."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from ... import files
from ...errors import Hub2GhcrError, ManifestError, raise_all
from ..containerd.certs_d import folders
from . import docker_daemon, hosts_file

NO_RESTART: Final = "no restart: containerd reads it at each pull"
RELOAD: Final = "run `systemctl reload docker` (or restart docker, which stops containers unless live-restore is set)"


@dataclass(frozen=True, slots=True)
class Change:
    """One file: its text before (empty: there is none) and after, and what makes it read (``needs``)."""

    path: str
    before: str
    after: str
    needs: str

    @property
    def changes(self) -> bool:
        """Whether anything is to be written."""
        return self.before != self.after


def changes(urls: Mapping[str, str], certs: str | None = None, docker: str | None = None) -> tuple[Change, ...]:
    """Return every file that has to say that some registries have no TLS, sorted; nothing is written.

    Args:
        urls: of the registries, by host.
        certs: the folder that containerd's ``config_path`` names; MicroK8s: ``…/args/certs.d``.
        docker: Docker's ``daemon.json``.

    Raises:
        Problems: every file that cannot be read, or merged.
    """
    found: list[Change] = []
    problems: list[Hub2GhcrError] = []
    for host, url in sorted(urls.items()) if certs is not None else ():
        try:
            path = _file(str(certs), host)
            before = _text(path)
            found.append(Change(path, before, hosts_file.merged(before, url, path), NO_RESTART))
        except Hub2GhcrError as error:
            problems.append(error)
    if docker is not None:
        try:
            before = _text(docker)
            found.append(Change(docker, before, docker_daemon.merged(before, sorted(urls), docker), RELOAD))
        except Hub2GhcrError as error:
            problems.append(error)
    raise_all(problems)
    return tuple(found)


def write(change: Change) -> None:
    """Write a file in one step, and the folder above it where there is none.

    Raises:
        ManifestError: it cannot be written; the file is as it was.
    """
    try:
        os.makedirs(os.path.dirname(change.path) or ".", exist_ok=True)
    except OSError as error:
        raise ManifestError(f"cannot be made: {error.strerror}", os.path.dirname(change.path)) from None
    files.replace(change.path, change.after.encode(), change.path)


def _file(certs: str, host: str) -> str:
    names = folders(host)
    there = next((each for each in names if os.path.isdir(os.path.join(certs, each))), None)
    folder = os.path.join(certs, there or host)
    path = os.path.join(folder, hosts_file.NAME)
    held = sorted(os.listdir(folder)) if there else []
    keys = [each for each in held if each.endswith((".crt", ".cert", ".key"))]
    if keys and hosts_file.NAME not in held:
        remedy = f"name them as `ca` and `client` in a {hosts_file.NAME} of your own, then run this again"
        raise ManifestError(
            f"beside a {hosts_file.NAME} its certificates are not read", folder, ", ".join(keys), remedy
        )
    return path


def _text(path: str) -> str:
    if not os.path.exists(path):
        return ""
    try:
        return files.read(path, path).decode()
    except UnicodeDecodeError:
        raise ManifestError("is no text in UTF-8", path, remedy="correct it: nothing of it is overwritten") from None
