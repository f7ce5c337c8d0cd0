"""A fleet whose canary wave went through, whose second one its gate stopped, and that waits since; of any size."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from hub2ghcr.fleet.gates import Gate
from hub2ghcr.fleet.history import ClusterOutcome, Ending, FleetRun, GateOutcome, History
from hub2ghcr.fleet.nouns import Budget, Fleet, FleetCluster, Wave
from hub2ghcr.report import NOTHING, report
from hub2ghcr.report.fleet_making import Read

from . import samples

BEGUN = samples.AT - timedelta(hours=1)
WAVES = ("canary", "eu", "rest")


def fleet(size: int = 6) -> Fleet:
    """A fleet with so many clusters in each of three waves."""
    waves = []
    for wave in WAVES:
        clusters = tuple(FleetCluster(f"{wave}-{number}", f"prod-{wave}-{number}") for number in range(size))
        waves.append(Wave(wave, clusters, 4, Gate()))
    return Fleet("stacks/fleet.yaml", "sha256:1", tuple(waves), Budget(1))


def outcome(wave: str, number: int, at: int, ending: Ending = "done") -> ClusterOutcome:
    begun = BEGUN + timedelta(minutes=at)
    problems = ("Deployment web: 0 of 3 replicas are updated",) if ending not in ("", "done") else ()
    ended = None if ending == "" else begun + timedelta(minutes=2, seconds=number)
    name = f"{wave}-{number}"
    return ClusterOutcome(name, wave, f"prod-{name}", "prepare", begun, ended, ending, "cutover", problems)


def history(size: int = 6) -> History:
    """The canary wave is done, the second one has a cluster that failed and one that its gate did not let through."""
    first = [outcome("canary", number, number) for number in range(size)]
    second = [outcome("eu", number, size + 10 + number, "failed" if number == 1 else "done") for number in range(size)]
    looked = tuple(each.cluster for each in first)
    gates = (
        GateOutcome(
            "canary", BEGUN + timedelta(minutes=size + 3), BEGUN + timedelta(minutes=size + 9), clusters=looked
        ),
        GateOutcome(
            "eu",
            BEGUN + timedelta(minutes=2 * size + 13),
            BEGUN + timedelta(minutes=2 * size + 14),
            {"eu-0": ("2 of 3 Pods are available (66.6%), and the gate asks for 100%",)},
        ),
    )
    names = {wave.name: tuple(each.name for each in wave.clusters) for wave in fleet(size).waves}
    begun = FleetRun(
        "20261122T020405", "up", "20261122T020405", "cutover", "a" * 40, True, "sha256:1", 1, "ci", 1, names, BEGUN
    )
    ended = samples.AT - timedelta(minutes=5)
    run = replace(begun, ended=ended, ending="halted", clusters=(*first, *second), gates=gates)
    return History((run,))


def stacks(size: int = 6) -> dict[str, Read]:
    """Reports of all stacks from files alone, but of one that cannot be planned and one that was looked at."""
    found: dict[str, Read] = {}
    for number, each in enumerate(fleet(size).clusters):
        plan = samples.plan(3, 1)
        plan = replace(plan, stack=each.stack, clusters=(replace(plan.clusters[0], name=each.name),))
        found[each.stack] = report(plan, samples.seen(plan) if number == 0 else NOTHING, samples.AT)
    found["prod-rest-0"] = ("stacks/Pulumi.prod-rest-0.yaml: phase: must be prepare, cutover or seal: 'go'",)
    return found
