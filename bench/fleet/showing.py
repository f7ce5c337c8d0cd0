"""What was measured and what follows from it, as Markdown tables."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from bench.fleet.model import ENGINES, SOAK, Measured, cost, waves
from bench.fleet.runs import LOOP, UP, Runs, fleet, xargs
from bench.measuring import table

LINEAR, BESIDE, LEDGER = 0.9, 1.1, 0.01
"""What is aimed at: how near to linear in the cores; wall beside ``xargs``; the ledger's part of a run."""
SIZES: Final = (1000, 10_000)


def compared(runs: Runs) -> None:
    """Print who took how long, and whether that is as it should be."""
    for did, costs in runs.costs.items():
        first = next(iter(costs.values()))
        rows = [
            (who, f"{each.wall:.1f} s", f"{each.wall / runs.count:.2f} s", f"{each.cpu:.1f} s",
             f"{each.peak:.0f} MiB", f"{runs.busy[did, who]:.0%}", f"{first.wall / each.wall:.2f}")
            for who, each in costs.items()
        ]  # fmt: skip
        head = (
            "",
            "wall",
            "wall a stack",
            "CPU",
            "peak",
            "cores busy, the lab's servers too",
            "times as fast as the first",
        )
        table(f"{did}: {runs.count} stacks of 4 workloads, {runs.cores} cores", head, rows)
    one, many = runs.costs[UP][fleet(1)], runs.costs[UP][fleet(runs.cores)]
    loop, parallel = (runs.costs[UP][who] for who in (LOOP, xargs(runs.cores)))
    faster = one.wall / many.wall
    ledger = runs.ledger()
    aims = [
        ("fleet up, times as fast as one at once, cores = 1", faster / runs.cores, LINEAR, True),
        ("the same, xargs beside the loop = 1", faster / (loop.wall / parallel.wall), LINEAR, True),
        ("fleet up, the part of the cores that is busy", runs.busy[UP, fleet(runs.cores)], LINEAR, True),
        ("fleet up, wall, xargs = 1", many.wall / parallel.wall, BESIDE, False),
        ("ledger, the part of a run", ledger / many.wall, LEDGER, False),
    ]
    judged = [
        (what, f"{got:.3f}", f"{'at least' if least else 'at most'} {aim}",
         "met" if (got >= aim if least else got <= aim) else "missed")
        for what, got, aim, least in aims
    ]  # fmt: skip
    table("Aims", ("", "found", "aimed at", ""), judged)
    more = (many.peak - one.peak) / max(runs.cores - 1, 1)
    table("Workers", ("", "measured"), [("one worker more", f"{more:.0f} MiB"), ("ledger", f"{1000 * ledger:.1f} ms")])


def priced(measured: Measured) -> None:
    """Print what one stack costs, and what many would."""
    rows = [
        ("`up` that has everything to do, wall", f"{measured.wall:.2f} s"),
        ("the same, processor time", f"{measured.cpu:.2f} s"),
        ("`up` with nothing to do, processor time", f"{measured.idle:.2f} s"),
        ("preview by the engine, processor time", f"{measured.preview:.2f} s"),
        ("a worker with its engine, program and providers", f"{measured.memory:.0f} MiB"),
        ("state", f"{measured.state / 1000:.0f} kB"),
        ("history and backups that an update adds", f"{measured.history / 1000:.0f} kB"),
        ("requests of an `up` to the API server", f"{measured.kubernetes:.0f}"),
        ("requests of a gate's look", f"{measured.looked:.1f}"),
        ("requests of an `up` to GHCR", f"{measured.ghcr:.1f}"),
        ("requests of an `up` to Docker Hub", f"{measured.hub:.1f}"),
        ("calls of an `up` to GitHub", f"{measured.github:.1f}"),
        ("a fresh machine until it has the program", f"{measured.setup:.0f} s"),
    ]
    table("What one stack costs", ("", "measured"), rows)
    head = (
        "",
        "hours",
        "CPU h",
        "machine h",
        "memory",
        "state",
        "history",
        "API server",
        "GHCR",
        "GHCR a minute",
        "Hub",
    )
    for clusters in SIZES:
        sizes = ", ".join(f"{each:,}" for each in waves(clusters))
        table(
            f"{clusters:,} clusters in waves of {sizes}, {SOAK / 60:.0f} minutes of soak each",
            head,
            _rows(measured, clusters),
        )


def _rows(measured: Measured, clusters: int) -> Iterator[tuple[str, ...]]:
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
