"""Which pull request a run was about: by its event and by GitHub, never by what the run has left."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from hub2ghcr.credentials import Credential
from hub2ghcr.errors import PreviewError
from hub2ghcr.github import GitHub
from hub2ghcr.preview.followed_run import FollowedRun, followed_run, pull_requests

from ..github.scripted import Said, scripted

SHA = "a" * 40
SOMEBODY = Credential("acme", "token")
RUN = FollowedRun("acme/fleet", "mallory/fleet", "topic", SHA)


def environ(tmp_path: Path, **changes: Any) -> dict[str, str]:
    """Return a step's environment, its event changed below ``workflow_run``."""
    run = {
        "event": "pull_request",
        "head_sha": SHA,
        "head_branch": "topic",
        "head_repository": {"full_name": "mallory/fleet"},
        "repository": {"full_name": "acme/fleet"},
        "pull_requests": [{"number": 1}],
    }
    event = {"action": "completed", "workflow_run": {**run, **changes}, "repository": {"full_name": "acme/fleet"}}
    (tmp_path / "event.json").write_text(json.dumps(event))
    return {
        "GITHUB_EVENT_NAME": "workflow_run",
        "GITHUB_EVENT_PATH": str(tmp_path / "event.json"),
        "GITHUB_REPOSITORY": "acme/fleet",
    }


def test_the_event_tells_repository_branch_and_commit(tmp_path: Path) -> None:
    assert followed_run(environ(tmp_path)) == RUN


@pytest.mark.parametrize(
    ("changes", "what"),
    [
        ({"event": "push"}, "about no pull request"),
        ({"repository": {"full_name": "mallory/fleet"}}, "another repository's"),
        ({"head_repository": None}, "branch is gone"),
        ({"head_sha": "main"}, "branch is gone"),
        ({"head_sha": 1}, "no event"),
    ],
)
def test_any_other_run_is_refused(tmp_path: Path, changes: dict[str, Any], what: str) -> None:
    with pytest.raises(PreviewError, match=what):
        followed_run(environ(tmp_path, **changes))


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("GITHUB_EVENT_NAME", "pull_request"),
        ("GITHUB_EVENT_NAME", "pull_request_target"),
        ("GITHUB_EVENT_PATH", "/nowhere"),
        ("GITHUB_REPOSITORY", "mallory/fleet"),
        ("GITHUB_REPOSITORY", ""),
    ],
)
def test_an_environment_of_another_event_is_refused(tmp_path: Path, name: str, value: str) -> None:
    with pytest.raises(PreviewError):
        followed_run({**environ(tmp_path), name: value})


def pull(number: int, sha: str = SHA, ref: str = "topic", head: str = "mallory/fleet", base: str = "acme/fleet") -> Any:
    """Return a pull request as far as it is looked at."""
    return {
        "number": number,
        "head": {"sha": sha, "ref": ref, "repo": {"full_name": head} if head else None},
        "base": {"repo": {"full_name": base}},
    }


def test_a_pull_request_is_the_runs_by_repository_branch_and_commit() -> None:
    others = [pull(2, sha="b" * 40), pull(3, ref="other"), pull(4, head="eve/fleet"), pull(5, head="")]
    with scripted(Said(body=[*others, pull(7), pull(1)])) as server, GitHub(server.url, SOMEBODY) as github:
        assert pull_requests(github, RUN) == (1, 7)
    assert server.asked == ["GET /repos/acme/fleet/pulls?per_page=100&state=open&head=mallory%3Atopic"]
