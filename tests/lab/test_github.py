"""The GitHub API as a process of the lab."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from lab import github, github_admin, processes
from lab.errors import LabError
from lab.github_api import faults


@pytest.fixture
def state(tmp_path: Path) -> Iterator[Path]:
    github.up(tmp_path)
    yield tmp_path
    github.down(tmp_path)


def test_up_twice_is_up_once_and_down_ends_it(state: Path) -> None:
    [first] = processes.status(state)
    github.up(state)
    assert processes.status(state) == [first]
    github.down(state)
    assert processes.status(state) == []
    with pytest.raises(LabError, match="github: "):
        github_admin.counters(state)


def test_what_was_changed_outlives_a_restart(state: Path) -> None:
    github_admin.add_repository(state, "acme", "later", {"a.txt": "x"})
    github.down(state)
    github.up(state)
    found = httpx.get(f"{github.endpoint(state)}/api/v3/repos/acme/later/contents/a.txt", trust_env=False)
    assert found.json()["size"] == 1
    assert github_admin.violations(state) == []


def test_tests_tell_it_what_they_want(state: Path) -> None:
    github_admin.add_organization(state, "beta", ["bob"])
    github_admin.add_token(state, "bob", "lab-bob", ["repo"])
    github_admin.add_repository(state, "beta", "tool", private=True)
    url = f"{github.endpoint(state)}/api/v3/repos/beta/tool"
    login = {"Authorization": "Bearer lab-bob"}
    assert httpx.get(url, headers=login, trust_env=False).status_code == 200
    github_admin.inject(state, faults.SECONDARY_LIMIT, path="/repos/beta", count=1)
    assert len(github_admin.faults(state)) == 1
    limited = httpx.get(url, headers=login, trust_env=False)
    assert (limited.status_code, limited.headers["retry-after"]) == (429, "1")
    github_admin.clear_faults(state)
    assert github_admin.counters(state) == {"GET /repos/{owner}/{repo}": 1}
    github_admin.reset_counters(state)
    github_admin.reset(state)
    assert httpx.get(url, headers=login, trust_env=False).status_code == 401
    with pytest.raises(LabError, match="HTTP 404"):
        github_admin.secret(state, "acme", "shop", "NONE")
