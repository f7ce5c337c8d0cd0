"""Which cluster of a fleet waits for which, where an engine knows prerequisites and nothing of waves.

A wave of concurrency ``c`` becomes ``c`` lanes, its clusters dealt to them in turn. Each cluster waits for the one
before it in its lane, the first ones for the last ones of the wave before. So no more than ``c`` run at once, a wave
begins when all of the wave before is done, one that fails stops its lane and all waves behind it, and a fleet of ten
thousand needs little more than as many lines; every cluster naming all of the wave before would need millions.
"""

from __future__ import annotations

from .nouns import Fleet, FleetCluster


def prerequisites(fleet: Fleet) -> dict[str, tuple[str, ...]]:
    """Return, by cluster and in the order of the waves, the names of the clusters that have to be done before it."""
    found: dict[str, tuple[str, ...]] = {}
    before: tuple[str, ...] = ()
    for wave in fleet.waves:
        names, lanes = _names(wave.clusters), wave.concurrency
        for number, name in enumerate(names):
            found[name] = before if number < lanes else (names[number - lanes],)
        before = names[-lanes:]
    return found


def _names(clusters: tuple[FleetCluster, ...]) -> tuple[str, ...]:
    return tuple(each.name for each in clusters)
