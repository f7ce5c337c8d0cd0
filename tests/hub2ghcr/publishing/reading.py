"""A publish workflow as GitHub reads it, and what of it an event runs."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import yaml

Workflow = dict[Any, Any]
Step = dict[str, Any]

PUSH_ALONE = re.compile(r"(?:github\.repository == '[^']+' && )?github\.event_name == 'push' && \([^)]*\)")
"""A condition that no pull request meets: the rest of it is in these parentheses."""


def parsed(text: str) -> Workflow:
    """Return a workflow; ``on`` is YAML's true."""
    found = yaml.safe_load(text)
    found["on"] = found.pop(True)
    return dict(found)


def runs_on_pull_request(condition: str) -> bool:
    """Whether a pull request may run what has a condition: yes, unless we know better."""
    return PUSH_ALONE.fullmatch(condition) is None


def of_pull_request(workflow: Workflow) -> Iterator[tuple[Workflow, Step]]:
    """Yield every step that a pull request may run, with its job."""
    for job in workflow["jobs"].values():
        if runs_on_pull_request(job.get("if", "")):
            yield from ((job, step) for step in job["steps"] if runs_on_pull_request(step.get("if", "")))


def steps(workflow: Workflow, job: str, action: str) -> list[Step]:
    """Return the steps of a job that use an action."""
    return [each for each in workflow["jobs"][job]["steps"] if each["uses"].startswith(f"{action}@")]


def step(workflow: Workflow, job: str, action: str) -> Step:
    """Return the one step of a job that uses an action."""
    (found,) = steps(workflow, job, action)
    return found
