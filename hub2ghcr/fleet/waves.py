"""Which cluster is changed in which wave, and what is wrong with waves that say nothing or too much."""

from __future__ import annotations

import difflib
from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence

from ..errors import SettingsError
from .schema import FleetClusterSettings, FleetSettings, WaveSettings


def assigned(
    clusters: Mapping[str, FleetClusterSettings], waves: Sequence[WaveSettings]
) -> tuple[tuple[str, ...], ...]:
    """Return the names of each wave's clusters, sorted: a cluster is in the first wave that selects it."""
    left = sorted(clusters)
    found = []
    for wave in waves:
        taken = tuple(name for name in left if wave.rest or _has(clusters[name].labels, wave.select))
        left = [name for name in left if name not in taken]
        found.append(taken)
    return tuple(found)


def problems(settings: FleetSettings) -> Iterator[SettingsError]:
    """Yield what is wrong with the waves: names and labels that nobody has, waves and clusters without each other."""
    clusters, waves = settings.clusters, settings.waves
    taken = assigned(clusters, waves)
    if not clusters:
        yield SettingsError("must not be empty", "clusters", remedy="name each cluster: `canary-1: {labels: {…}}`")
        return
    for number, wave in enumerate(waves):
        place = f"waves[{number}]"
        if wave.rest == bool(wave.select):
            yield SettingsError("must have either `select` or `rest: true`", place, wave.name)
            continue
        strange = tuple(_labels(clusters, wave, place))
        yield from strange
        if not taken[number] and not strange:
            what = "no cluster is left for it" if wave.rest else "selects no cluster that no wave before it has"
            yield SettingsError(what, place, wave.name, "remove it, or move it up")
    for name, count in sorted(Counter(wave.name for wave in waves).items()):
        if count > 1:
            yield SettingsError("two waves have this name", "waves", name)
    for name in sorted(set(clusters) - {name for wave in taken for name in wave}):
        yield SettingsError("is in no wave", f"clusters.{name}", remedy="add a wave with `rest: true`, or label it")


def _labels(clusters: Mapping[str, FleetClusterSettings], wave: WaveSettings, place: str) -> Iterator[SettingsError]:
    for key, value in sorted(wave.select.items()):
        values = {each.labels[key] for each in clusters.values() if key in each.labels}
        if not values:
            keys = {key for each in clusters.values() for key in each.labels}
            yield SettingsError("no cluster has this label", f"{place}.select", key, _meant(key, keys))
        elif value not in values:
            yield SettingsError(
                "no cluster has this value of the label", f"{place}.select.{key}", value, _meant(value, values)
            )


def _has(labels: Mapping[str, str], select: Mapping[str, str]) -> bool:
    return bool(select) and all(labels.get(key) == value for key, value in select.items())


def _meant(given: str, known: Collection[str]) -> str:
    close = difflib.get_close_matches(given, sorted(known), n=1)
    return f"did you mean {close[0]}?" if close else f"there are {', '.join(sorted(known)) or 'none'}"
