"""The commands, run as a user runs them."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[3]


def hub2ghcr(folder: Path, *arguments: str, stdin: bytes = b"", **environ: str) -> subprocess.CompletedProcess[bytes]:
    """Run a command in a folder."""
    command = [sys.executable, "-m", "hub2ghcr", *arguments]
    env = {"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT), **environ}
    return subprocess.run(command, input=stdin, capture_output=True, timeout=120, env=env, cwd=folder)


def lines(output: bytes) -> list[str]:
    """Return the lines of what a command wrote."""
    return output.decode().splitlines()
