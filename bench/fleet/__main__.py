"""``make bench-fleet``: a fleet of stacks, previewed and applied by us, by a shell loop of ``pulumi``, by ``xargs``.

The clusters are namespaces of the lab's, whose nodes only pretend: what is measured is what a fleet adds, not a
cluster. Everybody runs the same program, on stacks and namespaces of the own; the images are in GHCR already. Then what
one stack costs, and what many would.
"""

from __future__ import annotations

import argparse
import os
import secrets
import shutil
import sys
import tempfile
import time
import venv
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import yaml

from bench.fleet.fleet_set import ROOT, WAVE, FleetSet, project
from bench.fleet.model import ENGINES, Measured, cost
from bench.fleet.requests import Meter, Requests
from bench.measuring import Cost, table
from bench.up.tree import measure
from hub2ghcr.fleet.ledger import Ledger
from lab import stage, toolchain
from lab.errors import LabError
from lab.kubectl import kubectl

LOOP, XARGS = "shell loop of pulumi", "xargs -P {cores}"
FLEET = "hub2ghcr fleet up, concurrency {lanes}"
FLAGS = "--non-interactive --suppress-outputs --color never"
COMMANDS = {
    "preview": f"pulumi preview {FLAGS}",
    "up": f"pulumi up --yes --skip-preview {FLAGS}",
    "up, nothing to do": f"pulumi up --yes --skip-preview --expect-no-changes {FLAGS}",
}
DEADLINE = 3600.0
"""Seconds that one run may take."""
LINEAR, LEDGER = 0.9, 0.01
"""What is aimed at: the part of the cores that is used; the part of a run that its ledger may take."""


