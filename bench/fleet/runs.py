"""Everybody's runs: the same program on stacks and namespaces of the own, each run with all that it starts."""

from __future__ import annotations

import secrets
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import yaml

from bench.fleet import previews
from bench.fleet.busy import Busy
from bench.fleet.fleet_set import WAVE, FleetSet
from bench.fleet.model import Measured
from bench.fleet.requests import Meter, Requests
from bench.measuring import Cost
from bench.up.tree import measure
from hub2ghcr.fleet.ledger import Ledger
from lab.kubectl import kubectl

DEADLINE: Final = 3600.0
"""Seconds that one run may take."""
PREVIEW, UP, IDLE = "preview", "up", "up, nothing to do"
LOOP, PLAN = "shell loop of pulumi", "hub2ghcr fleet plan: no engine"
FLAGS: Final = "--non-interactive --suppress-outputs --color never"
COMMANDS: Final = {
    PREVIEW: f"pulumi preview {FLAGS}",
    UP: f"pulumi up --yes --skip-preview {FLAGS}",
    IDLE: f"pulumi up --yes --skip-preview --expect-no-changes {FLAGS}",
}
DOOR: Final = (sys.executable, "-m", "hub2ghcr", "fleet")


def xargs(lanes: int) -> str:
    """Return how ``xargs`` is called in the tables."""
    return f"xargs -P {lanes}"


def fleet(lanes: int) -> str:
    """Return how we are called in the tables."""
    return f"hub2ghcr fleet up, concurrency {lanes}"


@dataclass
class Runs:
    """What was measured: by what was done and who did it, how busy the machine was, and the requests of our last run.

    Args:
        folder: the project's.
        lab: the lab's state folder.
        env: its environment.
        count: how many stacks.
        cores: of this machine.
    """

    folder: Path
    lab: Path
    env: Mapping[str, str]
    count: int
    cores: int
    costs: dict[str, dict[str, Cost]] = field(default_factory=dict)
    busy: dict[tuple[str, str], float] = field(default_factory=dict)
    asked: dict[str, Requests] = field(default_factory=dict)

    def all(self) -> None:
        """Let everybody preview and apply a set of the own."""
        self._shell(LOOP, "a", 1)
        self._shell(xargs(self.cores), "b", self.cores)
        meter = Meter(self.lab, self.env)
        self._fleet("c", 1, meter)
        self._fleet("d", self.cores, meter)

    def ledger(self) -> float:
        """Return the seconds that a ledger takes for a fleet of this size, on the same disk."""
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

    def one(self, setup: float) -> Measured:
        """Return what one stack costs; ``setup`` is what a fresh machine takes, in seconds."""
        alone, together = (self.costs[UP][fleet(lanes)] for lanes in (1, self.cores))
        backend = Path(self.env["PULUMI_BACKEND_URL"].removeprefix("file://")) / ".pulumi"
        states = [each.stat().st_size for each in (backend / "stacks").glob("**/f*d-*.json")]
        kept = [each for part in ("history", "backups") for each in (backend / part).glob("**/f*d-*/*")]
        updates = sum(each.name.endswith(".history.json") for each in kept)
        asked = self.asked[UP]
        return Measured(
            wall=alone.wall / self.count,
            cpu=alone.cpu / self.count,
            idle=self.costs[IDLE][fleet(1)].cpu / self.count,
            preview=self.costs[PREVIEW][LOOP].cpu / self.count,
            memory=together.peak / self.cores,
            state=sum(states) // max(len(states), 1),
            history=sum(each.stat().st_size for each in kept) // max(updates, 1),
            kubernetes=asked.kubernetes / self.count,
            looked=self.asked["gate"].kubernetes / self.count,
            ghcr=asked.ghcr / self.count,
            hub=asked.hub / self.count,
            github=asked.github / self.count,
            setup=setup,
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

    def _fleet(self, letter: str, lanes: int, meter: Meter) -> None:
        self._set(letter).choose(self.folder, lanes)
        if lanes > 1:
            self._note(PREVIEW, PLAN, [*DOOR, "plan"])
            for who, (mode, flags) in previews.OURS.items():
                self._note(PREVIEW, who, [*previews.COMMAND, *flags])
                previews.check(self.folder, mode, self.count)
        for did in (UP, IDLE):
            meter.reset()
            self._note(did, fleet(lanes), [*DOOR, "up", "--yes"])
            self.asked[did] = meter.read()
        meter.reset()
        measure([*DOOR, "gate", "--wave", WAVE], self.folder, self.env, timeout=DEADLINE)
        self.asked["gate"] = meter.read()

    def _note(self, did: str, who: str, command: Sequence[str]) -> None:
        print(f"bench: {who}: {did}", file=sys.stderr, flush=True)
        with Busy() as busy:
            self.costs.setdefault(did, {})[who] = measure(command, self.folder, self.env, timeout=DEADLINE)
        self.busy[did, who] = busy.share

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
