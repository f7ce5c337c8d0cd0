"""A fleet as a workflow of GitHub Actions: a matrix for each wave, its gate behind it, an environment before the next.

Source of the limits: https://docs.github.com/en/actions/reference/limits (2026): 256 jobs of a matrix, 500 KB a file,
6 hours a job, 35 days a run. Whether the 256 are a matrix's or a run's is told both ways: all matrices of
a fleet together keep to them.

Matrix jobs name the environment ``fleet``, which has the secrets; reviewers belong to ``fleet-WAVE``, which one job
names: each job of a matrix would have to be approved by itself, as it comes to run.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from importlib.resources import files
from math import ceil
from string import Template
from types import MappingProxyType
from typing import Final

from ..errors import Hub2GhcrError, SettingsError, raise_all
from .narrowing import unknown_waves
from .nouns import Fleet, Wave

JOBS: Final = 256
"""Jobs of all matrices."""
SIZE: Final = 500_000
"""Bytes of a workflow file."""
MINUTES: Final = 360
"""Minutes of a job on a runner of GitHub's."""

ACTIONS: Final = MappingProxyType(
    {
        "checkout": "actions/checkout@de0fac2e4500dabe0009e67214ff5f5447ce83dd # v6.0.2",
        "pulumi": "pulumi/actions@8e5e406f4007fca908480587cb9893c07090f58d # v7.0.0",
        "python": "actions/setup-python@a309ff8b426b58ec0e2a45f0f869d46889d02405 # v6.2.0",
    }
)
"""The actions that are used, each by commit, since a tag can be moved."""

SECRETS: Final = ("PULUMI_BACKEND_URL", "PULUMI_CONFIG_PASSPHRASE")
"""The secrets of the environment ``fleet`` that every run gets."""

_SECRET: Final = re.compile(r"(?!GITHUB_)[A-Z_][A-Z0-9_]*")
_BRANCH: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._/-]*")
_FOLDER: Final = re.compile(r"[A-Za-z0-9._/-]*")


class _Placeholders(Template):
    delimiter = "@@"  # the workflow's own language uses ${{ }}


@dataclass(frozen=True, slots=True)
class Workflow:
    """What a workflow has to know besides the fleet.

    Attributes:
        engine: the version of Pulumi that it installs.
        branch: the branch whose commits start it.
        secrets: further secrets that every run gets as variables of the same name.
        folder: the project's folder in the repository; empty for its top.
    """

    engine: str
    branch: str = "main"
    secrets: tuple[str, ...] = ()
    folder: str = ""


def workflow(fleet: Fleet, wished: Workflow, waves: Collection[str] = ()) -> str:
    """Return the workflow's text: the same bytes for the same fleet.

    Args:
        fleet: the fleet.
        wished: what it has to know besides.
        waves: the names of those that are written (default: all).

    Raises:
        Problems: names that a workflow cannot have, waves that are not there, a workflow that GitHub would not start.
    """
    raise_all(_problems(fleet, wished, waves))
    chosen = [wave for wave in fleet.waves if not waves or wave.name in waves]
    share = max(JOBS // len(chosen), 1)
    folder = f"{wished.folder}/" if wished.folder else ""
    values = {"place": fleet.place, "branch": wished.branch, "folder": folder}
    text = _filled("actions.yaml", {**values, "jobs": "".join(_jobs(chosen, share, wished)).rstrip()})
    if len(text.encode()) > SIZE:
        what = f"a workflow of {len(text.encode()) // 1000} KB: GitHub starts none over {SIZE // 1000} KB"
        raise SettingsError(what, fleet.place, remedy="write some waves into a file of their own: --wave")
    return text


def shares(stacks: Sequence[str], jobs: int) -> list[tuple[str, ...]]:
    """Return stacks in so many parts at most, in their order, none larger than needed.

    >>> shares(["a", "b", "c", "d", "e"], 3)
    [('a', 'b'), ('c', 'd'), ('e',)]
    """
    size = ceil(len(stacks) / jobs)
    return [tuple(stacks[at : at + size]) for at in range(0, len(stacks), size)]


def _jobs(waves: Sequence[Wave], share: int, wished: Workflow) -> Iterator[str]:
    secrets = (*SECRETS, *wished.secrets)
    env = _lines(10, [f"{each}: ${{{{ secrets.{each} }}}}" for each in dict.fromkeys(secrets)])
    directory = _lines(4, ["defaults:", "  run:", f"    working-directory: {wished.folder}"]) if wished.folder else ""
    setup = _filled("actions-setup.yaml", {**ACTIONS, "version": wished.engine, "directory": _ended(directory)})
    before = ""
    for wave in waves:
        values = {"wave": wave.name, "env": env, "setup": setup}
        if before:
            yield _filled("actions-open.yaml", {**values, "needs": f"gate-{before}"})
        yield _filled(
            "actions-wave.yaml",
            {
                **values,
                "needs": f"    needs: [open-{wave.name}]\n" if before else "",
                "parallel": str(wave.concurrency),
                "shares": _lines(10, _matrix([each.stack for each in wave.clusters], share)),
            },
        )
        yield _filled("actions-gate.yaml", {**values, "minutes": str(_minutes(wave))})
        before = wave.name


def _minutes(wave: Wave) -> int:
    """Return how long a gate's job may take: half an hour beyond the soak time is for the looks themselves."""
    return ceil(wave.gate.soak / 60) + 30


def _matrix(stacks: Sequence[str], jobs: int) -> Iterator[str]:
    for each in shares(stacks, jobs):
        more = f" and {len(each) - 1} more" if len(each) > 1 else ""
        yield f"- name: '{each[0]}{more}'"
        yield f"  stacks: '{' '.join(each)}'"


def _problems(fleet: Fleet, wished: Workflow, waves: Collection[str]) -> Iterator[Hub2GhcrError]:
    yield from unknown_waves(fleet, waves)
    for each in wished.secrets:
        if not _SECRET.fullmatch(each):
            yield SettingsError("is no Actions secret's name", "--actions-secret", each, "upper case, not GITHUB_…")
    if not _BRANCH.fullmatch(wished.branch):
        yield SettingsError("is no branch that can be written here", "--branch", wished.branch)
    if not _FOLDER.fullmatch(wished.folder):
        yield SettingsError("is no folder that can be written here", "--folder", wished.folder, "letters, digits, '/'")
    names: dict[str, str] = {}
    for wave in fleet.waves:
        if _minutes(wave) > MINUTES:
            remedy = f"a time to wait of the environment fleet-{wave.name} costs no runner"
            what = f"a gate that soaks so long is no job of GitHub's: they end after {MINUTES // 60} h"
            yield SettingsError(what, f"{fleet.place}: waves", wave.name, remedy)
        other = names.setdefault(wave.name.lower(), wave.name)
        if other != wave.name:
            remedy = "jobs differ by more than upper and lower case: rename one"
            yield SettingsError(f"{other} and {wave.name} would be one job", "waves", remedy=remedy).at(fleet.place)


def _lines(indent: int, lines: Collection[str] | Iterator[str]) -> str:
    return "\n".join(f"{' ' * indent}{line}" for line in lines)


def _ended(text: str) -> str:
    return f"{text}\n" if text else ""


def _filled(name: str, values: dict[str, str]) -> str:
    text = files(__package__).joinpath("templates", name).read_text(encoding="utf-8")
    return _Placeholders(text).substitute(values)
