"""Where the engine keeps its state: a local file and PostgreSQL, each with a lock that refuses a second run."""

from __future__ import annotations

import os
import signal
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from subprocess import CompletedProcess
from typing import Literal

import pytest

from lab import github_admin, postgres
from lab.accounts import GITHUB_ADMIN
from lab.github_api.faults import Fault
from tests.e2e import github_stack, proving
from tests.e2e.conftest import Lab
from tests.e2e.github_stack import FILES, GitHubStack
from tests.e2e.stack import encrypted

pytestmark = [pytest.mark.e2e, pytest.mark.slow]

NAME = "backed"
TOKENS = {"one": "lab-backed-5e0c"}
SLOW = Fault(path="/actions/secrets/public-key", count=-1, status=0, seconds=8.0)
"""Holds a run in its middle."""


@pytest.fixture(scope="module")
def database(github_lab: Lab) -> Iterator[dict[str, str]]:
    """What an environment needs for a state in PostgreSQL; its password stands in no URL."""
    yield postgres.up(github_lab.state)
    postgres.down(github_lab.state)


@dataclass
class Backed:
    """A stack in one backend."""

    kind: Literal["file", "postgres"]
    stack: GitHubStack

    def hub2ghcr(self, *command: str, **env: str) -> CompletedProcess[str]:
        argv = ("hub2ghcr", *command, "-s", NAME)
        return self.stack.lab.run(*argv, cwd=self.stack.folder, timeout=120.0, **{**self.stack.env, **env})

    def begin(self) -> subprocess.Popen[str]:
        """Begin a run that GitHub holds in its middle, and wait until it has the lock."""
        github_admin.inject(self.stack.lab.state, SLOW)
        run = subprocess.Popen(
            ["hub2ghcr", "up", "--yes", "-s", NAME],
            cwd=self.stack.folder,
            env={**self.stack.lab.env, **self.stack.env},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )
        proving.until(self.locks, "the run has the lock")
        return run

    def locks(self) -> list[str]:
        """The keys of the stack's locks in the backend."""
        state = self.stack.lab.state
        if self.kind == "postgres":
            found = postgres.query(state, "SELECT key FROM pulumi_state WHERE key LIKE '%/locks/%'").splitlines()
            return [each for each in found if f"/{NAME}/" in each]
        return [str(each) for each in Path(state, "pulumi/.pulumi/locks").glob(f"**/{NAME}/*.json")]


@pytest.fixture(params=["file", "postgres"])
def backed(
    request: pytest.FixtureRequest, github_lab: Lab, database: dict[str, str], tmp_path: Path
) -> Iterator[Backed]:
    """A stack of one secret and one workflow that has not run yet."""
    lab = github_lab
    if request.param == "postgres":
        lab = Lab(lab.state, lab.tools, {**lab.env, **database})
    github_admin.add_repository(lab.state, "acme", NAME, FILES)
    with github_stack.stack(lab, tmp_path, NAME, {NAME: {"secrets": {"CR_PAT": "one"}}}, TOKENS) as stack:
        yield Backed(request.param, stack)
        github_admin.clear_faults(lab.state)


def test_a_second_run_is_refused_and_told_who_holds_the_lock(
    backed: Backed, reports: dict[str, list[tuple[str, ...]]]
) -> None:
    first = backed.begin()
    second = backed.hub2ghcr("up", "--yes")
    told, _ = first.communicate(timeout=120)
    github_admin.clear_faults(backed.stack.lab.state)
    assert first.returncode == 0, told
    assert second.returncode == 1, second.stdout + second.stderr
    (line,) = [each for each in second.stderr.splitlines() if each.startswith("error:")]
    assert f"@{os.uname().nodename} (pid " in line
    assert line.startswith("error: another run holds the stack's lock: ")
    assert line.endswith(f"wait for it, or if it was killed: hub2ghcr recover -s {NAME}")
    assert postgres.PASSWORD not in second.stdout + second.stderr + told
    assert backed.locks() == []
    assert backed.stack.up("--expect-no-changes").returncode == 0
    rows = reports.setdefault("Two runs at once", [("backend", "first run", "second run")])
    rows.append((backed.kind, "done", line.removeprefix("error: ")))


