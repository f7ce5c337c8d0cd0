"""When a workflow listens, what it is told, and what its token may do."""

from __future__ import annotations

from typing import Any

import pytest

from lab.errors import LabError
from lab.runner import actions, event, permissions
from lab.runner.event import Event

REPOSITORY = {"name": "shop", "full_name": "acme/shop", "default_branch": "main", "fork": False}
MAIN, TOPIC, TAG = event.push("main", "c" * 40), event.push("feature/x", "c" * 40), event.tag("v1.2", "c" * 40)
PULL, FORK = event.pull_request("topic", "c" * 40, 4), event.pull_request("topic", "c" * 40, 5, fork="mallory")


@pytest.mark.parametrize(
    ("on", "listening"),
    [
        ("push", [MAIN, TOPIC, TAG]),
        (["push", "pull_request"], [MAIN, TOPIC, TAG, PULL]),
        ({"push": None}, [MAIN, TOPIC, TAG]),
        ({"push": {"branches": ["main"]}}, [MAIN]),
        ({"push": {"branches": ["**"], "tags": ["v*"]}, "pull_request": None}, [MAIN, TOPIC, TAG, PULL]),
        ({"push": {"branches": ["*"]}}, [MAIN]),
        ({"push": {"branches": ["feature/*"]}}, [TOPIC]),
        ({"push": {"branches": ["**", "!main"]}}, [TOPIC]),
        ({"push": {"branches-ignore": ["main"]}}, [TOPIC]),
        ({"push": {"tags": ["v*"]}}, [TAG]),
        ({"push": {"tags": ["w*"]}}, []),
        ({"pull_request": {"branches": ["main"]}}, [PULL]),
        ({"pull_request": {"branches": ["release"]}}, []),
        ({"workflow_dispatch": None}, []),
    ],
)
def test_filters_say_which_events_start_a_workflow(on: Any, listening: list[Event]) -> None:
    found = [one for one in (MAIN, TOPIC, TAG, PULL) if event.starts({"on": on}, one, "main")]
    assert found == listening


def test_a_push_tells_its_reference_and_commit() -> None:
    assert event.payload(TAG, REPOSITORY)["ref"] == TAG.reference == "refs/tags/v1.2"
    assert event.payload(MAIN, REPOSITORY)["after"] == "c" * 40 and MAIN.reference == "refs/heads/main"


def test_a_pull_request_tells_where_it_comes_from() -> None:
    ours, theirs = (event.payload(one, REPOSITORY)["pull_request"] for one in (PULL, FORK))
    assert (ours["head"]["repo"]["full_name"], ours["base"]["ref"]) == ("acme/shop", "main")
    assert theirs["head"]["repo"] == {**REPOSITORY, "full_name": "mallory/shop", "fork": True}
    assert FORK.reference == "refs/pull/5/merge"


def test_the_end_of_a_run_tells_whose_it_was_and_starts_what_follows_its_workflow() -> None:
    followed = event.run_ended("main", "d" * 40, event.Ended(FORK, "preview", "failure"), 9)
    told = event.payload(followed, REPOSITORY)["workflow_run"]
    assert (told["id"], told["event"], told["conclusion"]) == (FORK.run, "pull_request", "failure")
    assert (told["head_sha"], told["head_branch"]) == ("c" * 40, "topic")
    assert (told["head_repository"]["full_name"], told["repository"]["full_name"]) == ("mallory/shop", "acme/shop")
    assert told["pull_requests"] == []
    for name, expected in (("preview", True), ("publish", False)):
        assert event.starts({"on": {"workflow_run": {"workflows": [name]}}}, followed, "main") is expected
    assert not event.starts({"on": "push"}, followed, "main")


@pytest.mark.parametrize(
    ("workflow", "job", "default", "fork", "expected"),
    [
        ({}, {}, "read", False, {"contents": "read", "packages": "read"}),
        ({"permissions": {}}, {}, "write", False, {}),
        ({"permissions": {}}, {"permissions": {"packages": "write"}}, "read", False, {"packages": "write"}),
        ({"permissions": {"contents": "read", "issues": "none"}}, {}, "write", False, {"contents": "read"}),
        (
            {},
            {"permissions": {"contents": "read", "packages": "write", "id-token": "write"}},
            "read",
            True,
            {"contents": "read", "packages": "read"},
        ),
    ],
)
def test_a_token_has_what_the_job_says_else_the_workflow_else_the_settings(
    workflow: dict[str, Any], job: dict[str, Any], default: str, fork: bool, expected: dict[str, str]
) -> None:
    assert permissions.held(workflow, job, default, fork=fork) == expected


def test_a_generous_setting_lets_a_token_write_all_but_identities() -> None:
    found = permissions.held({}, {}, "write", fork=False)
    assert found["packages"] == found["contents"] == "write" and "id-token" not in found
    assert permissions.held({"permissions": "write-all"}, {}, "read", fork=False)["id-token"] == "write"
    assert set(permissions.held({"permissions": "read-all"}, {}, "write", fork=False).values()) == {"read"}


def test_actions_are_placed_by_name_and_unknown_ones_told_together(tmp_path: Any) -> None:
    used = ["actions/checkout@v4", "docker/login-action@abc", "./local"]
    found = actions.place(tmp_path, used)
    assert list(found) == ["actions/checkout@v4", "docker/login-action@abc"]
    assert "lab.runner.login" in (found["docker/login-action@abc"] / "action.yml").read_text()
    with pytest.raises(LabError, match="a/b@1, c/d@2"):
        actions.place(tmp_path, ["c/d@2", "a/b@1", *used])
