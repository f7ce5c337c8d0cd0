"""Finds every program, in the order PATH, cache, official release, build from Go modules."""

from __future__ import annotations

import functools
import json
import os
import shutil
import subprocess
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from lab.errors import LabError
from lab.toolchain import build, cache, go, release
from lab.toolchain.program import Program, named
from lab.toolchain.progress import duration, say, step

SOURCES = ("path", "cache", "release", "build")
"""The order. ``HUB2GHCR_TOOLCHAIN_SOURCES`` (comma-separated) leaves some of them out."""

RECORD = "made.json"
"""Beside ``bin``: where a cached program came from, and the seconds that took."""


@dataclass(frozen=True)
class Found:
    """Where one program is: its folder, the source in words, and the seconds spent to get it, now or back then."""

    program: Program
    folder: Path
    source: str
    seconds: float


@dataclass(frozen=True)
class Toolchain:
    """The programs that were found."""

    found: tuple[Found, ...]

    def program(self, name: str) -> Path:
        """The path of a binary; raises ``LabError`` for one that was not asked for."""
        for one in self.found:
            if name in one.program.binaries:
                return one.folder / name
        raise LabError(f"toolchain: {name} was not asked for", remedy=f"lab.toolchain.resolve([..., {name!r}])")

    def has(self, name: str) -> bool:
        """Whether this binary is among what was found."""
        return any(name in one.program.binaries for one in self.found)

    @property
    def folders(self) -> tuple[Path, ...]:
        """The folders to put on PATH; what PATH already had is left where it was."""
        return tuple(dict.fromkeys(one.folder for one in self.found if one.source != "PATH"))


def resolve(names: Sequence[str] = (), *, quiet: bool = False) -> Toolchain:
    """Find or make the programs of these names (a binary's stands for its program); for none, all that a lab needs.

    Says on stderr what is being done and which source was used; ``quiet`` leaves out what is already there. Raises
    ``LabError`` when one cannot be had.
    """
    programs = named(names)
    begun = time.monotonic()
    found: list[Found] = []
    for number, program in enumerate(programs, 1):
        head = f"[{number}/{len(programs)}] {program.name} {program.version}"
        one = _present(program)
        if one and not quiet:
            say(f"{head}  {one.source}: {one.folder}")
        found.append(one or _make(program, head, Toolchain(tuple(found))))
    if not quiet:
        say(f"toolchain: {len(programs)} programs ready in {duration(time.monotonic() - begun)}")
    return Toolchain(tuple(found))


def _sources() -> tuple[str, ...]:
    allowed = os.environ.get("HUB2GHCR_TOOLCHAIN_SOURCES")
    if allowed is None:
        return SOURCES
    chosen = tuple(word.strip() for word in allowed.split(","))
    if unknown := sorted(set(chosen) - set(SOURCES)):
        raise LabError(
            f"HUB2GHCR_TOOLCHAIN_SOURCES: no such source: {', '.join(map(repr, unknown))}",
            remedy=f"choose from {', '.join(SOURCES)}",
        )
    return tuple(source for source in SOURCES if source in chosen)


def _present(program: Program) -> Found | None:
    for source in _sources():
        found = {"path": _on_path, "cache": _cached}.get(source, _nothing)(program)
        if found:
            return found
    return None


def _nothing(program: Program) -> None:
    return None


def _on_path(program: Program) -> Found | None:
    """PATH's, if all its binaries stand in one folder and the first tells the pinned version and no other."""
    if not program.probe:
        return None
    places = {shutil.which(binary) for binary in program.binaries}
    folders = {Path(place).parent for place in places if place}
    if None in places or len(folders) != 1:
        return None
    folder = folders.pop()
    if folder.is_relative_to(cache.root()):
        return None
    try:
        told = subprocess.run(
            [folder / program.binaries[0], *program.probe],
            capture_output=True,
            text=True,
            timeout=10,
            stdin=subprocess.DEVNULL,
            env={**os.environ, "PULUMI_SKIP_UPDATE_CHECK": "1"},
        ).stdout
    except (OSError, subprocess.TimeoutExpired):
        return None
    words = told.replace(",", " ").split()
    return Found(program, folder, "PATH", 0.0) if program.version in words else None


def _cached(program: Program) -> Found | None:
    target = _target(program)
    try:
        made = json.loads((target / RECORD).read_text())
    except (OSError, json.JSONDecodeError):
        return None
    return Found(program, target / "bin", f"cache ({made['source']})", made["seconds"])


def _target(program: Program) -> Path:
    return cache.root() / f"{program.name}-{program.key}"


def _make(program: Program, head: str, so_far: Toolchain) -> Found:
    sources = _sources()
    target = _target(program)
    with cache.locked(program.name):
        if "cache" in sources and (found := _cached(program)):
            return found
        shutil.rmtree(target, ignore_errors=True)
        if "release" in sources and _released() and (program.release or program.installer):
            try:
                return _fill(program, head, "official release", so_far)
            except release.ReleaseError as error:
                say(f"{program.name}: {error}")
        if "build" in sources:
            return _fill(program, head, "built from Go modules", so_far)
    raise LabError(
        f"toolchain: {program.name} {program.version} is not in {', '.join(sources)}",
        remedy="unset HUB2GHCR_TOOLCHAIN_SOURCES, so that it may be built",
    )


def _fill(program: Program, head: str, source: str, so_far: Toolchain) -> Found:
    target = _target(program)
    with cache.draft(target) as folder:
        begun = time.monotonic()
        if source == "official release":
            with step(f"{head}  downloading the official release"):
                release.install(program, folder, so_far.program("pulumi") if so_far.has("pulumi") else None)
        else:
            compiler = go.find()
            with step(f"{head}  building from Go modules"):
                build.build(program, folder, compiler)
        seconds = round(time.monotonic() - begun, 1)
        (folder / RECORD).write_text(json.dumps({"source": source, "seconds": seconds, "version": program.version}))
    return Found(program, target / "bin", source, seconds)


@functools.cache
def _released() -> bool:
    if release.reachable():
        return True
    say(f"official downloads do not answer from here ({release.PROBE}): building from Go modules, once")
    return False
