"""Fleets of so many clusters, for tests."""

from __future__ import annotations

from hub2ghcr.fleet.gates import Gate
from hub2ghcr.fleet.nouns import Budget, Fleet, FleetCluster, Wave


def wave(name: str, *clusters: str, concurrency: int = 2) -> Wave:
    """A wave of clusters, whose stacks have their names."""
    return Wave(name, tuple(FleetCluster(each, each) for each in clusters), concurrency, Gate())


def fleet(*waves: Wave, budget: Budget = Budget()) -> Fleet:  # noqa: B008 frozen
    """A fleet of waves."""
    return Fleet("stacks/fleet.yaml", "sha256:" + "1" * 64, waves, budget)


def large(clusters: int) -> Fleet:
    """A fleet in three waves: ten, a tenth of all, and the rest."""
    names = [f"cluster-{number:05}" for number in range(clusters)]
    tenth = clusters // 10
    return fleet(
        wave("canary", *names[:10], concurrency=2),
        wave("region", *names[10 : 10 + tenth], concurrency=8),
        wave("rest", *names[10 + tenth :], concurrency=32),
    )
