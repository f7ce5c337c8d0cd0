"""A stack as its files have it: settings, manifests and lock, and what follows from them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from ..lock import Lock
from ..settings import Settings, load
from ..survey import Survey, survey
from .decide import of_survey
from .nouns import Plan


@dataclass(frozen=True, slots=True)
class Planned:
    """A stack's settings, what its manifests hold, and what it will do."""

    settings: Settings
    survey: Survey
    plan: Plan


def of_stack(
    stack: str,
    root: Path,
    read_lock: Callable[[Path, str], Lock] = Lock.load,
    environ: Mapping[str, str] | None = None,
) -> Planned:
    """Read a stack and decide everything that it will do.

    Args:
        stack: its name.
        root: the project's folder.
        read_lock: reads the lock file; who plans many stacks of one lock keeps what was read.
        environ: what ``${NAME}`` is read from (default: the process's environment).

    Raises:
        NoSuchStack: with the stacks there are.
        Problems: as `hub2ghcr.settings.load`, `Lock.load` and `hub2ghcr.plan.build`.
    """
    settings = load(stack, root, environ)
    lock = read_lock(root / settings.images.lock, settings.images.lock)
    found = survey(settings, root)
    return Planned(settings, found, of_survey(settings, lock, found))
