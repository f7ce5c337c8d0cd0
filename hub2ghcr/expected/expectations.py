"""All that a run expects of one cluster."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from ..plan import Guard, Pull
from ..platforms.openshift import OpenShift
from .expectation import Expectation
from .grant import Grant


@dataclass(frozen=True, slots=True)
class Expectations:
    """What a run will touch or rely upon, as one text too.

    Attributes:
        manager: the field manager of what the stack owns.
        objects: what should be there, or absent.
        grants: what namespaces pull with.
        take_from: managers that a patch may take image fields from.
        platforms: those that the nodes have, as far as the plan knows (none: it does not).
        guard: what is to be audited and denied, None without one.
        pulls: what each namespace is to run, by its name, where the plan does not know the nodes.
        openshift: what holds for all of an OpenShift cluster, None without it.
    """

    manager: str
    objects: Sequence[Expectation] = ()
    grants: Sequence[Grant] = ()
    take_from: Sequence[str] = ()
    platforms: Sequence[str] = ()
    guard: Guard | None = None
    pulls: Mapping[str, Sequence[Pull]] = field(default_factory=dict)
    openshift: OpenShift | None = None

    @property
    def text(self) -> str:
        """The same as a text, sorted; platforms that are not asked for leave nothing in it."""
        said = asdict(self)
        if self.openshift is None:
            del said["openshift"]
        return json.dumps(said, sort_keys=True, separators=(",", ":"), default=dict)

    @classmethod
    def of(cls, text: str) -> Expectations:
        """Return what a `text` says."""
        data: dict[str, Any] = json.loads(text)
        return cls(
            data["manager"],
            [Expectation(**each) for each in data["objects"]],
            [Grant.of(each) for each in data["grants"]],
            data["take_from"],
            data["platforms"],
            Guard(**data["guard"]) if data["guard"] else None,
            {namespace: [Pull(**each) for each in pulls] for namespace, pulls in data["pulls"].items()},
            OpenShift.of(data["openshift"]) if "openshift" in data else None,
        )
