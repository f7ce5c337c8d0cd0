"""What a stack is told by more than one file: its own, and the base files beneath it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, NamedTuple

from ..errors import Hub2GhcrError
from .merging import merge

DEFAULTS: Final = "clusterDefaults"
"""The section that lies beneath each cluster."""
_CLUSTERS: Final = "clusters"
_NAMESPACE: Final = "hub2ghcr:"


@dataclass(frozen=True, slots=True)
class Layer:
    """What one file says: its ``place``, as errors name it, and its values by key, without the namespace."""

    place: str
    values: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Layers:
    """Files over one another, the lowest first; the last one is the stack's own."""

    layers: tuple[Layer, ...]

    @property
    def values(self) -> Mapping[str, Any]:
        """All of them as one, ``clusterDefaults`` merged beneath each cluster; one file alone is what it says."""
        own = self.layers[-1].values
        if len(self.layers) == 1 and DEFAULTS not in own:
            return own
        found: dict[str, Any] = {}
        for each in self.layers:
            found = merge(found, each.values)
        defaults, clusters = found.pop(DEFAULTS, None), found.get(_CLUSTERS)
        if isinstance(defaults, Mapping) and isinstance(clusters, list):
            found[_CLUSTERS] = [merge(defaults, each) if isinstance(each, Mapping) else each for each in clusters]
        return found

    def placed(self, problems: Sequence[Hub2GhcrError]) -> list[Hub2GhcrError]:
        """Return problems of the values as those of the files that the values stand in, by their paths there."""
        own = self.layers[-1]
        if not problems or (len(self.layers) == 1 and DEFAULTS not in own.values):
            return [each.at(own.place) for each in problems]
        stands = _stands(self.layers)
        return [_placed(each, stands, own.place) for each in problems]


class _Stands(NamedTuple):
    """Where a value stands: the file, and the path in it."""

    place: str
    path: str
    mapping: bool


def _placed(problem: Hub2GhcrError, stands: Mapping[str, _Stands], own: str) -> Hub2GhcrError:
    path = problem.path.removeprefix(_NAMESPACE)
    prefix, rest = problem.path[: len(problem.path) - len(path)], ""
    while path and path not in stands:  # a key that is missing is missed in the mapping that would have it
        cut = max(path.rfind("."), path.rfind("["), 0)
        path, rest = path[:cut], path[cut:] + rest
    if not path:
        return problem.at(own)
    at = stands[path]
    return type(problem)(problem.what, f"{prefix}{at.path}{rest}", problem.value, problem.remedy).at(at.place)


def _stands(layers: tuple[Layer, ...]) -> dict[str, _Stands]:
    """Return where each value of the result stands, by its path there."""
    found: dict[str, _Stands] = {}
    for each in layers:
        for key, value in each.values.items():
            _stand(found, value, key, each.place, key)
    holding = [each for each in layers if isinstance(each.values.get(_CLUSTERS), list)]
    defaults = {path.removeprefix(DEFAULTS): at for path, at in found.items() if path.startswith(f"{DEFAULTS}.")}
    for number, entry in enumerate(holding[-1].values[_CLUSTERS] if holding and defaults else ()):
        path, place = f"{_CLUSTERS}[{number}]", holding[-1].place
        below = {path: _Stands(place, path, True), **{path + rest: at for rest, at in defaults.items()}}
        _stand(below, entry, path, place, path)
        found |= below
    return found


def _stand(found: dict[str, _Stands], value: Any, path: str, place: str, there: str) -> None:
    """Say where a value and all below it stand; what it takes the place of stands nowhere any more."""
    mapping = isinstance(value, Mapping)
    if path in found and not (mapping and found[path].mapping):
        for gone in [each for each in found if each.startswith((f"{path}.", f"{path}["))]:
            del found[gone]
    found[path] = _Stands(place, there, mapping)
    if value is None:
        del found[path]
    for part, below in _below(value):
        _stand(found, below, path + part, place, there + part)


def _below(value: Any) -> Iterator[tuple[str, Any]]:
    if isinstance(value, Mapping):
        yield from ((f".{key}", each) for key, each in value.items())
    elif isinstance(value, list):
        yield from ((f"[{number}]", each) for number, each in enumerate(value))
