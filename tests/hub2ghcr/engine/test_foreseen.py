"""What a preview foresees and what a run did, as one noun."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from pulumi.automation.events import EngineEvent

from hub2ghcr.engine import EngineStep, Failed, Foreseen, RunOptions, Said, Step, done, failed, foresee
from hub2ghcr.engine.changed_paths import UNKNOWN
from tests.hub2ghcr.conftest import Project

PATCH = "pulumi-python:dynamic/hub2ghcr:WorkloadPatch"
WEB = "one/shop/Deployment/web"


def urn(token: str, name: str = WEB) -> str:
    return f"urn:pulumi:test::p::hub2ghcr:index:ClusterMigration${token}::{name}"


def event(
    op: str, token: str = PATCH, name: str = WEB, *, kind: str = "resOutputsEvent", old: Any = None, new: Any = None
) -> EngineEvent:
    state = {"type": token, "urn": urn(token, name), "custom": True}
    sides = {
        "old": None if op == "create" else {**state, "inputs": old or {}},
        "new": None if op == "delete" else {**state, "inputs": new or {}},
    }
    metadata = {"op": op, "urn": urn(token, name), "type": token, "provider": "", **sides}
    return EngineEvent.from_json({kind: {"metadata": metadata}})


class Engine:
    """Plays a preview: its events, what it says, and the problems that it ends with."""

    def __init__(self, *events: EngineEvent, said: tuple[Said, ...] = (), problems: tuple[str, ...] = ()) -> None:
        self.events, self.said, self.problems = events, said, problems

    def preview(
        self, options: RunOptions, told: Callable[[Step | Said], object], heard: Callable[[EngineEvent], object]
    ) -> None:
        for event in self.events:
            heard(event)
        for each in self.said:
            told(each)
        if self.problems:
            raise Failed(self.problems)


def foreseen(project: Project, engine: Engine) -> Foreseen:
    return foresee("test", project.save().root, engine)


def test_a_step_has_the_paths_that_change() -> None:
    (step,) = done([event("update", old={"switched": False}, new={"switched": True})])
    assert step == EngineStep(urn(PATCH), "update", ("switched",))
    assert (step.type, step.name, step.changes) == ("WorkloadPatch", WEB, True)


def test_steps_are_sorted_and_the_stack_itself_is_none_of_them() -> None:
    events = [event("update", name="b"), event("delete", name="a"), event("create", "pulumi:pulumi:Stack", "p-test")]
    assert [each.name for each in done(events)] == ["a", "b"]


def test_of_two_runs_in_turn_what_the_first_changed_is_no_same_in_the_second() -> None:
    assert done([event("create"), event("same")]) == (EngineStep(urn(PATCH), "create"),)


def test_what_failed_was_tried_and_not_done() -> None:
    events = [event("create", kind="resourcePreEvent"), event("create", kind="resOpFailedEvent")]
    assert done(events) == ()
    assert failed(events) == (EngineStep(urn(PATCH), "create"),)


def test_a_preview_that_fails_keeps_what_it_saw(project: Project) -> None:
    found = foreseen(project, Engine(event("update", new={"switched": True}), problems=("no such image",)))
    assert found.problems == ("no such image",)
    assert [each.operation for each in found.steps] == ["update"]


def test_warnings_are_told_once_each_in_order(project: Project) -> None:
    said = (Said("warning", "two\n lines"), Said("warning", "a"), Said("warning", "a"), Said("info", "x"))
    assert foreseen(project, Engine(said=said)).warnings == ("a", "two lines")


@pytest.mark.parametrize(
    ("found", "words"),
    [
        (event("create"), "compared when it is written"),
        (event("update", old={"mark": "1"}, new={"mark": UNKNOWN}), "only the run gives mark"),
        (event("replace", new={"metadata": {"annotations": {"a": UNKNOWN}}}), "only the run gives metadata"),
    ],
)
def test_what_a_preview_cannot_know_it_says(project: Project, found: EngineEvent, words: str) -> None:
    (step,) = foreseen(project, Engine(found)).steps
    assert words in step.unsure


@pytest.mark.parametrize(
    "found",
    [
        event("create", "pulumi-python:dynamic/hub2ghcr:RollOut", new={"mark": UNKNOWN}),
        event("update", new={"switched": True}),
        event("same"),
        event("delete", old={"mark": UNKNOWN}),
    ],
)
def test_what_it_knows_is_sure(project: Project, found: EngineEvent) -> None:
    (step,) = foreseen(project, Engine(found)).steps
    assert step.unsure == ""
