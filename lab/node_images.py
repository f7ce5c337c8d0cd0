"""The images that the lab's real node holds, asked of its containerd."""

from __future__ import annotations

import subprocess
from pathlib import Path

from lab.containerd import LOCAL_IMAGES
from lab.errors import LabError
from lab.identity import identity

HUB = ("docker.io/", "index.docker.io/", "registry-1.docker.io/")
"""How the names of images from Docker Hub begin in containerd."""


def held(state: Path) -> dict[str, str]:
    """Every name in the node's image store, and the digest it stands for."""
    lines = _ctr(state, "list").splitlines()[1:]
    return {name: digest for name, _, digest, *_ in map(str.split, lines)}


def forget_hub(state: Path) -> list[str]:
    """Remove every image that came from Docker Hub, sorted by name; containers that run keep running.

    Images that were imported, and have no registry behind them, stay.
    """
    return _forget(state, HUB)


def forget(state: Path) -> list[str]:
    """Remove every image that a registry has, as `forget_hub` does those of one."""
    return _forget(state, ("",))


def _forget(state: Path, begins: tuple[str, ...]) -> list[str]:
    images = held(state)
    named = {name: digest for name, digest in images.items() if not name.startswith("sha256:")}
    gone = {digest for name, digest in named.items() if name.startswith(begins) and name not in LOCAL_IMAGES}
    kept = {digest for name, digest in named.items() if not name.startswith(begins) or name in LOCAL_IMAGES}
    doomed = [name for name, digest in images.items() if digest in gone - kept]
    if doomed:
        _ctr(state, "remove", "--sync", *doomed)
    return sorted(name for name in doomed if not name.startswith("sha256:") and "@" not in name)


def _ctr(state: Path, *arguments: str) -> str:
    socket = identity(state.resolve()).runtime / "containerd.sock"
    command = ["ctr", "--address", str(socket), "--namespace", "k8s.io", "images", *arguments]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    except (OSError, subprocess.TimeoutExpired) as error:
        raise LabError(f"ctr images {arguments[0]}: {error}") from error
    if done.returncode:
        raise LabError(f"ctr images {arguments[0]} failed", details=tuple(done.stderr.splitlines()[-5:]))
    return done.stdout
