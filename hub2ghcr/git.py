"""Git, asked about a checkout. It runs no program that the checkout's configuration names."""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import Final

_TIMEOUT: Final = 120.0
_COMMAND: Final = ("git", "--no-optional-locks", "-c", "core.fsmonitor=false", "-c", "core.hooksPath=/dev/null")
"""Neither a file system monitor nor hooks: both are programs that a checkout's configuration names."""


def run(folder: Path, *arguments: str) -> subprocess.CompletedProcess[bytes]:
    """Return what git did in a folder; 127 where there is no git, 124 where it did not end within two minutes."""
    command = (*_COMMAND, *arguments)
    try:
        return subprocess.run(command, cwd=folder, capture_output=True, timeout=_TIMEOUT, stdin=subprocess.DEVNULL)
    except FileNotFoundError:
        return subprocess.CompletedProcess(command, 127, b"", b"there is no git")
    except subprocess.TimeoutExpired:
        return subprocess.CompletedProcess(command, 124, b"", b"git does not end")


def told(folder: Path, *arguments: str) -> str | None:
    """Return what git says, without the space around it; None where it fails or there is none."""
    done = run(folder, *arguments)
    return done.stdout.decode(errors="replace").strip() if done.returncode == 0 else None
