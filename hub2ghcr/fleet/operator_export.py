"""A fleet as ``Stack`` resources of the Pulumi Kubernetes Operator, with prerequisites between its waves.

Source: the operator v2 (github.com/pulumi/pulumi-kubernetes-operator, operator/internal/controller/pulumi and the
definition of ``stacks.pulumi.com``). A prerequisite holds while the last update of that Stack was of its present
``spec`` and succeeded. Two rules follow:

- Every Stack names a ``commit``. With a ``branch`` a new commit changes no ``spec``, so that what succeeded before
  goes on to count, and all waves begin at once.
- Stacks are written in the order of their waves, so that what others wait for has its new ``spec`` first.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import Any, Final

from .. import documents
from ..errors import Hub2GhcrError, SettingsError, raise_all
from ..metadata import name_fault, namespace_fault
from ..owning import MANAGED_BY, MANAGER
from .lanes import prerequisites
from .narrowing import unknown_waves
from .nouns import Fleet

API: Final = "pulumi.com/v1"
WAVE: Final = "hub2ghcr/wave"
"""The label that tells a Stack's wave."""
BACK_OFF: Final = 600
"""Seconds that a Stack which failed waits at most before it is tried again; the operator's own is a day."""

_COMMIT: Final = re.compile(r"[0-9a-f]{40}")

_HEAD: Final = """\
# Made by `hub2ghcr fleet export --engine operator` from {place} at commit {commit}.
# Apply it as a whole and in this order: kubectl apply --server-side -f FILE
# After each change of the repository make it anew; the commit is what starts a run.
"""


@dataclass(frozen=True, slots=True)
class Operator:
    """How the operator finds a fleet and its secrets.

    Attributes:
        repository: the URL of the git repository.
        commit: what is applied, 40 hexadecimal digits.
        namespace: where the Stacks are, the operator's own or one that it watches.
        secret: a Secret whose keys are environment variables of every run (``PULUMI_BACKEND_URL``,
            ``PULUMI_CONFIG_PASSPHRASE``, ``HUB2GHCR_SECRET_…``, ``GIT_TOKEN`` where the repository is private).
        account: the ServiceAccount of the workspaces; the operator asks it to be bound to ``system:auth-delegator``.
        folder: the project's folder in the repository; empty for its top.
        image: what the workspaces run; empty for the operator's own. It needs what the program does, ``helm`` say.
        private: whether the repository is cloned with the Secret's ``GIT_TOKEN``.
    """

    repository: str
    commit: str
    namespace: str
    secret: str
    account: str
    folder: str = ""
    image: str = ""
    private: bool = False


def manifest(fleet: Fleet, operator: Operator, waves: Collection[str] = ()) -> str:
    """Return the Stacks as YAML, in the order of their waves.

    Args:
        fleet: the fleet.
        operator: how it is run.
        waves: the names of those that are written (default: all).

    Raises:
        Problems: names that Kubernetes does not take, two clusters that would have one name, waves that are not there,
            no whole commit.
    """
    raise_all(_problems(fleet, operator, waves))
    head = _HEAD.format(place=fleet.place, commit=operator.commit)
    return head + documents.dump(_stacks(fleet, operator, waves))


def object_name(cluster: str) -> str:
    """Return the name of a cluster's Stack.

    >>> object_name("EU_1")
    'eu-1'
    """
    return cluster.lower().replace("_", "-").rstrip("-")


def _stacks(fleet: Fleet, operator: Operator, waves: Collection[str]) -> Iterator[dict[str, Any]]:
    after = prerequisites(fleet)
    for wave in fleet.waves:
        for cluster in wave.clusters if not waves or wave.name in waves else ():
            labels = {MANAGED_BY: MANAGER, WAVE: wave.name.rstrip("-_")}
            metadata = {"name": object_name(cluster.name), "namespace": operator.namespace, "labels": labels}
            spec: dict[str, Any] = {
                "stack": cluster.stack,
                "projectRepo": operator.repository,
                "commit": operator.commit,
                "serviceAccountName": operator.account,
                # what runs has no use for a Pod of each cluster that waits for the next commit
                "workspaceReclaimPolicy": "Delete",
                "retryMaxBackoffDurationSeconds": BACK_OFF,
            }
            if operator.folder:
                spec["repoDir"] = operator.folder
            if operator.private:
                token = {"type": "Secret", "secret": {"name": operator.secret, "key": "GIT_TOKEN"}}
                spec["gitAuth"] = {"accessToken": token}
            if after[cluster.name]:
                spec["prerequisites"] = [{"name": object_name(each)} for each in after[cluster.name]]
            workspace: dict[str, Any] = {"envFrom": [{"secretRef": {"name": operator.secret}}]}
            if operator.image:
                workspace["image"] = operator.image
            spec["workspaceTemplate"] = {"spec": workspace}
            yield {"apiVersion": API, "kind": "Stack", "metadata": metadata, "spec": spec}


def _problems(fleet: Fleet, operator: Operator, waves: Collection[str]) -> Iterator[Hub2GhcrError]:
    if not _COMMIT.fullmatch(operator.commit):
        yield SettingsError("is no whole commit", "--commit", operator.commit, "give all 40 digits: git rev-parse HEAD")
    if fault := namespace_fault(operator.namespace):
        yield SettingsError(fault, "--namespace", operator.namespace)
    for option, name in (("--secret", operator.secret), ("--service-account", operator.account)):
        if fault := name_fault(name):
            yield SettingsError(fault, option, name)
    yield from unknown_waves(fleet, waves)
    named: defaultdict[str, list[str]] = defaultdict(list)
    for each in fleet.clusters:
        named[object_name(each.name)].append(each.name)
    for name, clusters in sorted(named.items()):
        if len(clusters) > 1:
            remedy = "Kubernetes' names have lower case alone: rename one"
            yield SettingsError(f"{' and '.join(clusters)} would be one Stack", "clusters", name, remedy).at(
                fleet.place
            )
