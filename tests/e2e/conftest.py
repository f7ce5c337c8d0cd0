"""The lab of the end-to-end tests: one for the whole run, in ``.lab-e2e/``, ended when the run ends."""

from __future__ import annotations

import os
import shutil
import subprocess
import uuid
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest
from rich.console import Console

from lab import cluster, demo, images, node_images, registries, registry_admin, stage, toolchain
from lab.registry_config import PLACES
from tests.e2e import samples
from tests.e2e.sample_copies import HEAD, SampleCopies, write_project

ROOT = Path(__file__).resolve().parent.parent.parent
STATE = Path(os.environ.get("HUB2GHCR_E2E_LAB", ROOT / ".lab-e2e"))
"""Two runs beside each other in one checkout need a folder each."""


@dataclass(frozen=True)
class Lab:
    """A lab that is up: its state folder, its toolchain, and the environment for programs that use it."""

    state: Path
    tools: toolchain.Toolchain
    env: Mapping[str, str]

    def run(self, *command: str, cwd: Path, timeout: float = 300, **env: str) -> subprocess.CompletedProcess[str]:
        """Run a program in the lab's environment; its exit code is the caller's to judge. ``timeout`` in seconds."""
        return subprocess.run(
            command,
            cwd=cwd,
            env={**self.env, **env},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=timeout,
            check=False,
        )


@pytest.fixture(scope="session")
def lab_tools() -> toolchain.Toolchain:
    """The toolchain, found or built."""
    return toolchain.resolve()


@pytest.fixture(scope="session")
def lab_state() -> Iterator[Path]:
    """An empty state folder; whatever lab a killed run left there is ended first, ours last."""
    stage.down(STATE)
    shutil.rmtree(STATE, ignore_errors=True)
    STATE.mkdir()
    yield STATE
    stage.down(STATE)
    if not os.environ.get("HUB2GHCR_KEEP_LAB"):
        shutil.rmtree(STATE, ignore_errors=True)


@pytest.fixture(scope="session")
def lab_registries(lab_state: Path, lab_tools: toolchain.Toolchain) -> Mapping[str, str]:
    """Both registries with the demo's images: their URLs by name (``hub``, ``ghcr``)."""
    registries.up(lab_state, lab_tools)
    images.seed(lab_state)
    return {str(place): url for place, url in registries.endpoints(lab_state).items()}


@pytest.fixture(scope="session")
def lab(lab_state: Path, lab_tools: toolchain.Toolchain) -> Lab:
    """Every part of a lab, up."""
    return Lab(lab_state, lab_tools, stage.up(lab_state, lab_tools))


@pytest.fixture
def many_pulls(lab: Lab) -> Iterator[None]:
    """The Hub lets through what a test that switches workloads pulls; its limits are back in the end."""
    registry_admin.set_limit(lab.state, "hub", anonymous=1000, account=1000, window=3600)
    yield
    registry_admin.set_limit(lab.state, "hub", anonymous=100, account=200, window=21600)


@pytest.fixture(scope="session")
def migrated(lab: Lab) -> Lab:
    """The lab after the whole demo: its stack ``demo`` is applied, its workloads run on GHCR images."""
    if cluster.pulls(lab.state):
        node_images.forget(lab.state)  # what other tests pulled from GHCR would give the same digests another name
    with (lab.state / "demo.txt").open("w") as told:
        demo.tell(Console(file=told, width=200), lab.state, lab.env)
    return lab


REPORTS = pytest.StashKey[dict[str, list[tuple[str, ...]]]]()
"""Tables that proofs fill, by title, each row a tuple and the first one the head: printed when the run ends."""


@pytest.fixture(scope="session")
def reports(pytestconfig: pytest.Config) -> dict[str, list[tuple[str, ...]]]:
    """The tables of this run."""
    return pytestconfig.stash.setdefault(REPORTS, {})


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """Print the tables as Markdown, and keep them beside the lab where that is kept."""
    found = config.stash.get(REPORTS, {})
    text = "".join(_table(title, rows) for title, rows in sorted(found.items()) if len(rows) > 1)
    if text:
        terminalreporter.write(text)
        if STATE.exists():
            (STATE / "reports.md").write_text(text)


def _table(title: str, rows: list[tuple[str, ...]]) -> str:
    head, *body = rows
    lines = [head, ("---", *("---:" for _ in head[1:])), *body]
    return f"\n{title}\n\n" + "".join(f"| {' | '.join(row)} |\n" for row in lines)


@pytest.fixture(scope="session")
def samples_on_hub(lab_state: Path, lab_registries: Mapping[str, str]) -> Mapping[str, str]:
    """Both registries with the samples on the Hub's: their URLs by name."""
    samples.load(lab_state)
    return lab_registries


@pytest.fixture
def copies(
    lab_state: Path, samples_on_hub: Mapping[str, str], tmp_path: Path, reports: dict[str, list[tuple[str, ...]]]
) -> Iterator[SampleCopies]:
    """Copies of the samples to targets of this test's own, without a pull limit; faults end with the test."""
    rows = reports.setdefault(f"Copies of {len(samples.samples())} images: what was injected, what moved again", [HEAD])
    found = SampleCopies(lab_state, samples_on_hub, f"acme/copies-{uuid.uuid4().hex[:8]}", tmp_path / "kept", rows)
    found.calm()
    yield found
    found.calm()
    registry_admin.set_limit(lab_state, "hub", anonymous=100, account=200, window=21600)


@pytest.fixture
def copies_project(tmp_path: Path, copies: SampleCopies) -> Path:
    """A project whose stack ``t`` has the samples in its lock."""
    write_project(tmp_path, copies)
    for place in PLACES:
        registry_admin.reset_counters(copies.state, place)
    return tmp_path


@pytest.fixture
def program(tmp_path: Path) -> Path:
    """A copy of the Pulumi program that a test may change: stacks and lock copied, code linked."""
    for name in ("Pulumi.yaml", "images.lock.yaml"):
        shutil.copy(ROOT / name, tmp_path)
    shutil.copytree(ROOT / "stacks", tmp_path / "stacks")
    for name in (".venv", "__main__.py", "components", "hub2ghcr", "requirements.txt"):
        (tmp_path / name).symlink_to(ROOT / name)
    return tmp_path


@pytest.fixture(scope="module")
def github_lab(tmp_path_factory: pytest.TempPathFactory, lab_tools: toolchain.Toolchain) -> Iterator[Lab]:
    """A stand-in for GitHub of the module's own, and no cluster."""
    from tests.e2e import github_stack  # it knows the `Lab` of this module

    yield from github_stack.lab(tmp_path_factory.mktemp("lab"), lab_tools)