@dataclass
class Bench:
    """A lab that is up, a project's folder, and how many stacks."""

    folder: Path
    lab: Path
    env: Mapping[str, str]
    count: int
    cores: int
    costs: dict[str, dict[str, Cost]] = field(default_factory=dict)
    asked: dict[str, Requests] = field(default_factory=dict)

    def compare(self) -> None:
        """Let everybody preview and apply a set of the own, and print the figures."""
        self._shell(LOOP, "a", 1)
        self._shell(XARGS.format(cores=self.cores), "b", self.cores)
        meter = Meter(self.lab, self.env)
        for letter, lanes in (("c", 1), ("d", self.cores)):
            self._fleet(FLEET.format(lanes=lanes), self._set(letter), lanes, meter)
        for did, costs in self.costs.items():
            first = next(iter(costs.values()))
            rows = [
                (who, f"{each.wall:.1f} s", f"{each.wall / self.count:.2f} s", f"{each.cpu:.1f} s",
                 f"{each.peak:.0f} MiB", f"{first.wall / each.wall:.2f}")
                for who, each in costs.items()
            ]  # fmt: skip
            head = ("", "wall", "wall a stack", "CPU", "peak", "times as fast as the first")
            table(f"{did}: {self.count} stacks of 4 workloads, {self.cores} cores", head, rows)
        self._aims()

    def extrapolate(self, setup: float) -> None:
        """Print what one stack costs, and what many would."""
        measured = self._measured(setup)
        rows = [
            ("`up` that has everything to do, wall", f"{measured.wall:.2f} s"),
            ("the same, processor time", f"{measured.cpu:.2f} s"),
            ("`up` with nothing to do, processor time", f"{measured.idle:.2f} s"),
            ("preview by the engine, processor time", f"{measured.preview:.2f} s"),
            ("a worker with its engine, program and providers", f"{measured.memory:.0f} MiB"),
            ("state", f"{measured.state / 1000:.0f} kB"),
            ("history and backups that an update adds", f"{measured.history / 1000:.0f} kB"),
            ("requests of an `up` to the API server", f"{measured.kubernetes:.0f}"),
            ("requests of a gate's look", f"{measured.looked:.0f}"),
            ("requests of an `up` to GHCR", f"{measured.ghcr:.1f}"),
            ("requests of an `up` to Docker Hub", f"{measured.hub:.1f}"),
            ("calls of an `up` to GitHub", f"{measured.github:.1f}"),
            ("a fresh machine until it has the program", f"{measured.setup:.0f} s"),
        ]
        table("What one stack costs", ("", "measured"), rows)
        for clusters in (1000, 10_000):
            title = f"{clusters} clusters, three waves, 10 minutes of soak each"
            head = ("", "hours", "CPU h", "machine h", "memory", "state", "history", "API server", "GHCR",
                    "GHCR a minute", "Hub")  # fmt: skip
            table(title, head, self._scaled(measured, clusters))

    def _scaled(self, measured: Measured, clusters: int) -> Iterator[tuple[str, ...]]:
        for engine in ENGINES:
            found = cost(measured, engine, clusters)
            yield (
                engine.name,
                f"{found.seconds / 3600:.1f}",
                f"{found.cpu:.1f}",
                f"{found.machine:.1f}",
                f"{found.memory / 1024:.1f} GiB",
                f"{found.state / 1e6:.0f} MB",
                f"{found.history / 1e6:.0f} MB",
                f"{found.kubernetes:,.0f}",
                f"{found.ghcr:,.0f}",
                f"{found.ghcr_minute:,.0f}",
                f"{found.hub:,.0f}",
            )

    def _shell(self, who: str, letter: str, lanes: int) -> None:
        wanted = self._set(letter)
        for did, command in COMMANDS.items():
            script = (
                f'printf "%s\\n" "$@" | xargs -P {lanes} -I {{}} {command} --stack {{}}'
                if lanes > 1
                else f'for stack in "$@"; do {command} --stack "$stack" || exit 1; done'
            )
            self._note(did, who, ["sh", "-c", script, "sh", *wanted.stacks])

    def _fleet(self, who: str, wanted: FleetSet, lanes: int, meter: Meter) -> None:
        wanted.choose(self.folder, lanes)
        door = [sys.executable, "-m", "hub2ghcr", "fleet"]
        for did in ("up", "up, nothing to do"):
            meter.reset()
            self._note(did, who, [*door, "up", "--yes"])
            self.asked[did] = meter.read()
        meter.reset()
        measure([*door, "gate", "--wave", WAVE], self.folder, self.env, timeout=DEADLINE)
        self.asked["gate"] = meter.read()

    def _note(self, did: str, who: str, command: Sequence[str]) -> None:
        print(f"bench: {who}: {did}", file=sys.stderr, flush=True)
        self.costs.setdefault(did, {})[who] = measure(command, self.folder, self.env, timeout=DEADLINE)

    def _set(self, letter: str) -> FleetSet:
        """Make a set whose workloads run, and whose stacks have an empty state."""
        wanted = FleetSet(f"f{secrets.token_hex(2)}{letter}", self.count)
        wanted.write(self.folder)
        objects = self.folder / "objects.yaml"
        objects.write_text(yaml.dump_all(wanted.objects(), Dumper=yaml.CSafeDumper))
        kubectl(self.env, "apply", "--server-side", "-f", str(objects), timeout=DEADLINE)
        script = f'printf "%s\\n" "$@" | xargs -P {self.cores} -I {{}} pulumi stack init {{}} --non-interactive'
        measure(["sh", "-c", script, "sh", *wanted.stacks], self.folder, self.env, timeout=DEADLINE)
        return wanted

    def _aims(self) -> None:
        ups = self.costs["up"]
        one, many = ups[FLEET.format(lanes=1)], ups[FLEET.format(lanes=self.cores)]
        ledger = self._ledger()
        rows = [
            ("fleet up, the part of the cores that is used", one.wall / many.wall / self.cores, LINEAR, True),
            ("fleet up, wall, xargs = 1", many.wall / ups[XARGS.format(cores=self.cores)].wall, 1.1, False),
            ("ledger, the part of a run", ledger / many.wall, LEDGER, False),
        ]
        table(
            "Aims",
            ("", "found", "aimed at", ""),
            [
                (what, f"{got:.3f}", f"{'at least' if least else 'at most'} {aim}",
                 "met" if (got >= aim if least else got <= aim) else "missed")
                for what, got, aim, least in rows
            ],
        )  # fmt: skip
        memory = (many.peak - one.peak) / (self.cores - 1) if self.cores > 1 else one.peak
        table("Workers", ("", "measured"), [("one worker more", f"{memory:.0f} MiB"), ("ledger", f"{ledger:.3f} s")])

    def _ledger(self) -> float:
        """Seconds that a ledger takes for a fleet of this size, on the same disk."""
        root = self.folder / "written"
        root.mkdir()
        begun = time.perf_counter()
        with Ledger(root) as ledger:
            names = FleetSet("x", self.count).stacks
            ledger.run_begun("up", "", "cutover", "sha256:" + "0" * 64, 0, {WAVE: names}, commit="0" * 40, dirty=False)
            for name in names:
                ledger.cluster_begun(name, WAVE, name, "prepare")
                ledger.cluster_ended(name, "done", "cutover", ())
            ledger.run_ended("done")
        return time.perf_counter() - begun

    def _measured(self, setup: float) -> Measured:
        one, many = (self.costs["up"][FLEET.format(lanes=lanes)] for lanes in (1, self.cores))
        backend = Path(self.env["PULUMI_BACKEND_URL"].removeprefix("file://")) / ".pulumi"
        states = sorted((backend / "stacks").glob("**/f*d-*.json"))
        kept = [each for part in ("history", "backups") for each in (backend / part).glob("**/f*d-*/*")]
        updates = sum(each.name.endswith(".history.json") for each in kept)
        up = self.asked["up"]
        return Measured(
            wall=one.wall / self.count,
            cpu=one.cpu / self.count,
            idle=self.costs["up, nothing to do"][FLEET.format(lanes=1)].cpu / self.count,
            preview=self.costs["preview"][LOOP].cpu / self.count,
            memory=many.peak / self.cores,
            state=sum(each.stat().st_size for each in states) // max(len(states), 1),
            history=sum(each.stat().st_size for each in kept) // max(updates, 1),
            kubernetes=up.kubernetes / self.count,
            looked=self.asked["gate"].kubernetes / self.count,
            ghcr=up.ghcr / self.count,
            hub=up.hub / self.count,
            github=up.github / self.count,
            setup=setup,
        )


