"""The secret ``CR_PAT`` in reusable workflows: declared where one signs in with it, passed on by those that call it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

from ..errors import ManifestError
from ..source import ListNode, MapNode, Node, Scalar
from . import keys
from .draft import Draft
from .signing import PAT
from .uses import Job

NAME: Final = "CR_PAT"
_CALLED: Final = "workflow_call"

_REMEDY: Final = f"declare {NAME} there, and pass it on here, or write `secrets: inherit`"


@dataclass(slots=True)
class Passing:
    """What passes the secret on, added to a draft whose sign-ins are written.

    Args:
        jobs: the repository's.
        draft: its files; is told of callers that pass no secrets.
    """

    jobs: list[Job]
    draft: Draft
    _seen: set[str] = field(default_factory=set)

    def pass_on(self) -> None:
        """Let every reusable workflow that signs in with the secret have it."""
        for path in self.draft.project.files:
            if any(PAT.encode() in each.new for each in self.draft.splices(path)):
                self._need(path)

    def _need(self, path: str) -> None:
        if path in self._seen:
            return
        self._seen.add(path)
        workflow = self.draft.project.files[path].node
        called = next(_calls(workflow), None)
        if called is None:
            return
        declared = called.get("secrets") if isinstance(called, MapNode) else None
        self._put(path, declared, [f"{NAME}:", "  required: true"])
        callers = {(each.file, each.name): each for job in self.jobs if job.file == path for each in job.callers}
        for caller in callers.values():
            self._pass(caller, declared)
            self._need(caller.file)
        if not callers:
            self.draft.notes.add(f"{path}: is called from elsewhere: each caller must pass the secret {NAME}")

    def _pass(self, caller: Job, declared: Node | None) -> None:
        given = caller.node.get("secrets")
        if isinstance(given, Scalar) and given.value == "inherit":
            return
        if isinstance(given, MapNode) and given.items and isinstance(declared, MapNode) and declared.items:
            first = given.items[0][1]
            plain = isinstance(first, Scalar) and first.style == "plain"  # within braces none can be
            self._put(caller.file, given, [f"{NAME}: {PAT}" if plain else f'{NAME}: "{PAT}"'])
            return
        line = next(key.line for key, _ in caller.node.items if key.value == "uses")
        what = f"calls a workflow that signs in with {NAME}, and does not give it that"
        self.draft.problems.append(ManifestError(what, f"{caller.file}:{line}", remedy=_REMEDY))

    def _put(self, path: str, held: Node | None, lines: list[str]) -> None:
        """Put the secret before the first of a mapping's keys, unless it is there."""
        if isinstance(held, MapNode) and held.items and held.get(NAME) is None:
            said = "secrets: " + " ".join(line.strip() for line in lines)
            self.draft.put(path, keys.before(self.draft.data(path), held.items[0][0], lines), said)


def _calls(workflow: MapNode) -> Iterator[Node]:
    """Yield what a workflow says of being called; nothing where it cannot be."""
    for key, value in workflow.items:
        if key.value not in ("on", "true"):
            continue
        if isinstance(value, MapNode):
            yield from (held for name, held in value.items if name.value == _CALLED)
        else:
            named = value.items if isinstance(value, ListNode) else (value,)
            yield from (each for each in named if isinstance(each, Scalar) and each.value == _CALLED)
