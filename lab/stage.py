"""A whole lab, ready for a migration: toolchain, registries with their images, GitHub API and cluster, from nothing."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

from lab import cluster, environment, github, images, registries, toolchain


def fresh(state: Path) -> dict[str, str]:
    """End whatever lab ``state`` holds, start a new one, and return the environment that programs need to use it."""
    tools = toolchain.resolve()
    down(state)
    shutil.rmtree(state, ignore_errors=True)
    return up(state, tools)


def up(state: Path, tools: toolchain.Toolchain) -> dict[str, str]:
    """Start every part of a lab that is not up yet, and return the environment that programs need to use it."""
    state.mkdir(parents=True, exist_ok=True)
    github.up(state)
    registries.up(state, tools)
    images.seed(state)
    cluster.up(state, tools)
    return environment.environment(state, tools)


def down(state: Path) -> None:
    """End every part of a lab; what is not up is left alone."""
    cluster.down(state)
    registries.down(state)
    github.down(state)
