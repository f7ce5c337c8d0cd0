"""``make bench-up``: a cluster migrated by us, and its objects declared by a bare program and applied by kubectl.

The control plane is the lab's, its node only pretends. Every program runs as a whole process on namespaces of its own,
in turns; what the API server takes is in no figure but the wall time.
"""

from __future__ import annotations

import argparse
import secrets
import shutil
import sys
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from bench.measuring import Cost, show
from bench.up import bare
from bench.up.cluster_set import IMAGES, ClusterSet, Delivery, project
from bench.up.tree import measure
from lab import stage, toolchain
from lab.errors import LabError

QUICK = {"PULUMI_SKIP_CHECKPOINTS": "true"}
"""The engine saves its state once, at the end."""
DEADLINE = 1800.0


@dataclass
class Bench:
    """A lab that is up, a folder for all that is written, and how many turns each figure is the best of."""

    folder: Path
    env: Mapping[str, str]
    turns: int

    def compare(self, namespaces: int, delivery: Delivery, *, checkpoints: bool) -> None:
        """Measure previews and updates of one size, and print them."""
        best: dict[str, dict[str, Cost]] = {"preview": {}, "up": {}}
        for _ in range(self.turns):
            for what, who, cost in self._turn(
                f"{delivery}{namespaces}-{secrets.token_hex(2)}", namespaces, delivery, checkpoints
            ):
                best[what][who] = cost.best(best[what].get(who, cost))
        for what, costs in best.items():
            show(f"{what}: {namespaces} namespaces of {len(IMAGES)} Deployments, delivery {delivery}", costs)

    def _turn(
        self, name: str, namespaces: int, delivery: Delivery, checkpoints: bool
    ) -> Iterator[tuple[str, str, Cost]]:
        env = {**self.env, **({} if checkpoints else QUICK)}
        ours, theirs = ClusterSet(f"{name}a", namespaces), ClusterSet(f"{name}b", namespaces)
        if delivery == "patch":
            for each in (ours, theirs):
                self.apply(each)
        project(self.folder / name, ours, delivery)
        self._program(self.folder / name, ours.name, env)
        yield "preview", "hub2ghcr", self.pulumi(self.folder / name, ours.name, "preview", env)
        yield "up", "hub2ghcr", self.pulumi(self.folder / name, ours.name, "up", env)
        folder = bare.write(self.folder / f"{name}-bare", self.objects(theirs, delivery), env["KUBECONFIG"])
        self._program(folder, theirs.name, env)
        yield "preview", "bare program", self.pulumi(folder, theirs.name, "preview", env)
        yield "up", "bare program", self.pulumi(folder, theirs.name, "up", env)
        yield "up", "kubectl apply --server-side", self.apply(ClusterSet(f"{name}c", namespaces))

    def apply(self, wanted: ClusterSet) -> Cost:
        """Apply the objects of a set as they are before."""
        file = wanted.write(self.folder / f"{wanted.name}.yaml")
        command = ["kubectl", "apply", "--server-side", "-f", str(file)]
        return measure(command, self.folder, self.env, timeout=DEADLINE)

    def pulumi(self, folder: Path, stack: str, command: str, env: Mapping[str, str]) -> Cost:
        """Measure one run of the engine."""
        flags = ["--yes", "--skip-preview"] if command == "up" else []
        argv = ["pulumi", command, "--stack", stack, "--non-interactive", "--suppress-outputs", *flags]
        return measure(argv, folder, env, timeout=DEADLINE)

    def _program(self, folder: Path, stack: str, env: Mapping[str, str]) -> None:
        measure(["pulumi", "stack", "init", stack], folder, env, timeout=60.0)

    def objects(self, wanted: ClusterSet, delivery: Delivery) -> list[tuple[str, dict[str, Any]]]:
        """What the bare program declares: the objects of a set on their new images, or patches of them."""
        entries = yaml.safe_load((self.folder / "images.lock.yaml").read_text())["images"]
        found = {each["source"].removeprefix("docker.io/").removeprefix("library/"): each for each in entries}
        moved = {image: f"{found[image]['target']}@{found[image]['digest']}" for image in IMAGES}
        return list(bare.objects(wanted, delivery, moved))


def main(argv: list[str] | None = None) -> int:
    """Compare; 0, or 1 with one clear line."""
    parser = argparse.ArgumentParser(prog="python -m bench.up", description=__doc__)
    parser.add_argument("--namespaces", type=int, nargs="+", default=[30], help="sizes (default: 30)")
    parser.add_argument("--delivery", choices=("own", "patch"), nargs="+", default=["patch", "own"])
    parser.add_argument("--checkpoints", action="store_true", help="the engine saves its state at every step")
    parser.add_argument("--turns", type=int, default=1, help="each figure is the best of so many (default: 1)")
    parser.add_argument("--dir", type=Path, help="the lab's state (default: a temporary folder)")
    options = parser.parse_args(argv)
    state = options.dir or Path(tempfile.mkdtemp(prefix="bench-up-"))
    folder = Path(tempfile.mkdtemp(prefix="bench-up-work-"))
    try:
        env = stage.up(state, toolchain.resolve(), nodes="kwok")
        env["PULUMI_BACKEND_URL"] = f"file://{folder}"
        copied = project(folder / "lock", ClusterSet("locked", 1), "own")
        for command in ("lock", "copy"):
            argv = [sys.executable, "-m", "hub2ghcr", command, "-s", "locked"]
            measure(argv, copied, env, timeout=120.0)
        shutil.copy(copied / "images.lock.yaml", folder)
        bench = Bench(folder, env, options.turns)
        for delivery in options.delivery:
            for namespaces in options.namespaces:
                bench.compare(namespaces, delivery, checkpoints=options.checkpoints)
    except LabError as error:
        print(f"bench: {error}", file=sys.stderr)
        return 1
    finally:
        if not options.dir:
            stage.down(state)
            shutil.rmtree(state, ignore_errors=True)
            shutil.rmtree(folder, ignore_errors=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
