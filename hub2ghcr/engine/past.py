"""The runs of a stack that its backend remembers: when, what for, and how they ended."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from pulumi.automation import CommandError

from ..errors import EngineError
from ..token_shapes import without_login
from .command import Command
from .explaining import plain

LAST: Final = 100
"""Runs that are asked for; older ones are not told."""


@dataclass(frozen=True, slots=True)
class PastRun:
    """One run.

    ``kind`` is the engine's word (``update``, ``refresh``, ``destroy``, ``import``), ``result`` too (``succeeded``,
    ``failed``, ``in-progress``). ``phase`` is the one that the stack's own file said, empty where it said none.
    ``changes`` counts resources by what was done to them (``create``, ``update``, ``same`` …). ``ended`` is None while
    it has not.
    """

    begun: datetime
    ended: datetime | None
    kind: str
    result: str
    phase: str = ""
    changes: Mapping[str, int] = field(default_factory=dict)


def past(stack: str, root: Path) -> tuple[PastRun, ...]:
    """Return the last runs of a stack, oldest first. Secrets are not asked for.

    Args:
        stack: its name.
        root: the project's folder.

    Raises:
        EngineError: there is no engine, no backend, or no such stack in it.
    """
    arguments = ["stack", "history", "--json", "--page-size", str(LAST), "--stack", stack]
    try:
        told = Command().run(arguments, str(root), {}).stdout
    except CommandError as error:
        lines = plain(stack, str(error).partition("\n stderr: ")[2])
        what = without_login("; ".join(lines)) or "the engine failed"  # a backend's URL may hold a password
        raise EngineError(what, f"stack {stack}") from None
    return read(told)


def read(told: str) -> tuple[PastRun, ...]:
    """Return the runs that ``pulumi stack history --json`` tells, oldest first.

    Raises:
        EngineError: it is no such text.
    """
    try:
        found: list[Mapping[str, Any]] = [*json.loads(told)]
        return tuple(sorted(map(_run, found), key=lambda each: each.begun))
    except (ValueError, KeyError, TypeError, AttributeError):
        raise EngineError("`pulumi stack history` answered otherwise than expected") from None


def _run(each: Mapping[str, Any]) -> PastRun:
    phase = (each.get("config") or {}).get("hub2ghcr:phase") or {}
    ended = each.get("endTime")
    return PastRun(
        _time(each["startTime"]),
        _time(ended) if ended else None,
        str(each["kind"]),
        str(each["result"]),
        "" if phase.get("secret") else str(phase.get("value") or ""),
        {str(name): int(count) for name, count in sorted((each.get("resourceChanges") or {}).items())},
    )


def _time(text: str) -> datetime:
    found = datetime.fromisoformat(text)
    return found if found.tzinfo else found.replace(tzinfo=UTC)
