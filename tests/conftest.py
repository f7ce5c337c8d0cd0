"""The last line of a run is the count of its tests, with what could not be run here and why."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from lab import github, github_admin, node

_skips: Counter[str] = Counter()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Quick tests first: what the lab runs takes minutes, and is not worth starting on a broken core."""
    items.sort(key=lambda item: "tests/e2e/" in item.path.as_posix())


def pytest_runtest_setup(item: pytest.Item) -> None:
    """What is marked ``root`` is skipped, and counted, where no kubelet can run."""
    if item.get_closest_marker("root") and (why := _refusal()):
        pytest.skip(f"needs a real kubelet: {why}")


@cache
def _refusal() -> str | None:
    return node.refusal()


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    if report.skipped and isinstance(report.longrepr, tuple):
        _skips[report.longrepr[2].removeprefix("Skipped: ")] += 1


@pytest.hookimpl(wrapper=True)
def pytest_unconfigure(config: pytest.Config) -> Iterator[None]:
    yield
    reporter = config.pluginmanager.get_plugin("terminalreporter")
    if reporter is None or config.option.collectonly:
        return
    count = {kind: len(reporter.stats.get(kind, [])) for kind in ("passed", "failed", "error", "skipped")}
    for reason, number in sorted(_skips.items()):
        print(f"skipped {number}: {reason}")
    print(
        f"{count['passed']} passed, {count['failed'] + count['error']} failed, {count['skipped']} skipped", flush=True
    )


@pytest.fixture(scope="module")
def github_state(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The folder of a stand-in for GitHub that runs; in the end nothing has broken GitHub's own description."""
    folder = tmp_path_factory.mktemp("github")
    github.up(folder)
    yield folder
    assert github_admin.violations(folder) == []
    github.down(folder)
