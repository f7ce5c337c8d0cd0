"""What a cluster has of a stack that its state does not know: without checkpoints, a killed run's whole work."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from ..engine import State
from ..owning import STACK
from .settling import PATCH, described, identity


@dataclass(frozen=True, slots=True, order=True)
class Found:
    """One object that this stack's field manager applied whole, or (``patched``) one that this stack switched."""

    cluster: str
    api_version: str
    kind: str
    namespace: str
    name: str
    patched: bool = False

    def __str__(self) -> str:
        place = f"{self.namespace}/{self.name}" if self.namespace else self.name
        return f"cluster {self.cluster}: {self.kind} {place}"

    @property
    def remedy(self) -> str:
        """What to do about one that nobody declares: what was patched is somebody's, and nothing to delete."""
        annotated = f"kubectl annotate {self.kind.lower()}/{self.name} -n {self.namespace} {STACK}-"
        return f"put it back, or leave it for good: {annotated}" if self.patched else "put it back, or delete it"


@dataclass(frozen=True, slots=True)
class Missing:
    """What the state does not know: ``planned`` is taken in by the next run, ``orphans`` nobody declares any more."""

    planned: tuple[Found, ...]
    orphans: tuple[Found, ...]


def missing(found: Iterable[Found], state: State, declared: Iterable[Found]) -> Missing:
    """Sort what was found in the clusters; kinds are compared without their versions, as the cluster keeps one object.

    Args:
        found: what is there and this stack's.
        state: what the state knows.
        declared: what the settings ask for.
    """
    known = {(each.type == PATCH, *_key(Found(*identity(each)))) for each in state.resources if described(each)}
    wanted = {_key(each) for each in declared}
    unknown = sorted({each for each in found if (each.patched, *_key(each)) not in known})
    return Missing(
        tuple(each for each in unknown if _key(each) in wanted),
        tuple(each for each in unknown if _key(each) not in wanted),
    )


def _key(each: Found) -> tuple[str, ...]:
    group = each.api_version.rpartition("/")[0]
    return (each.cluster, group, each.kind, each.namespace, each.name)
