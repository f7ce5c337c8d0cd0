"""What ``hub2ghcr up`` shows: lines on stderr while it works, or one JSON object a line on stdout."""

from __future__ import annotations

import json
import threading
import time
from collections import Counter
from types import TracebackType
from typing import Any, Final, Literal, Self

import click

from ..amounts import many
from ..engine import Outcome, Said, Step
from ..plan import Plan

FIRST, QUIET = 2.0, 10.0
"""Seconds after which a line says what is under way, while nothing else is said: the first time, and from then on."""
SHOWN: Final = 3
"""Resources that such a line names."""


class Lines:
    """One line for each change, one after two seconds without any, and one at least every ten."""

    def __init__(self) -> None:
        self._patience = FIRST
        self._lock = threading.Lock()
        self._ended = threading.Event()
        self._under_way: dict[str, tuple[str, float]] = {}
        self._count: Counter[str] = Counter()
        self._told = time.monotonic()
        self._thread = threading.Thread(target=self._watch, name="progress", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: type[BaseException] | BaseException | TracebackType | None) -> None:
        self._ended.set()
        self._thread.join()

    def expect(self, plan: Plan, before: str, after: str) -> None:
        """Say what is going to be applied."""
        namespaces = [each for cluster in plan.clusters for each in cluster.namespaces]
        workloads = sum(len(each.workloads) for each in namespaces)
        phase = f"phase {after}" if before == after else f"phase {before} → {after}"
        counts = ", ".join(
            (many(len(plan.copies), "image"), many(len(namespaces), "namespace"), many(workloads, "workload"))
        )
        self._say(f"stack {plan.stack}, {phase}: {counts}")

    def __call__(self, event: Step | Said) -> None:
        """Say it, if it is a change, a warning or a failure."""
        with self._lock:
            if isinstance(event, Said):
                if event.severity == "warning":
                    self._say(f"warning: {' '.join(event.message.split())}")
                return
            if event.moment == "begun":
                self._under_way[event.urn] = (f"{event.type} {event.name}", time.monotonic())
                return
            self._under_way.pop(event.urn, None)
            if event.moment == "failed":
                self._say(f"failed: {event.type} {event.name}")
            elif event.changes:
                self._count[event.stage] += 1
                self._say(f"{event.stage}: {event.type} {event.name} ({event.operation})")

    def _watch(self) -> None:
        while not self._ended.wait(0.5):
            with self._lock:
                if time.monotonic() - self._told < self._patience:
                    continue
                self._patience = QUIET
                if not self._under_way:
                    self._say("under way: the engine")
                    continue
                longest = sorted(self._under_way.values(), key=lambda each: each[1])
                names = [f"{what} ({time.monotonic() - since:.0f} s)" for what, since in longest[:SHOWN]]
                more = f" and {len(longest) - SHOWN} more" if len(longest) > SHOWN else ""
                self._say(f"under way: {', '.join(names)}{more}")

    def _say(self, line: str) -> None:
        self._told = time.monotonic()
        click.echo(line, err=True)


class Objects:
    """One JSON object a line."""

    def __init__(self) -> None:
        self._lock = threading.Lock()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: type[BaseException] | BaseException | TracebackType | None) -> None:
        pass

    def expect(self, plan: Plan, before: str, after: str) -> None:
        """Say what is going to be applied."""
        self._say("start", stack=plan.stack, phase=after, before=before, images=len(plan.copies))

    def __call__(self, event: Step | Said) -> None:
        """Say it."""
        if isinstance(event, Said):
            self._say("said", severity=event.severity, message=" ".join(event.message.split()), resource=event.name)
            return
        self._say(
            "step",
            moment=event.moment,
            stage=event.stage,
            operation=event.operation,
            type=event.type,
            resource=event.name,
        )

    def _say(self, event: str, **more: Any) -> None:
        with self._lock:
            click.echo(json.dumps({"event": event, **more}))


def ended(stack: str, outcome: Outcome, output: Literal["text", "json"]) -> None:
    """Say how it ended."""
    if output == "json":
        found = {
            "event": "end",
            "ending": outcome.ending,
            "phase": outcome.phase,
            "writtenBack": outcome.written_back,
            "notMoved": list(outcome.not_moved),
            "problems": list(outcome.problems),
        }
        click.echo(json.dumps(found))
        return
    for line in outcome.problems:
        click.echo(f"error: {line}", err=True)
    if outcome.ending != "done":
        for name in outcome.not_moved:
            click.echo(f"not moved: {name}", err=True)
    click.echo(_sentence(stack, outcome), err=True)


def _sentence(stack: str, outcome: Outcome) -> str:
    where = f"the phase is back at {outcome.phase}" if outcome.written_back else f"the phase stays {outcome.phase}"
    match outcome.ending:
        case "done":
            return f"done: phase {outcome.phase} is applied"
        case "failed":
            return f"failed; {where}"
        case "rolled back":
            return f"failed and rolled back; {where}, and so is the cluster"
    return f"failed, and so did the way back; {where}, the cluster may not be: hub2ghcr up -s {stack}"
