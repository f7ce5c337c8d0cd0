"""What ``hub2ghcr lock`` says: a line for each image that is not as it was locked, or JSON with all of them."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any, Final

from ..resolving import Resolution
from .amounts import duration

SCHEMA: Final = 1
"""The version of the JSON output."""


def lines(resolutions: Sequence[Resolution]) -> list[str]:
    """Return one line for each image that changed, moved or was left."""
    return [_line(each) for each in resolutions if each.state != "unchanged"]


def as_json(
    resolutions: Sequence[Resolution], lock: str, *, changed: bool, written: bool, pulls: int, after: datetime | None
) -> str:
    """Return all images as JSON. ``after`` is when the registries allow pulls again, in UTC."""
    data: dict[str, Any] = {
        "version": SCHEMA,
        "lock": lock,
        "changed": changed,
        "written": written,
        "pulls": pulls,
        "resumeAfter": after and f"{after:%Y-%m-%dT%H:%M:%SZ}",
        "images": [_data(each) for each in resolutions],
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
