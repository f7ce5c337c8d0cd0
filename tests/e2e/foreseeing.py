"""``python -m tests.e2e.foreseeing preview|up STACK``: what the engine says it will do, or what it did, as JSON.

A program of its own, since the engine has to run in the lab's environment and in the stack's folder.
"""

from __future__ import annotations

import dataclasses
import json
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pulumi.automation.events import EngineEvent

from hub2ghcr import plan
from hub2ghcr.engine import EngineStep, Failed, Run, done, failed, foresee
from hub2ghcr.engine.options import runs
from tests.e2e.conftest import ROOT
from tests.e2e.stack import Stack

Change = tuple[str, str, tuple[str, ...]]
"""URN, operation, changed paths."""


@dataclass(frozen=True)
class Seen:
    """What a preview said, or a run did: steps, what was tried in vain, and why."""

    steps: frozenset[EngineStep]
    failed: frozenset[EngineStep]
    warnings: tuple[str, ...]
    problems: tuple[str, ...]

    @property
    def changes(self) -> frozenset[Change]:
        """The steps that change something."""
        return frozenset((each.urn, each.operation, each.paths) for each in self.steps if each.changes)

    @property
    def unsure(self) -> dict[str, str]:
        """Why a preview is not sure, by URN."""
        return {each.urn: each.unsure for each in self.steps if each.unsure}


def preview(stack: Stack, **env: str) -> Seen:
    """Preview a stack as `hub2ghcr preview` does."""
    return _seen(stack, "preview", env)


def up(stack: Stack, **env: str) -> Seen:
    """Apply a stack as `hub2ghcr up` does."""
    return _seen(stack, "up", env)


def _seen(stack: Stack, command: str, env: dict[str, str]) -> Seen:
    argv = (sys.executable, "-m", __name__, command, stack.name)
    said = stack.lab.run(*argv, cwd=stack.folder, timeout=300.0, **{**stack.env, "PYTHONPATH": str(ROOT), **env})
    assert said.returncode == 0, said.stdout + said.stderr
    found = json.loads(said.stdout)
    steps, vain = (frozenset(map(_step, found[key])) for key in ("steps", "failed"))
    return Seen(steps, vain, tuple(found["warnings"]), tuple(found["problems"]))


def _step(found: dict[str, Any]) -> EngineStep:
    return EngineStep(found["urn"], found["operation"], tuple(found["paths"]), found["unsure"])


def main(command: str, stack: str) -> None:
    """Print what was seen."""
    root = Path.cwd()
    if command == "preview":
        foreseen = foresee(stack, root)
        found = {**dataclasses.asdict(foreseen), "failed": []}
    else:
        heard: list[EngineEvent] = []
        problems: tuple[str, ...] = ()
        run = Run(stack, root)
        try:
            for options in runs(plan.of_stack(stack, root).plan, run.state):
                run.up(options, lambda _: None, heard.append)
        except Failed as error:
            problems = error.problems
        vain = [dataclasses.asdict(each) for each in failed(heard)]
        steps = [dataclasses.asdict(each) for each in done(heard)]
        found = {"steps": steps, "failed": vain, "warnings": [], "problems": problems}
    print(json.dumps(found))


if __name__ == "__main__":
    main(*sys.argv[1:])
