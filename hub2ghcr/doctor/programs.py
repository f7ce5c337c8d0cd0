"""Programs that a stack needs besides the engine: those that render its sources, and those that keep logins."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterable, Mapping
from typing import Final

from ..credentials import stored
from ..errors import CredentialError
from .finding import Finding, failures

SECONDS: Final = 10.0
"""Seconds that a program may take to say its version."""

_VERSION: Final[Mapping[str, tuple[str, ...]]] = {"helm": ("version", "--short"), "kustomize": ("version",)}


def renderers(programs: Iterable[str], environ: Mapping[str, str]) -> list[Finding]:
    """Return how the programs stand that render overlays and charts."""
    found = []
    for name in sorted(set(programs)):
        path = shutil.which(name, path=environ.get("PATH"))
        if path is None:
            found.append(Finding("failure", "program", name, "is not on PATH", f"install {name}, or render beforehand"))
            continue
        try:
            done = subprocess.run(
                [path, *_VERSION[name]], capture_output=True, text=True, timeout=SECONDS, stdin=subprocess.DEVNULL
            )
            said = done.stdout.strip().splitlines()
        except (OSError, subprocess.TimeoutExpired):
            said = []
        found.append(
            Finding("ok", "program", name, said[0])
            if said
            else Finding("warning", "program", name, "does not say its version")
        )
    return found


def logins(hosts: Iterable[str], environ: Mapping[str, str]) -> list[Finding]:
    """Return what is stored for registries that no credential is named for; a helper that fails is a failure."""
    found = []
    for host in sorted(set(hosts)):
        try:
            kept = stored(host, environ).credential
        except CredentialError as error:
            found += failures("program", f"login of {host}", error)
            continue
        if kept:
            found.append(Finding("ok", "program", f"login of {host}", f"{kept.username} is logged in on this machine"))
    return found
