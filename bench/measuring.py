"""What whole processes cost, and tables of them: every program in turns, its best of several taken."""

from __future__ import annotations

import json
import shlex
import subprocess
import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from lab.errors import LabError

LAUNCHER = str(Path(__file__).with_name("launcher.py"))


@dataclass(frozen=True)
class Cost:
    """What a process took: seconds of wall time, seconds of CPU (children included), mebibytes at its peak.

    Of several processes, the peak is that of the largest.
    """

    wall: float
    cpu: float
    peak: float

    def best(self, other: Cost) -> Cost:
        """The lower figure of each."""
        return Cost(min(self.wall, other.wall), min(self.cpu, other.cpu), min(self.peak, other.peak))


def measure(command: Sequence[str], folder: Path, env: Mapping[str, str] | None = None) -> Cost:
    """Run a command in a folder, its output thrown away.

    Args:
        command: the program and its arguments.
        folder: where it runs.
        env: its whole environment; ours by default.

    Raises:
        LabError: it failed; with the end of what it said.
    """
    result = folder / "cost.json"
    launched = subprocess.run(
        [sys.executable, "-IS", LAUNCHER, str(result), *command],
        cwd=folder,
        env=env,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        check=False,
    )
    if launched.returncode:
        raise LabError(
            f"{shlex.join(command[:6])} … ended with {launched.returncode}",
            details=tuple(launched.stderr.strip().splitlines()[-10:]),
        )
    return Cost(*json.loads(result.read_text()))


def show(title: str, costs: Mapping[str, Cost]) -> None:
    """Print a row for each program as a Markdown table, its ratios to the first: ours."""
    first = next(iter(costs.values()))
    rows = [
        (name, f"{each.wall:.2f} s", f"{each.cpu:.2f} s", f"{each.peak:.0f} MiB",
         f"{each.wall / first.wall:.1f}", f"{each.cpu / first.cpu:.1f}")
        for name, each in costs.items()
    ]  # fmt: skip
    table(title, ("", "wall", "CPU", "peak", "wall, ours = 1", "CPU, ours = 1"), rows)


def table(title: str, head: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    """Print a Markdown table: the first column to the left, the others to the right."""
    lines = [f"\n{title}\n", f"| {' | '.join(head)} |", "|---|" + "---:|" * (len(head) - 1)]
    lines += [f"| {' | '.join(row)} |" for row in rows]
    print("\n".join(lines), flush=True)
