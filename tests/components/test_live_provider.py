"""What every resource does whose object somebody else may change."""

from __future__ import annotations

from typing import Any

import pytest

from components.live_provider import LiveProvider

PROPS = {"cluster": "demo", "name": "one", "folder": "/etc", "text": "new", "seconds": 3}


class Notes(LiveProvider):
    """Texts in a cluster, by name."""

    identity = ("cluster", "name")
    fixed = ("folder",)
    compared = ("text",)

    def __init__(self, there: str = "") -> None:
        self.there = there
        self.looks = 0

    def write(self, props: dict[str, Any]) -> dict[str, Any]:
        self.there = props["text"]
        return {"version": len(self.there)}

    def stands(self, props: dict[str, Any]) -> bool:
        self.looks += 1
        return bool(self.there == props["text"])


@pytest.mark.parametrize("there", ["new", "what somebody wrote", ""])
def test_what_is_not_as_it_should_be_is_written_by_the_next_run(there: str) -> None:
    assert Notes(there).diff("id", dict(PROPS), dict(PROPS)).changes is (there != "new")


@pytest.mark.parametrize(
    ("key", "replaces"), [("text", []), ("name", ["name"]), ("cluster", ["cluster"]), ("folder", ["folder"])]
)
def test_what_changed_is_known_without_a_look(key: str, replaces: list[str]) -> None:
    notes = Notes("new")
    found = notes.diff("id", {**PROPS, key: "other"}, dict(PROPS))
    assert (found.changes, found.replaces, found.delete_before_replace) == (True, replaces, True)
    assert notes.looks == 0


def test_what_is_not_compared_changes_nothing() -> None:
    assert not Notes("new").diff("id", {**PROPS, "seconds": 9}, dict(PROPS)).changes


def test_a_provider_of_another_module_name_is_a_change() -> None:
    assert Notes("new").diff("id", {**PROPS, "__provider": "hub2ghcr.notes"}, dict(PROPS)).changes


def test_what_is_written_has_an_id_and_keeps_what_became_known() -> None:
    notes = Notes()
    created = notes.create(dict(PROPS))
    assert (created.id, created.outs) == ("demo/one", {**PROPS, "version": 3})
    assert notes.update("demo/one", dict(PROPS), {**PROPS, "text": "newer"}).outs == {
        **PROPS,
        "text": "newer",
        "version": 5,
    }
    assert notes.there == "newer"


def test_a_refresh_leaves_the_look_to_the_next_run() -> None:
    notes = Notes("what somebody wrote")
    found = notes.read("demo/one", dict(PROPS))
    assert (found.id, found.outs, notes.looks) == ("demo/one", PROPS, 0)
