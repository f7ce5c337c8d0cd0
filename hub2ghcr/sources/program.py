"""A program that renders manifests, run without a home, a network's settings, or a terminal."""

from __future__ import annotations

import os
import shutil
import subprocess
from functools import lru_cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from ..errors import ManifestError

SECONDS: Final = 120.0
"""Seconds that a rendering may take."""

_LONGEST: Final = 400
"""Characters of a program's complaint that an error repeats."""

_FOLDERS: Final = (
    "HOME",
    "XDG_CONFIG_HOME",
    "XDG_CACHE_HOME",
    "XDG_DATA_HOME",
    "HELM_CONFIG_HOME",
    "HELM_CACHE_HOME",
    "HELM_DATA_HOME",
)
"""Variables of folders that hold a person's plugins, repositories and credentials."""

_NOISE: Final = ("Use --debug flag", "helm.go:", "walk.go:", "Usage:")


@lru_cache(maxsize=256)
def run(program: str, arguments: tuple[str, ...], root: Path, place: str, remedy: str, digest: str) -> str:
    """Return what a program writes; asked for the same again, it does not run again.

    Args:
        program: its name on PATH.
        arguments: its own.
        root: the folder in which it runs.
        place: how errors name what is rendered.
        remedy: what to do when it refuses.
        digest: that of its inputs.

    Raises:
        ManifestError: it is missing, takes longer than `SECONDS`, or refuses: with what it said last.
    """
    del digest  # it tells one question from another
    found = shutil.which(program)
    if found is None:
        raise ManifestError(f"{program} is not on PATH", place, remedy=f"install {program}, or render it beforehand")
    with TemporaryDirectory(prefix="hub2ghcr-") as home:
        # What a person has there is no input of ours: the same files give the same documents
        env = {"PATH": os.environ.get("PATH", ""), "LC_ALL": "C.UTF-8", **dict.fromkeys(_FOLDERS, home)}
        try:
            done = subprocess.run(
                [found, *arguments], cwd=root, env=env, stdin=subprocess.DEVNULL, capture_output=True, timeout=SECONDS
            )
        except subprocess.TimeoutExpired:
            raise ManifestError(f"{program} took longer than {SECONDS:.0f} s", place, remedy=remedy) from None
        except OSError as error:
            raise ManifestError(f"{program} cannot be run: {error.strerror}", place, found) from None
    if done.returncode:
        raise ManifestError(f"{program} refuses it: {_last(done.stderr, root)}", place, remedy=remedy)
    try:
        return done.stdout.decode()
    except UnicodeDecodeError as error:
        raise ManifestError(f"{program} wrote no UTF-8, at byte {error.start}", place, remedy=remedy) from None


def _last(complaint: bytes, root: Path) -> str:
    """Return the last message of a program in one line, its end where it is long: the cause stands there."""
    text = complaint.decode(errors="replace").replace(f"{root.resolve()}/", "").replace(f"{root}/", "")
    lines = [line for line in map(str.strip, text.splitlines()) if line and not line.startswith(_NOISE)]
    begins = [number for number, line in enumerate(lines) if line.startswith("Error:")]
    said = " ".join(lines[begins[-1] :] if begins else lines[-1:]).removeprefix("Error:").strip()
    return (said if len(said) <= _LONGEST else "…" + said[-_LONGEST:]) or "it said nothing"
