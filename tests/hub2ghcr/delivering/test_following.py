from __future__ import annotations

import time
from collections.abc import Mapping

import pytest

from hub2ghcr.credentials import Credential
from hub2ghcr.delivering.delivery import Delivery
from hub2ghcr.delivering.following import Followed, advice, follow
from hub2ghcr.github import GitHub
from tests.hub2ghcr.answering import answering

RUNS = "/api/v3/repos/acme/shop/actions/workflows/publish.yml/runs?event=push&per_page=20"
OF_COMMIT = f"{RUNS}&head_sha=abc"
JOBS = "/api/v3/repos/acme/shop/actions/runs/7/jobs"
WHAT = Delivery("acme", "shop", "test", path=".github/workflows/publish.yml")
PACKAGE = "https://github.com/orgs/acme/packages/container/shop/settings"


def run(status: str, conclusion: str | None) -> dict[str, list[dict[str, object]]]:
    return {"workflow_runs": [{"html_url": "https://run", "id": 7, "status": status, "conclusion": conclusion}]}


def runs(*each: tuple[str, str | None]) -> dict[str, object]:
    return {"workflow_runs": [entry for found in each for entry in run(*found)["workflow_runs"]]}


def followed(answers: Mapping[str, object], commit: str = "", seconds: float = 0.0) -> tuple[Followed, list[float]]:
    answers, waited = dict(answers), list[float]()

    def sleep(pause: float) -> None:
        waited.append(pause)
        answers[RUNS] = answers[OF_COMMIT] = run("completed", "success")

    with answering(answers) as server, GitHub(server.url, Credential("a", "t")) as github:
        return follow(github, WHAT, commit, time.monotonic() + seconds, sleep), waited


def test_a_run_that_succeeded_is_found_at_once() -> None:
    assert followed({RUNS: run("completed", "success")}, seconds=60) == (
        Followed("success", "https://run", first=True),
        [],
    )


def test_the_first_run_is_told_from_later_ones() -> None:
    done = ("completed", "success")
    assert [followed({RUNS: runs(*[done] * count)})[0].first for count in (1, 2)] == [True, False]
    assert followed({RUNS: runs(done, ("completed", "skipped"))})[0].first
    assert not followed({OF_COMMIT: runs(done)}, commit="abc")[0].first
    assert not followed({RUNS: runs(done, *[("completed", "skipped")] * 19)})[0].first, "there may be more"


def test_a_run_of_another_branch_in_which_every_job_is_skipped_is_none_of_a_publication() -> None:
    skipped = ("completed", "skipped")
    assert followed({RUNS: runs(skipped, skipped, ("completed", "success"))})[0].conclusion == "success"
    assert followed({RUNS: runs(skipped)})[0] == Followed()


def test_without_a_run_there_is_nothing_to_wait_for() -> None:
    assert followed({}, seconds=60) == (Followed(), [])


def test_a_run_in_progress_is_waited_for() -> None:
    found, waited = followed({RUNS: run("in_progress", None)}, seconds=60)
    assert (found.conclusion, len(waited)) == ("success", 1)


def test_nobody_waits_longer_than_was_asked_for() -> None:
    assert followed({RUNS: run("queued", None)}) == (
        Followed("in progress", "https://run", first=True),
        [],
    )


def test_the_run_of_a_new_commit_may_need_a_moment_to_begin() -> None:
    found, waited = followed({OF_COMMIT: {"workflow_runs": []}}, commit="abc", seconds=60)
    assert (found.conclusion, len(waited)) == ("success", 1)


@pytest.mark.parametrize(
    ("step", "told"),
    [
        ("docker/login-action", "a secret that it signs in with is missing or expired"),
        ("Build and push", f"give the repository the role Write at {PACKAGE}; else the Dockerfile does not build"),
        ("Attest", "private repositories need GitHub Enterprise Cloud"),
        ("Test", "see its log"),
    ],
)
def test_a_failure_says_what_to_do_by_the_step_that_failed(step: str, told: str) -> None:
    steps = [{"name": "Set up", "conclusion": "success"}, {"name": step, "conclusion": "failure"}]
    found, _ = followed({RUNS: run("completed", "failure"), JOBS: {"jobs": [{"steps": steps}]}})
    assert found == Followed("failure", "https://run", (step,), first=True)
    line = advice(WHAT, found, PACKAGE)
    assert line.startswith(
        "acme/shop: the run of .github/workflows/publish.yml ended with failure: https://run (failed: "
    )
    assert told in line
