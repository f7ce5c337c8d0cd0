"""What ``hub2ghcr lock`` says: a line for each image that is not as it was locked, or JSON with all of them."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

from ..amounts import duration
from ..resolving import Resolution

SCHEMA: Final = 1
"""The version of the JSON output."""


@dataclass(frozen=True, slots=True)
class End:
    """How it ended: the lock file, whether it changed and was ``written``, pulls; ``after`` is when there are more."""

    lock: str
    changed: bool
    written: bool
    pulls: int
    after: datetime | None


def lines(resolutions: Sequence[Resolution], unlocked: Sequence[str]) -> list[str]:
    """Return one line for each image that changed, moved, was left, or is on GHCR and ``unlocked``."""
    return [
        *(_line(each) for each in resolutions if each.state != "unchanged"),
        *(f"not locked: {each} (on GHCR; --update locks what is published there)" for each in unlocked),
    ]


def as_json(resolutions: Sequence[Resolution], unlocked: Sequence[str], end: End) -> str:
    """Return all images as JSON."""
    data: dict[str, Any] = {
        "version": SCHEMA,
        "lock": end.lock,
        "changed": end.changed,
        "written": end.written,
        "pulls": end.pulls,
        "resumeAfter": end.after and f"{end.after:%Y-%m-%dT%H:%M:%SZ}",
        "images": [_data(each) for each in resolutions],
        "notLocked": list(unlocked),
    }
    return json.dumps(data, indent=2)


def resume(left: int, after: datetime | None) -> str:
    """Return the line on images that were left."""
    what = f"images left, since no pulls are: {left}"
    if after is None:
        return f"{what}; run it again"
    seconds = (after - datetime.now(UTC)).total_seconds()
    return f"{what}; resume after {after:%Y-%m-%d %H:%M} UTC (in {duration(seconds)})"


def _data(each: Resolution) -> dict[str, Any]:
    return {
        "image": each.source,
        "state": each.state,
        "target": each.entry.target,
        "digest": each.found,
        "before": each.before if each.before != each.found else None,
        "published": each.entry.published,
    }


def _line(each: Resolution) -> str:
    match each.state:
        case "added" if each.entry.published:
            return f"added: {each.source} {each.found} (published there)"
        case "added":
            return f"added: {each.source} {each.found} -> {each.entry.target}"
        case "retargeted":
            return f"retargeted: {each.source} {each.before} -> {each.entry.target}"
        case "followed":
            return f"updated: {each.source} {each.before} -> {each.found}"
        case "narrowed":
            platforms = ", ".join(each.entry.target_platforms)
            return f"narrowed: {each.source} {each.before} -> {each.found} ({platforms})"
        case "left":
            return f"left: {each.source} {each.found}"
    return f"moved: {each.source} {each.before} -> {each.found} (the locked digest stays; take the new with --update)"
