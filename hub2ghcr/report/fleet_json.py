"""A fleet's report as JSON. Keys keep their meaning; new ones may be added."""

from __future__ import annotations

import json
from typing import Any

from ..token_shapes import redacted
from .fleet_nouns import FleetReport, Member, RunLine, WaveProgress
from .json_form import SCHEMA, image, moment, pulls, registry, span
from .json_form import data as of_stack


def text(report: FleetReport) -> str:
    """Return the report. Each stack's own is in it whole, but for its images, which stand once for all."""
    data = {
        "version": SCHEMA,
        "at": moment(report.at),
        "clusters": [_member(each) for each in report.members],
        "waves": [_wave(each) for each in report.waves],
        "runs": [_run(each) for each in report.runs],
        "happened": [span(each) for each in report.happened],
        "images": [image(each) for each in report.images],
        "registries": [registry(each) for each in report.registries],
        "pulls": pulls(report.pulls) if report.pulls else None,
        "onHub": [
            {"image": each.image, "why": each.why, "reason": each.reason, "where": list(each.where), "pods": each.pods}
            for each in report.on_hub
        ],
        "risks": [
            {"level": each.level, "text": each.text, "remedy": each.remedy, "where": list(each.where)}
            for each in report.risks
        ],
        "notLooked": [{"what": each.what, "why": each.why} for each in report.not_looked],
    }
    return redacted(json.dumps(data, indent=2, ensure_ascii=False))


def _member(each: Member) -> dict[str, Any]:
    stack = of_stack(each.report) if each.report else None
    return {
        "cluster": each.cluster,
        "wave": each.wave,
        "stack": each.stack,
        "stands": each.stands,
        "seconds": round(each.seconds, 1),
        "problems": list(each.problems),
        "why": list(each.why),
        "report": {key: value for key, value in stack.items() if key not in ("version", "images")} if stack else None,
    }


def _wave(each: WaveProgress) -> dict[str, Any]:
    return {
        "name": each.name,
        "clusters": each.clusters,
        "done": each.done,
        "failed": each.failed,
        "gate": each.gate,
        "gateProblems": [{"cluster": cluster, "text": text} for cluster, text in each.problems],
    }


def _run(each: RunLine) -> dict[str, Any]:
    return {
        "id": each.id,
        "command": each.command,
        "phase": each.phase,
        "commit": each.commit,
        "begun": moment(each.begun),
        "ended": moment(each.ended),
        "ending": each.ending,
        "clusters": each.clusters,
        "failed": each.failed,
    }
