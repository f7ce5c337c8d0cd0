"""Following a publish workflow on the default branch: how its newest run ended, and what to do where it failed."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from ..github import GitHub
from ..github.workflow_run import WorkflowRun, failed_steps, newest
from .delivery import Delivery

EVERY: Final = 5.0
"""Seconds between two looks at a run."""


@dataclass(frozen=True, slots=True)
class Followed:
    """How the newest run ended.

    Attributes:
        conclusion: GitHub's word; ``in progress`` where it has not ended in time, empty where there was none.
        url: of the run.
        failed: the steps that failed.
        first: it is the workflow's first.
    """

    conclusion: str = ""
    url: str = ""
    failed: tuple[str, ...] = ()
    first: bool = False


def follow(
    github: GitHub,
    delivery: Delivery,
    commit: str = "",
    until: float = 0.0,
    sleep: Callable[[float], object] = time.sleep,
) -> Followed:
    """Look at the newest run, and wait for its end while it is in progress.

    Args:
        github: where.
        delivery: whose workflow.
        commit: the one that was just pushed: its run may need a moment to begin (empty: the newest of any).
        until: when to give up, by ``time.monotonic()``.
        sleep: waits.

    Raises:
        GitHubError: as `GitHub` does.
    """
    where = delivery.owner, delivery.repository
    run: WorkflowRun | None = None
    while True:
        run = newest(github, *where, delivery.path, commit)
        pending = (run is None and bool(commit)) or (run is not None and not run.ended)
        if not pending or time.monotonic() + EVERY > until:
            break
        sleep(EVERY)
    if run is None:
        return Followed()
    if not run.ended:
        return Followed("in progress", run.url, first=run.first)
    failed = () if run.conclusion == "success" else failed_steps(github, *where, run)
    return Followed(run.conclusion, run.url, failed, run.first)


def advice(delivery: Delivery, found: Followed, package: str) -> str:
    """Return what to do about a run that did not succeed, by the step that failed; ``package`` is its settings page."""
    what = f"{delivery.place}: the run of {delivery.path} ended with {found.conclusion}: {found.url}"
    steps = f" (failed: {', '.join(found.failed)})" if found.failed else ""
    return f"{what}{steps}; {_remedy(delivery, found.failed, package)}"


def _remedy(delivery: Delivery, failed: Sequence[str], package: str) -> str:
    said = " ".join(failed).lower()
    if "login" in said:
        return "a secret that it signs in with is missing or expired: see the repository's Actions secrets"
    if "build" in said:
        denied = f"where it says permission_denied: write_package, give the repository the role Write at {package}"
        return f"{denied}; else the Dockerfile does not build: see the run's log"
    if "attest" in said:
        return "private repositories need GitHub Enterprise Cloud for attestations"
    return "see its log"
