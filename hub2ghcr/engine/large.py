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
    """Yield the secrets that there are to be on GitHub: where, and their names.

    A file tells by itself whose it is, so that bringing one can be repeated (`hub2ghcr.delivering.mark`).
    """
    if plan.github is None:
        return
    yield from (("", secret.name) for secret in plan.github.organization_secrets)
    for repository in plan.github.repositories:
        yield from ((repository.name, secret) for secret in repository.secrets)
        yield from ((f"{repository.name}/dependabot", secret) for secret in repository.dependabot_secrets)
        for environment, secrets in repository.environments.items():
            yield from ((f"{repository.name}/{environment}", secret) for secret in secrets)


def _known(state: State) -> Iterator[tuple[str, str]]:
    for each in state.resources:
        match each.type:
            case "ActionsSecret":
                yield str(each.inputs["repository"]), str(each.inputs["secretName"])
            case "ActionsEnvironmentSecret":
                place = f"{each.inputs['repository']}/{each.inputs['environment']}"
                yield place, str(each.inputs["secretName"])
            case "ActionsOrganizationSecret":
                yield "", str(each.inputs["secretName"])
            case "DependabotSecret":
                yield f"{each.inputs['repository']}/dependabot", str(each.inputs["secretName"])
