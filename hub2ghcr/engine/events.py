"""The engine's events as values of ours: what it does with which resource, and what it says."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal

if TYPE_CHECKING:
    from pulumi.automation.events import EngineEvent, StepEventMetadata

Severity = Literal["info", "warning", "error"]
Stage = Literal["proven", "copied", "granted", "checked", "switched", "kept back", "rolled out", "declared"]
"""What a resource stands for in a migration."""

STAGES: Final[dict[str, Stage]] = {
    "ExpectedObjects": "proven",
    "ExpectedRepositories": "proven",
    "WayBack": "proven",
    "ImageCopy": "copied",
    "Secret": "granted",
    "ServiceAccountEntry": "granted",
    "PullCheck": "checked",
    "WorkloadPatch": "switched",
    "Pod": "switched",
    "Deployment": "switched",
    "StatefulSet": "switched",
    "DaemonSet": "switched",
    "ReplicaSet": "switched",
    "ReplicationController": "switched",
    "Job": "switched",
    "CronJob": "switched",
    "RollOut": "rolled out",
    "AllMoved": "rolled out",
}
"""The stage of a resource by the last part of its type; all others are ``declared``."""

_COLOURS: Final = re.compile(r"<\{%[^%]*%\}>|\x1b\[[0-9;]*m")
_SEVERITIES: Final[dict[str, Severity]] = {"info": "info", "warning": "warning", "error": "error"}
_QUIET: Final = frozenset({"import", "read", "refresh", "same"})


@dataclass(frozen=True, slots=True)
class Step:
    """The engine begins, ends or fails one operation on a resource that is no component.

    ``type`` is the last part of its type token (``ImageCopy``, ``Deployment``), ``operation`` the engine's word. With
    ``back`` a workload stays on its old images, or goes back to them.
    """

    moment: Literal["begun", "done", "failed"]
    operation: str
    type: str
    name: str
    urn: str
    back: bool = False

    @property
    def stage(self) -> Stage:
        """What it stands for."""
        return "kept back" if self.back else STAGES.get(self.type, "declared")

    @property
    def changes(self) -> bool:
        """Whether anything is changed by it."""
        return self.operation not in _QUIET


@dataclass(frozen=True, slots=True)
class Said:
    """One message of the engine, a provider or the program, without colours; ``urn`` is empty if no resource's."""

    severity: Severity
    message: str
    urn: str = ""

    @property
    def name(self) -> str:
        """The resource's name, empty if it is none's."""
        return self.urn.rpartition("::")[2]

    @property
    def type(self) -> str:
        """The last part of the resource's type token, empty if it is none's."""
        return self.urn.rpartition("::")[0].rpartition(":")[2]


def read(event: EngineEvent) -> Step | Said | None:
    """Return what an event says; None for what nobody needs to know."""
    if (said := event.diagnostic_event) is not None:
        severity, message = _SEVERITIES.get(said.severity), _COLOURS.sub("", said.message).strip()
        return Said(severity, message, said.urn or "") if severity and message and not said.ephemeral else None
    if event.resource_pre_event is not None:
        return _step("begun", event.resource_pre_event.metadata)
    if event.res_outputs_event is not None:
        return _step("done", event.res_outputs_event.metadata)
    if event.res_op_failed_event is not None:
        return _step("failed", event.res_op_failed_event.metadata)
    return None


def _step(moment: Literal["begun", "done", "failed"], metadata: StepEventMetadata) -> Step | None:
    state = metadata.new or metadata.old
    if state is None or not state.custom or metadata.type.startswith("pulumi:providers:"):
        return None
    urn, operation = metadata.urn, getattr(metadata.op, "value", str(metadata.op))
    inputs = state.inputs or {}
    kind, back = metadata.type.rpartition(":")[2], inputs.get("switched") is False or bool(inputs.get("unready"))
    return Step(moment, operation, kind, urn.rpartition("::")[2], urn, back)
