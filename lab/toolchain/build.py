"""A program built from Go modules, in a small module of its own."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path

from lab.errors import LabError
from lab.toolchain.program import GO_ENVIRONMENT, SOURCES, Copy, Program

TIMEOUT = 3600.0
"""Seconds that one program may take: ten times what the largest takes on two cores."""


def build(program: Program, folder: Path, go: Path) -> None:
    """Build ``program`` into ``folder/bin``; raises ``LabError`` when Go fails.

    Go keeps what it has compiled in its own cache, so that a build that was interrupted goes on where it was.
    """
    source = folder / "source"
    binaries = folder / "bin"
    shutil.copytree(program.source, source)
    binaries.mkdir()
    for copy in program.copies:
        _copy(program, copy, source, binaries if copy.to == "bin" else source, go)
    for binary, package in zip(program.binaries, program.packages, strict=False):
        _go(program, go, source, ["build", "-ldflags", program.ldflags, "-o", str(binaries / binary), package])
    shutil.rmtree(source)


def _copy(program: Program, copy: Copy, source: Path, target: Path, go: Path) -> None:
    pinned = SOURCES / copy.of if copy.of else source
    # Go checks the module against the go.sum beside: the file is the one that was pinned.
    module = json.loads(_go(program, go, pinned, ["mod", "download", "-json", copy.module]))
    taken = Path(module["Dir"]) / copy.path
    placed = target / taken.name
    if copy.json:
        placed.write_text(json.dumps({**json.loads(taken.read_text()), **copy.json}))
    else:
        placed.write_bytes(taken.read_bytes())
    if copy.to == "bin":
        placed.chmod(0o755)


def _go(program: Program, go: Path, source: Path, arguments: Sequence[str]) -> str:
    child = subprocess.Popen(
        [go, *arguments],
        cwd=source,
        env={**os.environ, **GO_ENVIRONMENT},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        told, complained = child.communicate(timeout=TIMEOUT)
    except subprocess.TimeoutExpired as error:
        raise LabError(f"toolchain: building {program.name} took over {TIMEOUT / 60:.0f} minutes") from error
    finally:
        if child.poll() is None:
            child.terminate()
            child.wait()
    if child.returncode:
        lines = [line for line in complained.splitlines() if not line.startswith("go: downloading ")]
        raise LabError(
            f"toolchain: building {program.name} {program.version} failed: {lines[-1] if lines else 'Go said nothing'}",
            remedy=_remedy(complained),
            details=tuple(lines[-10:]),
        )
    return told


def _remedy(complaint: str) -> str:
    if "no space left on device" in complaint:
        return "make room: a first build needs 12 GB in Go's caches (`go env GOCACHE GOMODCACHE`); then run it again"
    if any(sign in complaint for sign in ("dial tcp", "no such host", "i/o timeout", "TLS handshake", "connection re")):
        return "let this machine reach a Go module proxy (`go env GOPROXY`), then run it again: it goes on where it was"
    return "run it again: a build goes on where it was"
