"""``make bench-up``: a cluster migrated by us, and its objects declared by a bare program and applied by kubectl.

The control plane is the lab's, its node only pretends. Every program runs as a whole process, in turns, on namespaces
of its own: what the API server takes is in no figure but the wall time. Where nothing else is said, the engine saves
its state once a run.
"""

from __future__ import annotations

import argparse
import secrets
import shutil
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from bench.measuring import Cost, table
from bench.up import bare
from bench.up.cluster_set import IMAGES, ClusterSet, Delivery, project
from bench.up.tree import measure
from hub2ghcr.engine.large import ONCE
from lab import stage, toolchain
from lab.errors import LabError

BARE, PROGRAM, DOOR = "bare program", "our program", "hub2ghcr up"
SAME = "bare program, as many resources"
SAVING = "bare program, state saved at every step"
KUBECTL = "kubectl apply --server-side"
UP = ["up", "--yes", "--skip-preview"]
ROOT = Path(__file__).resolve().parent.parent.parent
RATIO, SECONDS, GROWTH = 1.15, 60.0, 1.3
"""What is aimed at: our program's time beside the bare one's; seconds of ``up``; growth of what a workload costs."""
DEADLINE = 1800.0
"""Seconds that one run may take."""
Figures = dict[str, dict[str, Cost]]
"""What each program took, by what it did."""


@dataclass
class Bench:
    """A lab that is up, a folder for all that is written, and how many turns each figure is the best of."""

    folder: Path
    env: Mapping[str, str]
    turns: int
    saving: bool
    found: dict[tuple[Delivery, int], Figures] = field(default_factory=dict)

    def compare(self, delivery: Delivery, namespaces: int) -> None:
        """Measure previews and updates of one size, and print them."""
        best: Figures = {}
        for _ in range(self.turns):
            for did, who, cost in self._turn(delivery, namespaces):
                known = best.setdefault(did, {})
                known[who] = cost.best(known.get(who, cost))
        self.found[delivery, namespaces] = best
        for did, costs in best.items():
            first = costs[BARE]
            rows = [
                (who, f"{each.wall:.1f} s", f"{each.cpu:.1f} s", f"{each.peak:.0f} MiB",
                 f"{each.wall / first.wall:.2f}", f"{each.cpu / first.cpu:.2f}")
                for who, each in costs.items()
            ]  # fmt: skip
            title = f"{did}: {namespaces} namespaces of {len(IMAGES)} Deployments, delivery {delivery}"
            table(title, ("", "wall", "CPU", "peak", "wall, bare = 1", "CPU, bare = 1"), rows)

    def compare_sizes(self, delivery: Delivery, small: int, large: int) -> None:
        """Print what one workload costs in a large cluster, beside a small one."""

        def each(cost: Cost, namespaces: int) -> Sequence[float]:
            return [1000 * seconds / (namespaces * len(IMAGES)) for seconds in (cost.wall, cost.cpu)]

        rows = []
        for who, cost in self.found[delivery, large]["up"].items():
            if who in self.found[delivery, small]["up"]:
                before, after = each(self.found[delivery, small]["up"][who], small), each(cost, large)
                rows.append((who, *(f"{a:.0f} → {b:.0f} ms ({b / a:.2f})" for a, b in zip(before, after, strict=True))))
        sizes = f"{small * len(IMAGES)} → {large * len(IMAGES)} workloads"
        table(f"up, a workload: {sizes}, delivery {delivery}", ("", "wall", "CPU"), rows)
        self._aims(delivery, small, large)

    def _aims(self, delivery: Delivery, small: int, large: int) -> None:
        found = self.found[delivery, large]
        costs = [self.found[delivery, each]["up"][PROGRAM].wall / each for each in (small, large)]
        aims = [
            *((f"{did}, ratio to {other}", each[PROGRAM].wall / each[other].wall, RATIO)
              for did, each in found.items() for other in (SAME, BARE)),
            *((f"up, seconds: {who}", found["up"][who].wall, SECONDS) for who in (PROGRAM, DOOR)),
            ("up, a workload, ratio to the small cluster", costs[1] / costs[0], GROWTH),
        ]  # fmt: skip
        rows = [(what, f"{got:.2f}", f"{aim:.2f}", "met" if got <= aim else "missed") for what, got, aim in aims]
        table(f"Aims: {large * len(IMAGES)} workloads, delivery {delivery}", ("", "found", "at most", ""), rows)

    def _turn(self, delivery: Delivery, namespaces: int) -> Iterator[tuple[str, str, Cost]]:
        turn = secrets.token_hex(2)
        once = {**self.env, **ONCE}

        def cluster(letter: str) -> ClusterSet:
            made = ClusterSet(f"{delivery}{turn}{letter}", namespaces)
            if delivery == "patch":
                self.apply(made)
            return made

        yield from self._program(PROGRAM, project(self.folder / f"{turn}a", set_ := cluster("a"), delivery), set_, once)
        yield from self._program(BARE, self._bare(set_ := cluster("b"), delivery), set_, once)
        same = self._bare(set_ := cluster("f"), delivery, proofs=True)
        yield from self._program(SAME, same, set_, once)
        if self.saving:
            yield from self._program(SAVING, self._bare(set_ := cluster("c"), delivery), set_, self.env)
        folder = project(self.folder / f"{turn}d", set_ := cluster("d"), delivery)
        self._begin(folder, set_, self.env)
        door = [sys.executable, "-m", "hub2ghcr", "up", "--yes", "-s", set_.name]
        yield "up", DOOR, measure(door, folder, self.env, timeout=DEADLINE)
        yield "up", KUBECTL, self.apply(ClusterSet(f"{delivery}{turn}e", namespaces))

    def _program(
        self, who: str, folder: Path, wanted: ClusterSet, env: Mapping[str, str]
    ) -> Iterator[tuple[str, str, Cost]]:
        self._begin(folder, wanted, env)
        for did, command in (("preview", ["preview"]), ("up", UP), ("up, nothing to do", [*UP, "--expect-no-changes"])):
            argv = ["pulumi", *command, "--stack", wanted.name, "--non-interactive", "--suppress-outputs"]
            yield did, who, measure(argv, folder, env, timeout=DEADLINE)

    def apply(self, wanted: ClusterSet) -> Cost:
        """Apply the objects of a set as they are before."""
        file = wanted.write(self.folder / f"{wanted.name}.yaml")
        command = ["kubectl", "apply", "--server-side", "-f", str(file)]
        return measure(command, self.folder, self.env, timeout=DEADLINE)

    def _begin(self, folder: Path, wanted: ClusterSet, env: Mapping[str, str]) -> None:
        measure(["pulumi", "stack", "init", wanted.name], folder, env, timeout=60.0)

    def _bare(self, wanted: ClusterSet, delivery: Delivery, proofs: bool = False) -> Path:
        entries = yaml.safe_load((ROOT / "images.lock.yaml").read_text())["images"]
        found = {each["source"].removeprefix("docker.io/").removeprefix("library/"): each for each in entries}
        moved: dict[str, str] = {image: f"{found[image]['target']}@{found[image]['digest']}" for image in IMAGES}
        objects: list[tuple[str, dict[str, Any]]] = list(bare.objects(wanted, delivery, moved))
        targets = sorted(moved.values()) if proofs else ()
        return bare.write(self.folder / wanted.name, objects, self.env["KUBECONFIG"], targets)


