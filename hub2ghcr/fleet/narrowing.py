"""Some waves, or some clusters, of a fleet: as a person names them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from fnmatch import fnmatchcase

from ..errors import SettingsError, raise_all
from .nouns import Fleet


def narrowed(fleet: Fleet, waves: Sequence[str] = (), globs: Sequence[str] = ()) -> frozenset[str]:
    """Return the names of the clusters that are in one of the waves and match one of the patterns (none: all).

    Raises:
        Problems: a wave that there is not, a pattern that nothing matches, or nothing that does both.
    """
    raise_all((*unknown_waves(fleet, waves), *_unmatched(fleet, globs)))
    found = frozenset(
        cluster.name
        for wave in fleet.waves
        if not waves or wave.name in waves
        for cluster in wave.clusters
        if not globs or any(fnmatchcase(cluster.name, glob) for glob in globs)
    )
    if not found:
        raise SettingsError("no cluster is in these waves and has such a name", fleet.place, ", ".join(globs))
    return found


def unknown_waves(fleet: Fleet, waves: Iterable[str]) -> Iterator[SettingsError]:
    """Yield an error for each wave that a fleet does not have."""
    known = [wave.name for wave in fleet.waves]
    for wave in waves:
        if wave not in known:
            yield SettingsError("no such wave", "--wave", wave, f"the waves are {', '.join(known)}")


def _unmatched(fleet: Fleet, globs: Sequence[str]) -> Iterator[SettingsError]:
    for glob in globs:
        if not any(fnmatchcase(cluster.name, glob) for cluster in fleet.clusters):
            yield SettingsError("no cluster has such a name", fleet.place, glob, "`hub2ghcr fleet plan` lists them")
