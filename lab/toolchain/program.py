"""One program of the lab, as ``programs.toml`` pins it."""

from __future__ import annotations

import functools
import hashlib
import json
import platform
import tomllib
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from lab.errors import LabError

TABLE = Path(__file__).with_name("programs.toml")
SOURCES = Path(__file__).with_name("programs")

LINKER_FLAGS = "-s -w"
"""Symbols and debug data are left out: half the size, and nobody debugs these."""

GO_ENVIRONMENT = {
    "CGO_ENABLED": "0",
    "GOFLAGS": "-buildvcs=false -mod=readonly -trimpath",
    "GOTOOLCHAIN": "local",
    "GOWORK": "off",
}
"""A build is the same wherever it runs, and ``go.mod`` and ``go.sum`` say all of it."""


@dataclass(frozen=True)
class Copy:
    """A file of a Go module that the build (``to`` = ``source``) or the run (``bin``) needs.

    ``json`` is merged into the top level of a JSON file. ``of`` names the program whose ``go.mod`` pins the module, by
    default the one that needs the file.
    """

    module: str
    path: str
    to: str
    json: dict[str, str] = field(default_factory=dict)
    of: str = ""


@dataclass(frozen=True)
class Program:
    """One entry of ``programs.toml``, whose head explains each field."""

    name: str
    version: str
    binaries: tuple[str, ...]
    packages: tuple[str, ...]
    set: tuple[str, ...] = ()
    probe: tuple[str, ...] = ()
    release: str = ""
    checksums: str = ""
    installer: str = ""
    copies: tuple[Copy, ...] = ()
    extra: bool = False

    @property
    def source(self) -> Path:
        """The folder of its ``go.mod``."""
        return SOURCES / self.name

    @property
    def ldflags(self) -> str:
        """What the Go linker is told."""
        return " ".join([LINKER_FLAGS, *(f"-X {variable}" for variable in self.set)])

    @functools.cached_property
    def key(self) -> str:
        """Sixteen hex digits that change with whatever a build is made of: the name of its place in the cache."""
        stated = json.dumps(
            [self.version, self.binaries, self.packages, self.ldflags, [vars(c) for c in self.copies], GO_ENVIRONMENT]
        )
        digest = hashlib.sha256(f"{platform.machine()}\0{stated}".encode())
        pins = [SOURCES / copy.of / "go.mod" for copy in self.copies if copy.of]
        for file in [*sorted(self.source.iterdir()), *pins]:
            digest.update(f"\0{file.name}\0".encode() + file.read_bytes())
        return digest.hexdigest()[:16]


@functools.cache
def table() -> dict[str, Program]:
    """Every program by name, in the order in which they are built."""
    entries: dict[str, dict[str, Any]] = tomllib.loads(TABLE.read_text())
    return {name: _program(name, entry) for name, entry in entries.items()}


def named(names: Iterable[str]) -> list[Program]:
    """The programs with these names, a binary's name standing for its program; for no names, all that a lab needs.

    Raises ``LabError`` for names that the table does not have.
    """
    wanted = set(names)
    known = {name for p in table().values() for name in (p.name, *p.binaries)}
    if unknown := sorted(wanted - known):
        raise LabError(f"toolchain: no such program: {', '.join(unknown)}", remedy=f"known: {', '.join(sorted(known))}")
    return [p for p in table().values() if (wanted & {p.name, *p.binaries} if wanted else not p.extra)]


def architecture() -> str:
    """This machine's processor, as Go and the release files spell it; raises ``LabError`` for others than two."""
    machine = platform.machine()
    spelled = {"x86_64": "amd64", "aarch64": "arm64"}.get(machine)
    if not spelled:
        raise LabError(
            f"toolchain: no programs for a {machine} machine", remedy="use a Linux machine, x86_64 or aarch64"
        )
    return spelled


def _program(name: str, entry: dict[str, Any]) -> Program:
    copies = tuple(Copy(**copy) for copy in entry.pop("copies", []))
    values: dict[str, Any] = {key: tuple(value) if isinstance(value, list) else value for key, value in entry.items()}
    return Program(name=name, copies=copies, **values)
