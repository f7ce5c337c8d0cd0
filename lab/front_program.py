"""The program in front of each registry (``lab/front``, Go without dependencies), built in seconds and then cached."""

from __future__ import annotations

import hashlib
import os
import subprocess
from pathlib import Path

from lab.errors import LabError
from lab.toolchain import cache

SOURCES = Path(__file__).parent / "front"


def front(go: Path) -> Path:
    """The front's executable: the cached one of these sources and this Go, else built now.

    Raises ``LabError`` with the compiler's words when it does not build.
    """
    target = cache.root() / f"front-{_key(go)}"
    program = target / "front"
    with cache.locked("front"):
        if not program.exists():
            with cache.draft(target) as folder:
                _build(go, folder / "front")
    return program


def _key(go: Path) -> str:
    sources = hashlib.sha256(str(go).encode())
    for path in sorted(SOURCES.iterdir()):
        sources.update(f"\n{path.name}\n".encode() + path.read_bytes())
    return sources.hexdigest()[:16]


def _build(go: Path, program: Path) -> None:
    # Without dependencies nothing is downloaded: GOPROXY=off makes sure of it, whatever a user's settings are.
    env = {**os.environ, "CGO_ENABLED": "0", "GOFLAGS": "", "GOPROXY": "off", "GOWORK": "off", "GOTOOLCHAIN": "local"}
    command = [str(go), "build", "-trimpath", "-buildvcs=false", "-ldflags=-s -w", "-o", str(program), "."]
    try:
        built = subprocess.run(command, cwd=SOURCES, env=env, capture_output=True, text=True, timeout=300, check=False)
    except (OSError, subprocess.TimeoutExpired) as error:
        raise LabError(f"lab/front: {go} does not build it: {error}", remedy="check the Go installation") from error
    if built.returncode:
        raise LabError(f"lab/front: {go} does not build it", details=tuple(built.stderr.strip().splitlines()[-20:]))
