"""The lab's GitHub API: started, stopped and found. See ``lab.github_api`` for what it does."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import httpx

from lab import processes
from lab.ports import port
from lab.processes import Daemon

NAME = "github"

CHECKOUT = Path(__file__).resolve().parents[1]


def up(state: Path) -> None:
    """Start the stand-in; one that already runs is left alone. Raises ``LabError`` when it does not start."""
    state = state.absolute()
    number = port(state, NAME)
    argv = (sys.executable, "-m", "lab.github_api", "--state", str(state), "--port", str(number))
    path = os.pathsep.join(filter(None, (str(CHECKOUT), os.environ.get("PYTHONPATH"))))
    url = f"{endpoint(state)}/_lab/health"
    processes.start(state, Daemon(NAME, argv, lambda: _answers(url), env={"PYTHONPATH": path}, ports=(number,)))


def down(state: Path) -> None:
    """End the stand-in; what was changed in it stays in the state folder."""
    processes.stop(state, NAME)


def endpoint(state: Path) -> str:
    """The base URL for the provider, which adds ``/api/v3/`` itself."""
    return f"http://127.0.0.1:{port(state, NAME)}"


def _answers(url: str) -> str | None:
    try:
        found = httpx.get(url, timeout=2, trust_env=False).status_code
    except httpx.HTTPError as error:
        return f"{url}: {error}"
    return None if found == 200 else f"{url}: HTTP {found}"
