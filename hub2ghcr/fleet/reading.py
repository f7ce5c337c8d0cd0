"""From ``stacks/fleet.yaml`` to a fleet: strict, and all that is wrong with it at once."""

from __future__ import annotations

import hashlib
import json
from collections import defaultdict
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from .. import documents, files
from ..errors import Hub2GhcrError, ManifestError, SettingsError, raise_all
from ..settings import ClusterSettings
from ..settings import stacks as known_stacks
from ..settings.read import problem, unknown
from .gates import Gate
from .nouns import Budget, Fleet, FleetCluster, Wave
from .schema import FleetClusterSettings, FleetSettings, GateSettings, WaveSettings, seconds
from .waves import assigned, problems

PLACE: Final = "stacks/fleet.yaml"

_MODELS: Final[dict[str, type[BaseModel]]] = {"gate": GateSettings, "waves": WaveSettings}
_SHAPES: Final = frozenset({"int", "str", "function-after[_budget(), union[int,str]]"})
"""How the schema's locations name the shapes of a value that may have several."""


def load(root: Path, *, written: bool = True) -> Fleet:
    """Read the fleet of a project.

    Args:
        root: the project's folder.
        written: whether every cluster's stack file has to be there.

    Raises:
        SettingsError, Problems: everything that is wrong with the file, each with its path and a remedy.
    """
    try:
        data = files.read(str(root / PLACE), PLACE)
        found = tuple(documents.parse(data.decode("utf-8"), PLACE))
    except ManifestError as error:
        raise SettingsError(error.what, error.path, error.value, error.remedy or "see docs/fleets.md") from None
    except UnicodeDecodeError:
        raise SettingsError("is no UTF-8", PLACE) from None
    if len(found) != 1 or not isinstance(found[0], dict):
        raise SettingsError("must hold one mapping", PLACE, remedy="see docs/fleets.md")
    try:
        # As JSON: there strict mode takes a list for a tuple
        settings = FleetSettings.model_validate_json(json.dumps(found[0], default=str))
    except ValidationError as error:
        raise_all(_problem(each).at(PLACE) for each in error.errors(include_url=False))
        raise
    wrong: list[Hub2GhcrError] = [*problems(settings), *_clusters(settings)]
    if written:
        wrong += _unwritten(settings, root)
    raise_all(each.at(PLACE) for each in wrong)
    return _fleet(settings, f"sha256:{hashlib.sha256(data).hexdigest()}")


def stack_of(name: str, cluster: FleetClusterSettings) -> str:
    """Return the stack of a cluster."""
    return cluster.stack or name


def _fleet(settings: FleetSettings, digest: str) -> Fleet:
    clusters = {
        name: FleetCluster(name, stack_of(name, each), dict(sorted(each.labels.items())), each.values)
        for name, each in settings.clusters.items()
    }
    waves = (
        Wave(
            wave.name,
            tuple(clusters[name] for name in names),
            wave.concurrency or settings.concurrency,
            _gate(settings.gate, wave.gate),
        )
        for wave, names in zip(settings.waves, assigned(settings.clusters, settings.waves), strict=True)
    )
    return Fleet(PLACE, digest, tuple(waves), _budget(settings.budget), settings.template or "")


def _gate(*settings: GateSettings) -> Gate:
    """Return the gate of a wave: the later settings go before the earlier ones, key by key."""
    given: dict[str, Any] = {}
    for each in settings:
        given |= {key: value for key, value in each.model_dump().items() if value is not None}
    names = {"availability": "availability", "pullErrors": "pull_errors", "soak": "soak"}
    if "soak" in given:
        given["soak"] = seconds(given["soak"])
    return Gate(**{names[key]: value for key, value in given.items()})


def _budget(value: int | str) -> Budget:
    return Budget(value) if isinstance(value, int) else Budget(int(value.removesuffix("%")), percent=True)


def _clusters(settings: FleetSettings) -> Iterator[SettingsError]:
    """Yield keys that no stack file's cluster has, and stacks that two clusters share."""
    own = [key for key in ClusterSettings.model_fields if key != "name"]
    shared: defaultdict[str, list[str]] = defaultdict(list)
    for name, each in sorted(settings.clusters.items()):
        shared[stack_of(name, each)].append(name)
        for key in sorted(set(each.values) - set(own)):
            yield unknown(f"clusters.{name}.{key}", key, (*FleetClusterSettings.model_fields, *own))
    for stack, names in sorted(shared.items()):
        if len(names) > 1:
            remedy = "give each a stack of its own: a stack has one phase"
            yield SettingsError(f"clusters {' and '.join(names)} have one stack", "clusters", stack, remedy)


def _unwritten(settings: FleetSettings, root: Path) -> Iterator[SettingsError]:
    there = frozenset(known_stacks(root))
    remedy = "write it, or with a `template` run `hub2ghcr fleet stacks`"
    for name, each in sorted(settings.clusters.items()):
        if (stack := stack_of(name, each)) not in there:
            yield SettingsError(f"there is no stacks/Pulumi.{stack}.yaml", f"clusters.{name}", "", remedy)


def _problem(detail: ErrorDetails) -> SettingsError:
    location = [part for part in detail["loc"] if part not in ("[key]", *_SHAPES)]
    return problem(detail, location, _keys)


def _keys(location: list[int | str]) -> Mapping[str, Any]:
    """Return the keys of the mapping at a location: of the innermost section that has keys of its own."""
    model = next((_MODELS[str(part)] for part in reversed(location) if part in _MODELS), FleetSettings)
    return model.model_fields