def main(argv: list[str] | None = None) -> int:
    """Compare; 0, or 1 with one clear line."""
    parser = argparse.ArgumentParser(prog="python -m bench.up", description=__doc__)
    parser.add_argument("--large", action="store_true", help="30 and 300 namespaces, and what a workload costs in each")
    parser.add_argument("--namespaces", type=int, nargs="+", help="sizes (default: 30)")
    parser.add_argument("--delivery", choices=("own", "patch"), nargs="+", default=["patch", "own"])
    parser.add_argument("--saving", action="store_true", help="the bare program with a state saved at every step, too")
    parser.add_argument("--turns", type=int, default=1, help="each figure is the best of so many (default: 1)")
    parser.add_argument("--dir", type=Path, help="the lab's state, kept (default: a temporary folder)")
    options = parser.parse_args(argv)
    sizes = sorted(options.namespaces or ([30, 300] if options.large else [30]))
    folder = Path(tempfile.mkdtemp(prefix="bench-up-"))
    state = options.dir or folder / "lab"
    try:
        env = stage.up(state, toolchain.resolve(), nodes="kwok")
        (folder / "pulumi").mkdir()
        env["PULUMI_BACKEND_URL"] = f"file://{folder / 'pulumi'}"
        copied = project(folder / "copied", ClusterSet("copied", 1), "own")
        measure([sys.executable, "-m", "hub2ghcr", "copy", "-s", "copied"], copied, env, timeout=120.0)
        bench = Bench(folder, env, options.turns, options.saving)
        for delivery in options.delivery:
            for namespaces in sizes:
                bench.compare(delivery, namespaces)
            if len(sizes) > 1:
                bench.compare_sizes(delivery, sizes[0], sizes[-1])
    except LabError as error:
        print(f"bench: {error}", file=sys.stderr)
        return 1
    finally:
        if not options.dir:
            stage.down(state)
        shutil.rmtree(folder, ignore_errors=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
