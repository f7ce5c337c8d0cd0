"""From a fleet, its ledger and its stacks' reports to one report. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import datetime

from ..fleet.history import FleetRun, GateOutcome, History
from ..fleet.nouns import Fleet
from ..fleet.standing import Standing, passed, standings
from .fleet_happened import happened, lines
from .fleet_nouns import FleetOnHub, FleetReport, FleetRisk, GateState, Member, WaveProgress
from .moving import pulls, registries, united
from .nouns import WHYS, Level, NotLooked, OnHub, Report

_LEVELS: tuple[Level, ...] = ("high", "medium", "low")

Read = Report | tuple[str, ...]
"""The report of a stack, or why there is none, a line each."""


def fleet_report(
    history: History, at: datetime, fleet: Fleet | None = None, stacks: Mapping[str, Read] | None = None
) -> FleetReport:
    """Return the report of a fleet.

    Args:
        history: what its ledger tells.
        at: when.
        fleet: its clusters and waves; None: those that the ledger's last runs were about.
        stacks: the reports of its stacks by name, as far as they were made.
    """
    campaign = history.campaign
    known = standings(campaign)
    members = tuple(_members(fleet, known, stacks or {}))
    reports = [each.report for each in members if each.report]
    images = united(image for each in reports for image in each.images)
    allowances = [each.pulls for each in reports if each.pulls and each.pulls.asked]
    lowest = min((each.left for each in allowances if each.left), key=lambda each: each.remaining, default=None)
    return FleetReport(
        at,
        members,
        tuple(_waves(members, campaign, passed(campaign))),
        tuple(lines(campaign)),
        happened(campaign),
        images,
        registries(images),
        pulls(images, bool(allowances), lowest),
        tuple(_on_hub(reports)),
        tuple(_risks(members)),
        _not_looked(members, history),
    )


def _members(fleet: Fleet | None, known: Mapping[str, Standing], stacks: Mapping[str, Read]) -> Iterator[Member]:
    if fleet is None:
        for standing in known.values():
            stack = standing.last.stack if standing.last else ""
            yield _standing(Member(standing.cluster, standing.wave, stack), standing)
        return
    for wave in fleet.waves:
        for each in wave.clusters:
            found = stacks.get(each.stack)
            member = Member(each.name, wave.name, each.stack)
            if isinstance(found, Report):
                member = replace(member, report=found)
            elif found:
                member = replace(member, why=found)
            yield _standing(member, known.get(each.name))


def _standing(member: Member, standing: Standing | None) -> Member:
    if standing is None:
        return member
    seconds = standing.last.seconds if standing.last else 0.0
    return replace(member, stands=standing.state, seconds=seconds, problems=standing.problems)


def _waves(members: tuple[Member, ...], campaign: Iterable[FleetRun], passed: frozenset[str]) -> Iterator[WaveProgress]:
    gates = {gate.wave: gate for run in campaign for gate in run.gates}
    for name in dict.fromkeys(each.wave for each in members):
        mine = [each for each in members if each.wave == name]
        gate = gates.get(name)
        said = sorted((cluster, line) for cluster, lines in gate.failed.items() for line in lines) if gate else []
        done, failed = (sum(each.stands == state for each in mine) for state in ("done", "failed"))
        yield WaveProgress(name, len(mine), done, failed, _gate(gate, name in passed, bool(campaign)), tuple(said))


def _gate(gate: GateOutcome | None, passed: bool, ran: bool) -> GateState:
    if passed:
        return "passed"
    if gate is None:
        return "not reached" if ran else "none"
    if gate.ended is None:
        return "under way"
    return "failed" if gate.failed else "not reached"  # it passed, and a cluster had a turn since


def _on_hub(reports: Iterable[Report]) -> Iterator[FleetOnHub]:
    groups: dict[tuple[int, str, str], list[OnHub]] = {}
    order = {why: number for number, why in enumerate(WHYS)}
    for report in reports:
        for each in report.on_hub:
            groups.setdefault((order[each.why], each.image, each.reason), []).append(each)
    for (_, image, reason), group in sorted(groups.items()):
        pods = [each.pods for each in group if each.pods is not None]
        where = tuple(sorted({f"{each.cluster}/{each.namespace}" for each in group}))
        yield FleetOnHub(image, group[0].why, reason, where, sum(pods) if pods else None)


def _risks(members: Iterable[Member]) -> Iterator[FleetRisk]:
    groups: dict[tuple[Level, str, str], set[str]] = {}
    for member in members:
        for line in (*member.why, *member.problems):
            groups.setdefault(("high", line, ""), set()).add(member.cluster)
        for each in member.report.risks if member.report else ():
            groups.setdefault((each.level, each.text, each.remedy), set()).add(each.where)
    ordered = sorted(groups.items(), key=lambda each: (_LEVELS.index(each[0][0]), -len(each[1]), each[0]))
    for (level, text, remedy), where in ordered:
        yield FleetRisk(level, text, remedy, tuple(sorted(where)))


def _not_looked(members: Iterable[Member], history: History) -> tuple[NotLooked, ...]:
    """Return what is not known: where many stacks have the same line it stands once, with how many."""
    groups: dict[tuple[str, str], list[str]] = {}
    for member in members:
        for each in member.report.not_looked if member.report else ():
            groups.setdefault((each.what, each.why), []).append(member.stack)
    found = []
    for (what, why), stacks in sorted(groups.items()):
        named = f"stack {stacks[0]}" if len(stacks) == 1 else f"{len(stacks)} stacks"
        found.append(NotLooked(f"{named}: {what}", why))
    if not history.runs:
        found.append(NotLooked("runs of the fleet", "this machine's ledger tells of none"))
    return tuple(found)
