"""The engine with its language host beside it and its providers installed, as a release has them.

Where they lie elsewhere on PATH, the engine warns of each at every run.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
from pathlib import Path

from lab.errors import LabError
from lab.toolchain import cache
from lab.toolchain.program import table
from lab.toolchain.resolver import Toolchain

PROVIDERS = ("kubernetes", "github")
ENGINE = ("pulumi", "pulumi-language-python", "pulumi-language-python-exec", "pulumi-resource-pulumi-python")
TIMEOUT = 300.0


def home(state: Path, toolchain: Toolchain) -> Path:
    """A ``PULUMI_HOME`` of this lab's own, whose plugins are shared by all labs of this machine.

    Its own, since the engine keeps there what is selected and logged in; shared, since the plugins are 350 MB.
    Raises ``LabError`` when the engine refuses a plugin.
    """
    own = state.absolute() / "pulumi-home"
    own.mkdir(parents=True, exist_ok=True)
    link = own / "plugins"
    shared = _shared(toolchain) / "plugins"
    if not link.is_symlink() or link.readlink() != shared:
        draft = own / f".plugins-{os.getpid()}"
        draft.unlink(missing_ok=True)
        draft.symlink_to(shared)
        draft.replace(link)
    return own


def engine(toolchain: Toolchain) -> Path:
    """The folder with ``pulumi`` and its language host, to stand first on PATH. Raises ``LabError`` as `home` does."""
    return _shared(toolchain) / "bin"


def folders(toolchain: Toolchain) -> tuple[Path, ...]:
    """The folders to put on PATH: the engine's own, then those of all programs that are no part of it."""
    parts = {toolchain.program(name).parent for name in (*ENGINE, *(f"pulumi-resource-{p}" for p in PROVIDERS))}
    return (engine(toolchain), *(folder for folder in toolchain.folders if folder not in parts))


def _shared(toolchain: Toolchain) -> Path:
    programs = [table()[f"pulumi-resource-{name}"] for name in PROVIDERS]
    parts = [str(toolchain.program(name)) for name in ENGINE]
    key = hashlib.sha256("".join([*(program.key for program in programs), *parts]).encode()).hexdigest()[:16]
    target = cache.root() / f"plugins-{key}"
    with cache.locked("plugins"):
        if not target.exists():
            with cache.draft(target) as folder:
                for name, program in zip(PROVIDERS, programs, strict=True):
                    _install(toolchain, name, program.version, folder)
                (folder / "bin").mkdir()
                for name in ENGINE:
                    _place(toolchain.program(name), folder / "bin" / name)
    return target


def _place(source: Path, target: Path) -> None:
    # A hard link, since the engine and the host look beside themselves after resolving symbolic ones.
    try:
        os.link(source.resolve(), target)
    except OSError:
        shutil.copy2(source, target)


def _install(toolchain: Toolchain, name: str, version: str, home: Path) -> None:
    binary = toolchain.program(f"pulumi-resource-{name}")
    done = subprocess.run(
        [toolchain.program("pulumi"), "plugin", "install", "resource", name, version, "-f", binary],
        env={**os.environ, "PULUMI_HOME": str(home), "PULUMI_SKIP_UPDATE_CHECK": "1"},
        capture_output=True,
        text=True,
        stdin=subprocess.DEVNULL,
        timeout=TIMEOUT,
    )
    if done.returncode:
        raise LabError(
            f"toolchain: the engine refused plugin {name} {version}",
            remedy=f"remove {cache.root()} and run it again",
            details=tuple(done.stderr.strip().splitlines()[-5:]),
        )
