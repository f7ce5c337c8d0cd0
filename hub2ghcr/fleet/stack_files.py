"""Stack files of clusters, written from the fleet's template: hundreds of clusters differ in a few keys.

The template is a stack file whose list of clusters has one entry. Of each cluster its keys in ``fleet.yaml`` are merged
into that entry as over a base file, and before it is read ``{cluster}`` in it becomes the cluster's name. What a stack
has for itself is nobody's to compare: its phase and those of its namespaces, its secrets, how they are encrypted, and
keys that the template lacks.
"""

from __future__ import annotations

import copy
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Literal

from .. import documents, files
from ..errors import Hub2GhcrError, ManifestError, SettingsError, raise_all
from ..phasing import KEY as PHASE
from ..settings.merging import merge
from .nouns import Fleet, FleetCluster

NAME: Final = "{cluster}"
CLUSTERS: Final = "hub2ghcr:clusters"
HEAD: Final = "# Written by `hub2ghcr fleet stacks` from {template}, which says what all clusters share.\n"


@dataclass(frozen=True, slots=True)
class StackFile:
    """The stack file of one cluster: whether it is there and says what the template does, and what it should hold.

    ``keys`` are the keys in which it differs.
    """

    cluster: str
    place: str
    state: Literal["missing", "differs", "same"]
    document: Mapping[str, Any]
    keys: tuple[str, ...] = ()


def stack_files(fleet: Fleet, root: Path) -> tuple[StackFile, ...]:
    """Compare the stack files of a fleet with its template.

    Raises:
        SettingsError, Problems: there is no template, it has another shape, or files cannot be read.
    """
    if not fleet.template:
        remedy = "write `template: stacks/cluster.yaml`, and what all clusters share into that file"
        raise SettingsError("names no template", fleet.place, remedy=remedy)
    template = _text(root, fleet.template)
    _rendered(fleet.clusters[0], template, fleet.template)  # what is wrong with it is wrong for all: told once
    found: list[StackFile] = []
    problems: list[Hub2GhcrError] = []
    for each in fleet.clusters:
        try:
            found.append(_compared(each, template, fleet.template, root))
        except Hub2GhcrError as error:
            problems.append(error)
    raise_all(problems)
    return tuple(found)


def write(file: StackFile, template: str, root: Path) -> None:
    """Write a stack file that is missing or differs.

    Raises:
        ManifestError: it cannot be written.
    """
    text = HEAD.format(template=template) + documents.dump([file.document])
    files.replace(str(root / file.place), text.encode(), file.place)


def _compared(cluster: FleetCluster, template: str, origin: str, root: Path) -> StackFile:
    place = f"stacks/Pulumi.{cluster.stack}.yaml"
    wanted = _rendered(cluster, template, origin)
    if not (root / place).exists():
        return StackFile(cluster.name, place, "missing", wanted)
    there = _parsed(_text(root, place), place)
    config = there["config"]
    shared = {key: value for key, value in wanted["config"].items() if key != PHASE and not _secure(value)}
    keys = tuple(sorted(key for key, value in shared.items() if _unphased(config.get(key)) != _unphased(value)))
    if not keys:
        return StackFile(cluster.name, place, "same", there)
    new = {key: _phased(shared[key], config.get(key)) for key in keys}
    return StackFile(cluster.name, place, "differs", {**there, "config": {**config, **new}}, keys)


def _rendered(cluster: FleetCluster, template: str, origin: str) -> dict[str, Any]:
    document = _parsed(template.replace(NAME, cluster.name), origin)
    clusters = document["config"].get(CLUSTERS, [{}])
    if not isinstance(clusters, list) or len(clusters) != 1 or not isinstance(clusters[0], dict):
        raise SettingsError("must have one entry", f"{origin}: {CLUSTERS}", remedy="each cluster's is made of it")
    entry = {"name": cluster.name, **merge(clusters[0], cluster.values)}
    return {**document, "config": {**document["config"], CLUSTERS: [entry]}}


def _secure(value: Any) -> bool:
    return isinstance(value, Mapping) and set(value) == {"secure"}


def _namespaces(clusters: Any) -> Iterator[tuple[str, dict[str, Any]]]:
    for each in clusters if isinstance(clusters, list) else ():
        found = each.get("namespaces") if isinstance(each, dict) else None
        yield from ((name, one) for name, one in (found or {}).items() if isinstance(one, dict))


def _unphased(value: Any) -> Any:
    """Return a value without the phases of namespaces."""
    found = copy.deepcopy(value)
    for _, settings in _namespaces(found):
        settings.pop("phase", None)
    return found


def _phased(value: Any, before: Any) -> Any:
    """Return a value with the phases that namespaces had before."""
    found = _unphased(value)
    phases = {name: settings["phase"] for name, settings in _namespaces(before) if "phase" in settings}
    for name, settings in _namespaces(found):
        if name in phases:
            settings["phase"] = phases[name]
    return found


def _text(root: Path, place: str) -> str:
    try:
        return files.read(str(root / place), place).decode("utf-8")
    except ManifestError as error:
        raise SettingsError.of(error) from None
    except UnicodeDecodeError:
        raise SettingsError("is no UTF-8", place) from None


def _parsed(text: str, place: str) -> dict[str, Any]:
    try:
        found = documents.parse(text, place)
    except ManifestError as error:
        raise SettingsError.of(error) from None
    if len(found) != 1 or not isinstance(found[0], dict) or not isinstance(found[0].get("config"), dict):
        raise SettingsError("a stack file has the key `config`", place, remedy="see docs/fleets.md")
    return found[0]
