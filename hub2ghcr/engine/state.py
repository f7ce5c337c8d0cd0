"""The state that the engine keeps of a stack, as far as it is read here. Secrets in it stay encrypted."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Resource:
    """One resource: its URN, type token, id (empty for a component, and while it is being created) and its inputs."""

    urn: str
    token: str
    id: str
    inputs: Mapping[str, Any]

    @property
    def type(self) -> str:
        """The last part of its type token: ``ImageCopy``, ``Deployment``."""
        return self.token.rpartition(":")[2]

    @property
    def name(self) -> str:
        """Its name in the stack."""
        return self.urn.rpartition("::")[2]


@dataclass(frozen=True, slots=True)
class Operation:
    """What the engine was doing when it ended: ``creating``, ``updating``, ``deleting``, ``reading`` a resource."""

    doing: str
    resource: Resource


@dataclass(frozen=True, slots=True)
class State:
    """A stack's state. ``phase`` is the one of the last run that reached its end, empty before the first."""

    resources: tuple[Resource, ...]
    operations: tuple[Operation, ...]
    phase: str

    @classmethod
    def of(cls, deployment: Mapping[str, Any]) -> State:
        """Read what ``pulumi stack export`` gives of one."""
        found: list[dict[str, Any]] = deployment.get("resources") or []
        pending: list[dict[str, Any]] = deployment.get("pending_operations") or []
        stack = next((each for each in found if each["type"] == "pulumi:pulumi:Stack"), {})
        return cls(
            tuple(_resource(each) for each in found),
            tuple(Operation(str(each["type"]), _resource(each["resource"])) for each in pending),
            str((stack.get("outputs") or {}).get("phase", "")),
        )


def with_created(deployment: Mapping[str, Any], created: Mapping[str, str]) -> dict[str, Any]:
    """Return a state in which pending creations have succeeded: an id for each, by URN, and its inputs as outputs."""
    pending: list[dict[str, Any]] = deployment.get("pending_operations") or []
    made = [each["resource"] for each in pending if each["resource"]["urn"] in created]
    resources = [{**each, "id": created[each["urn"]], "outputs": each.get("inputs") or {}} for each in made]
    return {
        **deployment,
        "resources": [*(deployment.get("resources") or ()), *resources],
        "pending_operations": [each for each in pending if each["resource"]["urn"] not in created],
    }


def _resource(each: Mapping[str, Any]) -> Resource:
    return Resource(str(each["urn"]), str(each["type"]), str(each.get("id", "")), each.get("inputs") or {})