def fresh_machine(folder: Path) -> float:
    """Return the seconds until a fresh machine has what the program needs: a virtual environment and its packages."""
    begun = time.perf_counter()
    venv.create(folder / "fresh", with_pip=True)
    requirements = str(ROOT / "requirements.txt")
    pip = [str(folder / "fresh" / "bin" / "python"), "-m", "pip", "install", "--quiet", "--requirement", requirements]
    measure(pip, folder, os.environ, timeout=DEADLINE)
    return time.perf_counter() - begun


def main(argv: list[str] | None = None) -> int:
    """Compare; 0, or 1 with one clear line."""
    parser = argparse.ArgumentParser(prog="python -m bench.fleet", description=__doc__)
    parser.add_argument("--small", action="store_true", help="6 stacks instead of 50")
    parser.add_argument("--stacks", type=int, help="how many")
    parser.add_argument("--dir", type=Path, help="the lab's state, kept (default: a temporary folder)")
    options = parser.parse_args(argv)
    folder = Path(tempfile.mkdtemp(prefix="bench-fleet-"))
    lab = options.dir or folder / "lab"
    count = options.stacks or (6 if options.small else 50)
    try:
        setup = fresh_machine(folder)
        env = stage.up(lab, toolchain.resolve(), nodes="kwok")
        (folder / "pulumi").mkdir()
        env["PULUMI_BACKEND_URL"] = f"file://{folder / 'pulumi'}"
        made = project(folder / "fleet")
        FleetSet("copied", 1).write(made)
        measure([sys.executable, "-m", "hub2ghcr", "copy", "-s", "copied-000"], made, env, timeout=120.0)
        bench = Bench(made, lab, env, count, len(os.sched_getaffinity(0)))
        bench.compare()
        bench.extrapolate(setup)
    except LabError as error:
        print(f"bench: {error}", file=sys.stderr)
        return 1
    finally:
        if not options.dir:
            stage.down(lab)
        shutil.rmtree(folder, ignore_errors=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
