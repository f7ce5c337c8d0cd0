"""What a change of the stacks will do: per stack the difference between two plans, and what the engine foresees."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from ..reference import HUB, one_host

if TYPE_CHECKING:  # its package loads Pulumi, which a preview from plans does without
    from ..engine.foreseen import EngineStep

Mode = Literal["engine", "plan", "claimed", "none"]
"""What a preview was made with: the engine; plan, lock and inventory alone; by a run that the change itself could
rewrite, so that nobody has checked it; or not at all."""
Action = Literal["added", "changed", "removed"]


@dataclass(frozen=True, slots=True, order=True)
class ImageMove:
    """One image field that will say something else.

    ``field`` is its place in the object (``spec.template.spec.containers[0].image``). ``before`` is what the base makes
    of it; for a workload that the base does not have, what stands in its manifest.
    """

    cluster: str
    namespace: str
    workload: str
    field: str
    before: str
    after: str


@dataclass(frozen=True, slots=True, order=True)
class Copied:
    """One image that has to be copied.

    Attributes:
        source: canonical, with its registry.
        target: canonical, with its tag, or with its digest where it has none.
        digest: what the target will hold.
        size: bytes of manifests and blobs of all platforms, at most: what is there already is not sent again.
        manifests: how many are read from the source, 0 where the lock does not know.
        required: `hub2ghcr copy` has to copy it before, since the stack only requires it (``images.mirror``).
    """

    source: str
    target: str
    digest: str
    size: int
    manifests: int
    required: bool = False

    @property
    def pulls(self) -> int:
        """What it takes of Docker Hub's pull allowance, at most; at least one where the lock does not know."""
        return max(1, self.manifests) if one_host(self.source.partition("/")[0]) == HUB else 0


@dataclass(frozen=True, slots=True, order=True)
class Change:
    """One thing that comes, changes or goes: what it is (``pull Secret``), which one, and in words what of it.

    ``detail`` names fields and never values: these may be secret.
    """

    kind: str
    name: str
    action: Action
    detail: str = ""


@dataclass(frozen=True, slots=True)
class StackPreview:
    """What a change does to one stack. All parts are sorted, and empty where nothing changes.

    Attributes:
        stack: its name.
        mode: what the preview was made with.
        why: why not with the engine; empty where it was.
        images: image fields that change.
        copies: images to be copied that the base did not ask for.
        secrets: pull and push Secrets, and who mounts them.
        workloads: phases, namespaces, workloads, guards, and what else is in clusters.
        github: Actions secrets, workflows, packages.
        warnings: of the plan, those that the base did not have.
        known_warnings: those that the base had, too.
        problems: why the stack cannot be planned or previewed, one line each; then no other part says all.
        steps: what the engine will do, but for what stays the same; empty where it was not asked.
    """

    stack: str
    mode: Mode = "plan"
    why: str = ""
    images: tuple[ImageMove, ...] = ()
    copies: tuple[Copied, ...] = ()
    secrets: tuple[Change, ...] = ()
    workloads: tuple[Change, ...] = ()
    github: tuple[Change, ...] = ()
    warnings: tuple[str, ...] = ()
    known_warnings: tuple[str, ...] = ()
    problems: tuple[str, ...] = ()
    steps: tuple[EngineStep, ...] = ()

    @property
    def bytes(self) -> int:
        """What its copies transfer, at most."""
        return sum(each.size for each in self.copies)

    @property
    def pulls(self) -> int:
        """What its copies take of Docker Hub's pull allowance, at most."""
        return sum(each.pulls for each in self.copies)

    @property
    def changes(self) -> bool:
        """Whether it says anything but that all stays as it is."""
        parts = (self.images, self.copies, self.secrets, self.workloads, self.github, self.warnings, self.steps)
        return any(parts) or bool(self.problems) or self.mode == "none"


@dataclass(frozen=True, slots=True)
class Preview:
    """What a change does to the fleet: stacks by name, and what was compared, in words (a commit, or a folder)."""

    base: str
    head: str
    stacks: tuple[StackPreview, ...]

    @property
    def copies(self) -> tuple[Copied, ...]:
        """What all stacks have to copy, each image once."""
        return united(each for stack in self.stacks for each in stack.copies)

    @property
    def bytes(self) -> int:
        """What all copies transfer, at most."""
        return sum(each.size for each in self.copies)

    @property
    def pulls(self) -> int:
        """What all copies take of Docker Hub's pull allowance, at most."""
        return sum(each.pulls for each in self.copies)

    @property
    def broken(self) -> bool:
        """Whether a stack has problems."""
        return any(each.problems for each in self.stacks)


def united(copies: Iterable[Copied]) -> tuple[Copied, ...]:
    """Return copies sorted, each target and digest once: many stacks wait for one copy."""
    found: dict[tuple[str, str], Copied] = {}
    for each in sorted(copies):
        found.setdefault((each.target, each.digest), each)
    return tuple(sorted(found.values()))
