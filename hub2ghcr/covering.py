"""Which nodes an image runs on: platforms (``os/architecture[/variant]``) held against those of nodes."""

from __future__ import annotations

from collections.abc import Collection, Iterable


def runs(platform: str, nodes: Iterable[str]) -> bool:
    """Whether an image of a platform runs on one of the nodes; a node tells no variant (``linux/arm`` runs arm/v7)."""
    return any(platform == node or platform.startswith(f"{node}/") for node in nodes)


def lost(had: Iterable[str], has: Iterable[str], nodes: Collection[str]) -> tuple[str, ...]:
    """Return the nodes' platforms that an image ran on and does not any more, sorted.

    A platform that it never had is nobody's loss: its Pods are on other nodes already. One that ran on none of the
    nodes lacks them all.

    >>> lost(["linux/amd64", "linux/arm64/v8"], ["linux/amd64"], ["linux/amd64", "linux/arm64", "linux/s390x"])
    ('linux/arm64',)
    """
    before, now = _covered(had, nodes), _covered(has, nodes)
    return tuple(sorted((before or {*nodes}) - now))


def remedy(had: Iterable[str], nodes: Collection[str], lock: str) -> str:
    """Return what to do about an image that nodes lost; ``lock`` is the command that resolves it again."""
    if any(runs(each, nodes) for each in had):
        return f"widen `platforms` of its mapping rule, and run `{lock}`"
    return "nothing of it runs in this cluster: leave it out, or take an image for these nodes"


def _covered(platforms: Iterable[str], nodes: Iterable[str]) -> set[str]:
    there = tuple(platforms)
    return {node for node in nodes if any(runs(each, [node]) for each in there)}
