"""Large stacks: the engine saves the whole state at every step, so that twice the workloads take four times as long.

Above a size the state is saved once, when a run ends, be it by a failure or by Ctrl-C. A run that is killed leaves the
state of the run before it: what we do to clusters and registries can be repeated, so the next run begins anew and
comes to the same end (docs/adr/0007). GitHub alone tells nobody who has written a secret, so a run that adds something
there, or takes it away, is preceded by one of that part alone, saved at every step.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import Final

from ..plan import Plan
from .state import State

LARGE: Final = 200
"""Workloads of a stack from which on its state is saved once a run."""

ONCE: Final = {"PULUMI_SKIP_CHECKPOINTS": "true"}
"""The engine's switch for it (pulumi v3.256, ``pkg/backend/snapshot.go``)."""

SELDOM: Final = {"GOGC": "400", "GOMEMLIMIT": "2GiB"}
"""How often the engine and its providers look for memory to free (https://go.dev/doc/gc-guide).

What they hold is a state, which only grows: looking a quarter as often saves a tenth of their processor time. Near
2 GiB they look as usual.
"""

SAVED: Final = (
    "**hub2ghcr:index:ImageMirror**",
    "**hub2ghcr:index:GitHubMigration**",
    "**hub2ghcr:index:ClusterMigration::*",
)
"""The part of a stack that is saved at every step, as patterns of URNs: GitHub, and the copies that it waits for.

Of a cluster the component alone: the engine makes every provider, and none whose parent is left out.
"""


def large(plan: Plan) -> bool:
    """Whether a stack has so many workloads that saving its state at every step would take longer than the steps."""
    return sum(len(namespace.workloads) for cluster in plan.clusters for namespace in cluster.namespaces) >= LARGE


def environment() -> dict[str, str]:
    """Return what the engine's process gets for a large stack; what somebody set himself stays."""
    return {**ONCE, **{key: value for key, value in SELDOM.items() if key not in os.environ}}


def moves_on_github(plan: Plan, state: State) -> bool:
    """Whether a run would add something on GitHub, or take it away; what is only changed can be changed again."""
    return set(_wanted(plan)) != set(_known(state))


def _wanted(plan: Plan) -> Iterator[tuple[str, str]]:
    """Yield what there is to be on GitHub: repository, and name of a secret or path of a file."""
    for repository in plan.github.repositories if plan.github else ():
        yield from ((repository.name, secret) for secret in repository.secrets)
        if repository.workflow_path:
            yield repository.name, repository.workflow_path


def _known(state: State) -> Iterator[tuple[str, str]]:
    for each in state.resources:
        if each.type in ("ActionsSecret", "RepositoryFile"):
            yield str(each.inputs["repository"]), str(each.inputs.get("secretName") or each.inputs.get("file"))
