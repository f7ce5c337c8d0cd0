"""Everything that a stack needs, tried."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Final

from .. import access
from ..credentials import variable
from ..errors import EngineError, Hub2GhcrError
from ..permissions import needs
from ..plan import Plan, of_stack
from ..reference import HUB
from ..settings import Settings, load
from . import clusters, credentials, engine, platforms, programs, projects, registries
from .finding import Finding, failures
from .patient import Patient
from .uses import uses

JOBS: Final = 8
"""Questions asked at the same time."""


@dataclass(frozen=True, slots=True)
class Examination:
    """What is examined, and by whom.

    Attributes:
        stack: its name.
        root: the project's folder.
        environ: where values of credentials are looked for before the engine is asked for them.
        now: the moment of asking, with a zone.
        told: hears of long waits.
    """

    stack: str
    root: Path
    environ: Mapping[str, str]
    now: datetime
    told: Callable[[str], object]


def examine(examination: Examination, run: engine.Run | None = None) -> tuple[Finding, ...]:
    """Return what became of every question, by area and name; nothing is written.

    Args:
        examination: what is examined.
        run: runs the engine (default: the ``pulumi`` of PATH).
    """
    run = run or engine.runner(examination.root, examination.environ)
    found: list[Finding] = []
    with ThreadPoolExecutor(JOBS) as pool, ExitStack() as opened:
        about = pool.submit(engine.look, run, examination.stack)
        settings, plan = _planned(examination, found)
        if settings is not None:
            patient = Patient(
                settings,
                plan,
                _environ(settings, examination, run, found),
                needs(plan) if plan else (),
                uses(plan) if plan else {},
                access.puller(settings, opened),
                opened,
                examination.now,
                examination.told,
            )
            for findings in pool.map(lambda job: job(), _jobs(patient)):
                found += findings
        found += about.result()
    return tuple(sorted(dict.fromkeys(found), key=lambda each: (each.area, each.name)))


def _jobs(patient: Patient) -> Iterator[Callable[[], list[Finding]]]:
    """Yield what is to be asked; none of it raises an error of ours."""
    for name in sorted(patient.settings.credentials):
        yield partial(_safe, "credential", name, partial(credentials.look, patient, name))
    for use, repositories in patient.uses.items():
        if not use.credential:
            yield partial(_safe, "registry", use.host, partial(registries.anonymous, patient, use, repositories))
    yield partial(_safe, "registry", HUB, partial(registries.allowance, patient))
    if patient.plan:
        for cluster in patient.plan.clusters:
            yield partial(_safe, "cluster", cluster.name, partial(clusters.look, patient, patient.plan, cluster))
            if rancher := cluster.rancher:
                name = f"of Rancher ({cluster.name})"
                yield partial(_safe, "cluster", name, partial(projects.look, patient, cluster, rancher))
    yield partial(_programs, patient)


def _safe(area: str, name: str, ask: Callable[[], list[Finding]]) -> list[Finding]:
    try:
        return ask()
    except Hub2GhcrError as error:
        return failures(area, name, error)


def _programs(patient: Patient) -> list[Finding]:
    planned = patient.plan.clusters if patient.plan else ()
    renderers = {source.by for cluster in planned for each in cluster.namespaces for source in each.sources}
    unnamed = [host for host, each in patient.settings.registries.items() if not (each.pull or each.push)]
    return [*programs.renderers(renderers, patient.environ), *programs.logins(unnamed, patient.environ)]


def _planned(examination: Examination, found: list[Finding]) -> tuple[Settings | None, Plan | None]:
    """Return settings and plan, as far as they can be read; what is wrong with them goes to ``found``."""
    name = examination.stack
    try:
        planned = of_stack(name, examination.root)
    except Hub2GhcrError as error:
        found += failures("stack", name, error)
    else:
        found.append(Finding("ok", "stack", name, f"can be planned, in phase {planned.plan.phase}"))
        found += platforms.of_stack(planned)
        return planned.settings, planned.plan
    try:
        return load(name, examination.root), None
    except Hub2GhcrError:
        return None, None


def _environ(settings: Settings, examination: Examination, run: engine.Run, found: list[Finding]) -> Mapping[str, str]:
    """Return the environment, with the values of credentials that it lacks and the engine has."""
    lacking = [each for each in settings.credentials.values() if variable(each.secretKey) not in examination.environ]
    if not lacking:
        return examination.environ
    try:
        kept = engine.secrets(run, examination.stack)
    except EngineError as error:
        remedy = "it needs the backend, and what opens its secrets"
        found.append(Finding("warning", "engine", "secrets", f"cannot be read: {error.what}", remedy))
        return examination.environ
    more = {variable(each.secretKey): kept.get(f"hub2ghcr:{each.secretKey}", "") for each in lacking}
    return {**examination.environ, **{name: value for name, value in more.items() if value}}
