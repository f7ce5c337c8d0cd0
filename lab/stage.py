"""A whole lab, ready for a migration: toolchain, registries with their images, GitHub API and cluster, from nothing."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from pathlib import Path

from lab import cluster, environment, github, images, registries, toolchain
from lab.errors import LabError
from lab.toolchain import plugins
from lab.toolchain.progress import step


def fresh(state: Path) -> dict[str, str]:
    """End whatever lab ``state`` holds, start a new one, and return the environment that programs need to use it."""
    tools = toolchain.resolve()
    down(state)
    shutil.rmtree(state, ignore_errors=True)
    return up(state, tools)


def up(state: Path, tools: toolchain.Toolchain, *, nodes: cluster.Nodes = "auto") -> dict[str, str]:
    """Start every part of a lab that is not up yet, and return the whole environment that programs need to use it.

    Raises ``LabError`` with the end of the log of the part that failed.
    """
    state.mkdir(parents=True, exist_ok=True)
    parts: tuple[tuple[str, Callable[[], object]], ...] = (
        ("GitHub API", lambda: github.up(state)),
        ("registries", lambda: registries.up(state, tools)),
        ("images on the registries", lambda: images.seed(state)),
        ("cluster", lambda: cluster.up(state, tools, nodes=nodes)),
        ("Pulumi's plugins", lambda: plugins.home(state, tools)),
    )
    for name, start in parts:
        with step(name):
            start()
    return {**os.environ, **environment.environment(state, tools)}


def down(state: Path) -> None:
    """End every part of a lab; what is not up is left alone. Raises ``LabError`` once all parts were tried."""
    failed: list[LabError] = []
    for part in (cluster.down, registries.down, github.down):
        try:
            part(state)
        except LabError as error:
            # The other parts still have to go.
            failed.append(error)
    if failed:
        raise LabError("not everything could be ended", details=tuple(str(error) for error in failed))
