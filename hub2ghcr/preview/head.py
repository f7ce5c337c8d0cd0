"""A project of a base's program and a change's data, for a preview where credentials are.

The program, its connections and all else come from the base; of the head there are `stacks/` and the lock, as data. A
stack is asked the engine about only where its head says the same as its base of everything that decides where
credentials go and what is run: see `guarded`. A stack whose charts or overlays change is not even planned here, since
that would render them: a job without credentials does.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from ..errors import Hub2GhcrError, raise_all
from ..settings import file_of, partial, stacks
from .judging import FOLDER, Judge, is_data
from .untrusted import Untrusted

LOCK: Final = "images.lock.yaml"
"""The lock that a stack has where it names none."""
ENVIRONMENTS: Final = (".venv", "venv")
"""What the program runs in, which is linked rather than copied."""


@dataclass(frozen=True, slots=True)
class Overlay:
    """A project's folder, and what must not be done with it.

    Attributes:
        root: the folder: the base's program, the head's data.
        refused: why the engine must not be asked about a stack, by its name.
        unplanned: why a stack must not even be planned, by its name: that would render what nobody has reviewed.
    """

    root: Path
    refused: Mapping[str, str]
    unplanned: Mapping[str, str] = field(default_factory=dict)


def overlay(base: Path, head: Path, target: Path) -> Overlay:
    """Make a folder of a base's program and a head's data, and judge each stack of the head. Nothing of it is run.

    Args:
        base: the project's folder as it was reviewed, with the program's own environment (``.venv``).
        head: the project's folder as the change has it.
        target: an empty folder of ours.

    Raises:
        Problems: links, devices, files that are too large or no text, among the head's data.
    """
    locks = {LOCK, *(found for stack in stacks(base) if (found := _lock_of(stack, base)))}
    outside = {each for each in locks if not is_data(each)}
    _lay(base, target, {FOLDER, *outside}, (head, target))
    data = Untrusted(head, base, target)
    data.folder(FOLDER)
    for each in sorted(outside):
        data.file(each)
    raise_all(data.problems)
    judge = Judge(base, head, target, outside)
    reasons = {stack: judge.reasons(stack) for stack in stacks(target)}
    refused = {stack: engine or plan for stack, (engine, plan) in reasons.items() if engine or plan}
    gone = dict.fromkeys(set(stacks(base)) - set(reasons), "the change removes it")
    return Overlay(target, {**gone, **refused}, {stack: plan for stack, (_, plan) in reasons.items() if plan})


def _lay(base: Path, target: Path, left: Collection[str], others: Iterable[Path]) -> None:
    """Copy a base's files, but for what comes from the head, and for what is hidden: git's own, caches, states."""
    apart = [each.resolve() for each in others]
    for entry in sorted(base.iterdir()):
        holds = any(each.is_relative_to(entry.resolve()) for each in apart)
        if entry.name in ENVIRONMENTS and entry.is_dir():
            (target / entry.name).symlink_to(entry.resolve())
        elif holds or entry.name in left or entry.name.startswith("."):
            continue
        elif entry.is_dir():
            shutil.copytree(entry, target / entry.name, symlinks=True, ignore=_ignoring(base, left))
        elif entry.is_file():
            shutil.copy2(entry, target / entry.name)


def _ignoring(base: Path, left: Collection[str]) -> Any:
    def ignored(folder: str, names: list[str]) -> list[str]:
        places = {each: Path(folder, each) for each in names}
        return [each for each, at in places.items() if os.path.relpath(at, base) in left or _leads(at, base, left)]

    return ignored


def _leads(place: Path, base: Path, left: Collection[str]) -> bool:
    """Whether a link leads to what comes from the head, or above it: there a change would rewrite what is trusted."""
    if not place.is_symlink():
        return False
    target = Path(os.path.realpath(place))
    data = [Path(os.path.realpath(base), each) for each in left]
    return any(target.is_relative_to(each) or each.is_relative_to(target) for each in data)


def _lock_of(stack: str, root: Path) -> str:
    try:
        return os.path.normpath(partial(file_of(stack, root), root, ("images",)).images.lock)
    except Hub2GhcrError:
        return ""  # it has no `images`, or its settings say what is wrong
