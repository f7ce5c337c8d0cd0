"""The engine's events as steps and messages."""

from __future__ import annotations

from typing import Any

import pytest
from pulumi.automation.events import EngineEvent

from hub2ghcr.engine.events import Said, Step, read


def event(
    kind: str, token: str = "kubernetes:apps/v1:Deployment", op: str = "update", custom: bool = True
) -> EngineEvent:
    urn = f"urn:pulumi:s::p::{token}::lab/shop/Deployment/web"
    new = {"type": token, "urn": urn, "custom": custom}
    metadata: dict[str, Any] = {"op": op, "urn": urn, "type": token, "old": None, "new": new, "keys": [], "diffs": [],
                                "logical": True, "provider": ""}  # fmt: skip
    return EngineEvent.from_json({kind: {"metadata": metadata, "planning": False}})


@pytest.mark.parametrize(
    ("kind", "moment"),
    [("resourcePreEvent", "begun"), ("resOutputsEvent", "done"), ("resOpFailedEvent", "failed")],
)
def test_a_step_begins_ends_or_fails(kind: str, moment: str) -> None:
    found = read(event(kind))
    assert isinstance(found, Step)
    assert (found.moment, found.type, found.name) == (moment, "Deployment", "lab/shop/Deployment/web")
    assert (found.stage, found.changes) == ("switched", True)


@pytest.mark.parametrize(
    ("token", "stage"),
    [
        ("pulumi-python:dynamic/hub2ghcr:ImageCopy", "copied"),
        ("pulumi-python:dynamic/hub2ghcr:WorkloadPatch", "switched"),
        ("pulumi-python:dynamic/hub2ghcr:RollOut", "rolled out"),
        ("kubernetes:core/v1:Secret", "granted"),
        ("kubernetes:core/v1:ConfigMap", "declared"),
    ],
)
def test_a_type_stands_for_a_stage_of_the_migration(token: str, stage: str) -> None:
    found = read(event("resOutputsEvent", token))
    assert isinstance(found, Step)
    assert found.stage == stage


@pytest.mark.parametrize("inputs", [{"switched": False}, {"switched": True, "unready": ["refused"]}])
def test_a_workload_that_does_not_switch_is_kept_back(inputs: dict[str, object]) -> None:
    plain = event("resOutputsEvent", "pulumi-python:dynamic/hub2ghcr:WorkloadPatch")
    assert plain.res_outputs_event is not None
    assert plain.res_outputs_event.metadata.new is not None
    plain.res_outputs_event.metadata.new.inputs = inputs
    found = read(plain)
    assert isinstance(found, Step)
    assert found.stage == "kept back"


def test_what_stays_the_same_is_no_change() -> None:
    found = read(event("resOutputsEvent", op="same"))
    assert isinstance(found, Step)
    assert not found.changes


def test_components_and_providers_are_no_steps() -> None:
    assert read(event("resOutputsEvent", custom=False)) is None
    assert read(event("resOutputsEvent", "pulumi:providers:kubernetes")) is None


def test_messages_come_without_colours() -> None:
    said = {"message": "<{%fg 1%}>bad<{%reset%}>\n", "color": "raw", "severity": "error", "urn": "urn:a::b::c::d"}
    found = read(EngineEvent.from_json({"diagnosticEvent": said}))
    assert found == Said("error", "bad", "urn:a::b::c::d")
    assert found.name == "d"


@pytest.mark.parametrize("change", [{"severity": "debug"}, {"ephemeral": True}, {"message": "\n"}])
def test_what_nobody_needs_to_know_is_left_out(change: dict[str, Any]) -> None:
    said = {"message": "x", "color": "raw", "severity": "info", **change}
    assert read(EngineEvent.from_json({"diagnosticEvent": said})) is None