def test_of_runs_that_begin_together_one_at_most_goes_on(backed: Backed) -> None:
    github_admin.inject(backed.stack.lab.state, SLOW)
    argv = ["hub2ghcr", "up", "--yes", "-s", NAME]
    env = {**backed.stack.lab.env, **backed.stack.env}
    runs = [
        subprocess.Popen(
            argv, cwd=backed.stack.folder, env=env, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT, text=True,
        )
        for _ in range(3)
    ]  # fmt: skip
    said = [each.communicate(timeout=180)[0] for each in runs]
    assert sorted(each.returncode for each in runs) in ([0, 1, 1], [1, 1, 1]), said
    refused = [text for each, text in zip(runs, said, strict=True) if each.returncode]
    assert all("another run holds the stack's lock" in text for text in refused), said


def test_the_lock_of_a_killed_run_is_taken_off_by_proof_or_by_a_persons_word(backed: Backed) -> None:
    """On this machine's files its process is proven dead; of PostgreSQL's locks only a person can say it."""
    run = backed.begin()
    for group in (run.pid, *proving.engines(backed.stack.folder)):
        os.killpg(group, signal.SIGKILL)
    run.communicate(timeout=30)
    github_admin.clear_faults(backed.stack.lab.state)
    refused = backed.hub2ghcr("up", "--yes")
    assert refused.returncode == 1 and f"hub2ghcr recover -s {NAME}" in refused.stderr
    recovered = backed.hub2ghcr("recover")
    if backed.kind == "postgres":
        assert recovered.returncode == 1
        assert "if no run is on, add `--lock-is-dead`" in recovered.stderr
        recovered = backed.hub2ghcr("recover", "--lock-is-dead", "--yes")
    assert recovered.returncode == 0, recovered.stderr
    assert backed.locks() == []
    done = backed.hub2ghcr("up", "--yes")
    assert done.returncode == 0, done.stderr
    assert postgres.PASSWORD not in recovered.stdout + recovered.stderr + done.stdout + done.stderr


def test_a_state_moves_to_postgresql_whole_and_no_secret_stands_there_in_plain(
    github_lab: Lab, database: dict[str, str], tmp_path: Path
) -> None:
    github_admin.add_repository(github_lab.state, "acme", "moving", FILES)
    settings = {"moving": {"secrets": {"CR_PAT": "one"}}}
    with github_stack.stack(github_lab, tmp_path, "moving", settings, TOKENS) as stack:
        stack.works()
        exported = stack.pulumi("stack", "export", "--file", str(tmp_path / "state.json"))
        assert exported.returncode == 0, exported.stderr
        stack.env |= database
        for command in (("stack", "init"), ("stack", "import", "--file", str(tmp_path / "state.json"))):
            done = stack.pulumi(*command)
            assert done.returncode == 0, done.stderr
        stack.works("--expect-no-changes")
        assert list(encrypted(stack.state()))
        data = "convert_from(decode(data->>'data', 'base64'), 'UTF8')"
        kept = postgres.query(github_lab.state, f"SELECT {data} FROM pulumi_state")
        assert "moving" in kept
        assert not [each for each in (*TOKENS.values(), GITHUB_ADMIN.token) if each in kept]


def test_a_database_that_refuses_is_one_line_without_the_password(
    github_lab: Lab, database: dict[str, str], tmp_path: Path
) -> None:
    del database
    github_admin.add_repository(github_lab.state, "acme", "refused", FILES)
    with github_stack.stack(github_lab, tmp_path, "refused", {"refused": {}}, {}) as stack:
        for url, why in (
            (postgres.url(github_lab.state, "not-the-password"), "password authentication failed"),
            ("postgres://pulumi:not-the-password@127.0.0.1:1/pulumi?sslmode=disable", "connection refused"),
        ):
            argv = ("hub2ghcr", "up", "--yes", "-s", "refused")
            done = github_lab.run(*argv, cwd=stack.folder, PULUMI_BACKEND_URL=url)
            assert done.returncode == 1
            (line,) = [each for each in done.stderr.splitlines() if each.startswith("error:")]
            assert "PostgreSQL" in line and why in line and "PULUMI_BACKEND_URL" in line
            assert "not-the-password" not in done.stdout + done.stderr
