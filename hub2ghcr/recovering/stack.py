"""A recovery of one stack, from its files alone."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from pathlib import Path

from .. import cluster_access, documents
from .. import plan as plans
from ..engine import Run, Said, Step
from ..plan import Plan
from .checkpoint import mend
from .locks import Lock, find
from .machine import Machine
from .recovery import Recovered, recover, release


def recover_stack(
    run: Run,
    root: Path,
    *,
    lock_is_dead: bool = False,
    patience: float = 0.0,
    told: Callable[[Step | Said], object] = lambda _: None,
) -> tuple[Plan, tuple[Path, ...], Recovered]:
    """Bring a stack back to where the next run can begin: its plan, what was removed of its state's files, the rest.

    Args:
        run: the stack's engine.
        root: the project's folder.
        lock_is_dead: somebody has made sure that no run is on, on any machine.
        patience: seconds to wait for a run that is on, on this machine.
        told: hears what the engine does.

    Raises:
        Problems: the stack makes no plan, or its clusters cannot be reached.
        EngineError: a run is on, or the engine fails.
        Unknown: a lock of which nobody here can say whether its process is dead.
        ClusterError: a cluster cannot be asked.
    """
    planned, machine = plans.of_stack(run.stack, root).plan, Machine.this()
    backend, project = run.backend(), str(documents.read(root / "Pulumi.yaml", "Pulumi.yaml")[0]["name"])

    def locks() -> Sequence[Lock]:
        return find(backend, project, run.stack)

    found = None if lock_is_dead else _waited(locks, machine, patience)
    release(found or (), machine)
    mended = mend(backend, project, run.stack)
    with ExitStack() as opened:
        clusters = cluster_access.clusters(planned, os.environ, opened)
        return planned, mended, recover(run, planned, clusters, found, told, machine=machine)


def _waited(locks: Callable[[], Sequence[Lock]], machine: Machine, patience: float) -> Sequence[Lock]:
    """Return the locks as soon as all of their processes are dead, or when patience is over."""
    end = time.monotonic() + patience
    while True:
        found = locks()
        if time.monotonic() >= end or all(each.dead(machine) for each in found):
            return found
        time.sleep(0.5)
