"""What a killed run was doing, settled against the cluster: never simply forgotten."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal

from ..engine import Operation, Resource

OURS: Final = "pulumi-python:dynamic/"
KUBERNETES: Final = "kubernetes:"
PATCH: Final = "WorkloadPatch"
"""The type of what switches a workload that is somebody's."""

Live = Callable[[str, str, str, str, str], tuple[str, ...] | None]
"""Cluster, apiVersion, kind, namespace and name -> the field managers of the object, None if it is not there."""

Action = Literal["adopt", "again", "read"]
"""``adopt``: the state takes in what was created. ``again``: the state forgets a creation, the next run makes it, and
looks first. ``read``: the state is told what is there now."""


@dataclass(frozen=True, slots=True)
class Settled:
    """One operation, what was found (in words), and what is done: the id is what ``adopt`` needs."""

    operation: Operation
    found: str
    action: Action
    id: str = ""

    @property
    def line(self) -> str:
        """All of it in one line."""
        done = {
            "adopt": "taken into the state",
            "again": "left to the next run, which looks before it acts",
            "read": "the state says what is there now",
        }
        each = self.operation
        return f"{each.doing} {each.resource.type} {each.resource.name}: {self.found}; {done[self.action]}"


def settle(operation: Operation, live: Live, manager: str) -> Settled:
    """Return what becomes of one operation.

    Args:
        operation: what the engine was doing.
        live: looks at a cluster.
        manager: the field manager of what this stack owns.

    Raises:
        ClusterError: the cluster cannot be asked. Nothing is settled then.
    """
    resource = operation.resource
    if operation.doing != "creating":
        return Settled(operation, "it may have happened or not", "read")
    if resource.token.startswith(KUBERNETES):
        return _object(operation, live, manager)
    if resource.token.startswith(OURS):
        return Settled(operation, "can be repeated", "again")
    if known := _on_github(resource):
        return Settled(operation, "it may have been written", "adopt", known)
    return Settled(operation, "nothing is known of it", "again")


def described(resource: Resource) -> Mapping[str, Any]:
    """Return what a resource says of the Kubernetes object that it writes whole or patches; empty if it is none's."""
    if resource.token.startswith(KUBERNETES):
        return resource.inputs
    found: Mapping[str, Any] = (resource.inputs.get("document") or {}) if resource.type == PATCH else {}
    return found


def identity(resource: Resource) -> tuple[str, str, str, str, str]:
    """Return cluster, apiVersion, kind, namespace and name of a Kubernetes object: our names begin with the cluster."""
    document = described(resource)
    metadata: Any = document.get("metadata") or {}
    return (
        resource.name.partition("/")[0],
        str(document.get("apiVersion", "")),
        str(document.get("kind", "")),
        str(metadata.get("namespace", "")),
        str(metadata.get("name", "")),
    )


def _object(operation: Operation, live: Live, manager: str) -> Settled:
    which = identity(operation.resource)
    managers = live(*which)
    *_, namespace, name = which
    if managers is None:
        return Settled(operation, "it is not there", "again")
    if manager not in managers:
        return Settled(operation, "what is there is somebody else's", "again")
    return Settled(operation, "it is there, and this stack's", "adopt", f"{namespace}/{name}" if namespace else name)


def _on_github(resource: Resource) -> str:
    """Return the id by which pulumi-github imports what it creates; empty where it has none."""
    inputs = resource.inputs
    match resource.type:
        case "ActionsSecret":
            return f"{inputs.get('repository')}:{inputs.get('secretName')}"
        case "ActionsEnvironmentSecret":
            return f"{inputs.get('repository')}:{inputs.get('environment')}:{inputs.get('secretName')}"
        case "ActionsOrganizationSecret":
            return str(inputs.get("secretName"))
        case "DependabotSecret":
            return f"{inputs.get('repository')}:{inputs.get('secretName')}"
    return ""
