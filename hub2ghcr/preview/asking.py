"""Asking the engine what it would do, for each stack that it may be asked about."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Final

from ..errors import Hub2GhcrError
from .nouns import Preview, StackPreview
from .tidy import tidy

ASKED_FOR: Final = "it was asked for (--plan-only)"
"""Why the engine is not asked where a person says so."""
AT_ONCE: Final = 4
"""Engines at once, where there are as many cores: each takes a core and some hundred megabytes."""


def without_engine(preview: Preview, why: str = ASKED_FOR) -> Preview:
    """Return a preview that says why it was made without the engine."""
    return replace(
        preview, stacks=tuple(each if each.mode == "none" else replace(each, why=why) for each in preview.stacks)
    )


def with_engine(
    preview: Preview,
    root: Path,
    refused: Mapping[str, str],
    told: Callable[[int, int], object] = lambda *_: None,
) -> Preview:
    """Return a preview with what the engine foresees for each stack, and why not where it cannot be asked.

    What it fails at, though it had access, is a problem of the stack: ``up`` would fail, too.

    Args:
        preview: from plans.
        root: the folder of the program that the engine runs.
        refused: why it must not be asked about a stack, by its name.
        told: is called with how many stacks are done, and of how many.
    """
    done = 0

    def ask(stack: StackPreview) -> StackPreview:
        nonlocal done
        found = _asked(stack, root, refused)
        done += 1  # a display: two at once may count as one
        told(done, len(preview.stacks))
        return found

    with ThreadPoolExecutor(min(AT_ONCE, os.cpu_count() or 1)) as pool:
        return replace(preview, stacks=tidy(tuple(pool.map(ask, preview.stacks))))


def _asked(stack: StackPreview, root: Path, refused: Mapping[str, str]) -> StackPreview:
    from ..engine.explaining import no_access
    from ..engine.foreseen import foresee

    why = stack.why or refused.get(stack.stack, "")
    if stack.problems or why:
        return replace(stack, why=why)
    try:
        found = foresee(stack.stack, root)
        problems = found.problems
    except Hub2GhcrError as error:
        problems = tuple(error.lines)
    if (lacking := no_access(problems)) is not None:
        return replace(stack, why=lacking)
    if problems:
        return replace(stack, mode="engine", problems=problems)
    steps = tuple(each for each in found.steps if each.changes)
    warnings = {*found.warnings, *stack.warnings} - {*stack.known_warnings}
    return replace(stack, mode="engine", steps=steps, warnings=tuple(sorted(warnings)))
