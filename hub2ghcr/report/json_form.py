"""A report as JSON. Keys keep their meaning; new ones may be added."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any, Final

from ..pages import Span
from ..status import Part
from ..token_shapes import redacted
from .nouns import (
    WAY,
    ClusterProgress,
    ImageFacts,
    NamespaceProgress,
    OnHub,
    Pulls,
    RegistryProgress,
    Report,
    Way,
)

SCHEMA: Final = 1
"""The version of the JSON output."""


def text(report: Report) -> str:
    """Return a stack's report."""
    return redacted(json.dumps(data(report), indent=2, ensure_ascii=False))


def data(report: Report) -> dict[str, Any]:
    """Return it as JSON has it. What nobody looked at is null."""
    return {
        "version": SCHEMA,
        "stack": report.stack,
        "phase": report.phase,
        "at": moment(report.at),
        "way": _way(report.way),
        "clusters": [_cluster(each) for each in report.clusters],
        "namespaces": [_namespace(each) for each in report.namespaces],
        "registries": [registry(each) for each in report.registries],
        "images": [image(each) for each in report.images],
        "onHub": [_on_hub(each) for each in report.on_hub],
        "pulls": pulls(report.pulls) if report.pulls else None,
        "happened": [span(each) for each in report.happened],
        "risks": [
            {"level": each.level, "where": each.where, "text": each.text, "remedy": each.remedy}
            for each in report.risks
        ],
        "notLooked": [{"what": each.what, "why": each.why} for each in report.not_looked],
    }


def moment(at: datetime | None) -> str | None:
    """Return a moment as JSON has it."""
    return None if at is None else at.isoformat(timespec="seconds")


def span(each: Span) -> dict[str, Any]:
    """Return a thing that happened as JSON has it."""
    return {
        "what": each.row,
        "begun": moment(each.begin),
        "ended": moment(each.end),
        "state": each.state,
        "text": each.text,
    }


def _way(way: Way | None) -> dict[str, Any] | None:
    if way is None:
        return None
    return {name: _part(part) for name, part in zip(WAY, way.parts, strict=True)}


def _part(part: Part) -> dict[str, int]:
    return {"done": part.done, "of": part.of}


def _cluster(each: ClusterProgress) -> dict[str, Any]:
    return {
        "name": each.name,
        "namespaces": each.namespaces,
        "phases": dict(sorted(each.phases.items())),
        "workloads": each.workloads,
        "onHub": each.on_hub,
        "problems": each.problems,
        "way": _way(each.way),
    }


def _namespace(each: NamespaceProgress) -> dict[str, Any]:
    return {
        "cluster": each.cluster,
        "name": each.name,
        "phase": each.phase,
        "images": each.images,
        "workloads": each.workloads,
        "onHub": each.on_hub,
        "guard": each.guard,
        "way": _way(each.way),
        "problems": list(each.problems),
    }


def registry(each: RegistryProgress) -> dict[str, Any]:
    """Return what comes from one registry as JSON has it."""
    return {
        "source": each.source or None,
        "target": each.target,
        "images": each.images,
        "there": each.there,
        "bytes": each.size,
        "bytesLeft": each.left,
    }


def image(each: ImageFacts) -> dict[str, Any]:
    """Return an image as JSON has it."""
    return {
        "source": each.source or None,
        "target": each.target,
        "digest": each.digest,
        "bytes": each.size,
        "platforms": list(each.platforms),
        "lockedAt": each.resolved,
        "public": each.public,
        "there": each.there,
        "users": list(each.users),
    }


def _on_hub(each: OnHub) -> dict[str, Any]:
    return {
        "cluster": each.cluster,
        "namespace": each.namespace,
        "image": each.image,
        "why": each.why,
        "reason": each.reason,
        "workloads": list(each.workloads),
        "pods": each.pods,
    }


def pulls(found: Pulls) -> dict[str, Any]:
    """Return what copying takes as JSON has it."""
    left = found.left
    return {
        "needed": found.needed,
        "asked": found.asked,
        "limit": left.limit if left else None,
        "remaining": left.remaining if left else None,
        "windowSeconds": left.window if left else None,
    }
