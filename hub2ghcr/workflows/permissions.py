"""What a job's ``GITHUB_TOKEN`` may do with packages: added where the job, or its workflow, says what it may do."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from ..source import MapNode, Node, Scalar
from . import keys
from .keys import Splice
from .uses import Job

Right = Literal["read", "write"]


@dataclass(slots=True)
class Granting:
    """Rights that are added, by file: splices, with what each one says; and what cannot be added, with its place.

    ``data``: the files' bytes.
    """

    data: dict[str, bytes]
    splices: dict[str, dict[Splice, str]] = field(default_factory=dict)
    refused: dict[tuple[str, int, str, str], None] = field(default_factory=dict)
    notes: dict[str, None] = field(default_factory=dict)
    _seen: set[tuple[str, str, Right]] = field(default_factory=set)

    def grant(self, job: Job, right: Right) -> None:
        """Let a job, and those that call its workflow, have a right to packages."""
        if "on" not in _keys(job.workflow) and right == "write":
            self.notes[f"{job.file}: each job that calls it must have packages: write"] = None
        if (job.file, job.name, right) in self._seen or "on" not in _keys(job.workflow):
            return
        self._seen.add((job.file, job.name, right))
        own, whole = job.node.get("permissions"), job.workflow.get("permissions")
        if own is not None:
            self._add(job, job.node, own, right)
        elif isinstance(whole, MapNode) and whole.items:
            self._add(job, job.workflow, whole, right)
        elif whole is None:
            if right == "write":
                self._new(job, ["contents: read", "packages: write"])
        elif isinstance(whole, MapNode):
            self._new(job, [f"packages: {right}"])
        else:
            self._add(job, job.workflow, whole, right)
        for caller in job.callers:
            self.grant(caller, right)
        if right == "write" and not job.callers and _is_called(job.workflow):
            self.notes[f"{job.file}: is called from elsewhere: each caller must grant its job packages: write"] = None

    def _add(self, job: Job, owner: MapNode, held: Node, right: Right) -> None:
        data = self.data[job.file]
        key = next(key for key, _ in owner.items if key.value == "permissions")
        if isinstance(held, Scalar):
            if held.value != "write-all" and not (held.value == "read-all" and right == "read"):
                remedy = f"name the rights, packages: {right} among them"
                self._refuse(job, held, f"permissions: {held.value} do not let it push to GHCR", remedy)
            return
        if not isinstance(held, MapNode):
            return
        line = f"packages: {right}"
        if not held.items:
            splice = keys.in_empty(data, key, line)
        elif isinstance(known := held.get("packages"), Scalar):
            splice = None
            if right == "write" and known.value != "write":
                splice = Splice(known.start, known.end, known.said("write", data[known.start : known.end]))
        elif known is not None:
            named = next(name for name, _ in held.items if name.value == "packages")
            self._refuse(job, named, "permissions: packages has no right", f"write {line}")
            return
        else:
            last = next(((name, value) for name, value in reversed(held.items) if isinstance(value, Scalar)), None)
            splice = None if last is None else keys.behind(data, *_scalars(last), [line])
        if splice is not None:
            self._put(job.file, splice, f"permissions: {line}")

    def _refuse(self, job: Job, at: Scalar, what: str, remedy: str) -> None:
        self.refused[(job.file, at.line, what, remedy)] = None

    def _new(self, job: Job, rights: list[str]) -> None:
        data = self.data[job.file]
        indent = keys.step(_jobs(job), job.node)
        lines = ["permissions:", *(f"{indent}{each}" for each in rights)]
        runs = next(((key, value) for key, value in job.node.items if key.value == "runs-on"), None)
        one_line = runs is not None and isinstance(runs[1], Scalar) and b"\n" not in data[runs[0].start : runs[1].end]
        if runs is not None and isinstance(runs[1], Scalar) and one_line:
            splice = keys.behind(data, runs[0], runs[1], lines)
        else:
            splice = keys.before(data, (runs or job.node.items[0])[0], lines)
        self._put(job.file, splice, f"permissions: {', '.join(rights)}")
        if len(rights) > 1:
            self.notes[f"{job.file}: job {job.name} has permissions of its own now: add what else it writes"] = None

    def _put(self, file: str, splice: Splice, said: str) -> None:
        known = self.splices.setdefault(file, {})
        weaker = next((each for each in known if each.start == splice.start and each.new != splice.new), None)
        if weaker is not None:
            del known[weaker]  # two jobs ask for one block: the stronger right is kept
            splice = max((weaker, splice), key=lambda each: b"write" in each.new)
        known[splice] = said


def _keys(node: MapNode) -> set[str]:
    return {"on" if key.value == "true" else key.value for key, _ in node.items}


def _is_called(workflow: MapNode) -> bool:
    for key, value in workflow.items:
        if key.value in ("on", "true"):
            return (isinstance(value, MapNode) and value.get("workflow_call") is not None) or (
                isinstance(value, Scalar) and value.value == "workflow_call"
            )
    return False


def _jobs(job: Job) -> MapNode:
    listed = job.workflow.get("jobs")
    return listed if isinstance(listed, MapNode) else job.workflow


def _scalars(pair: tuple[Scalar, Node]) -> tuple[Scalar, Scalar]:
    key, value = pair
    assert isinstance(value, Scalar)
    return key, value
