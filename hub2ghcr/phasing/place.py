"""The places of a phase: that of the stack, those of its namespaces, and where they stand in a stack file."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from .. import source
from ..errors import ManifestError, SettingsError
from ..source import ListNode, MapNode, Scalar

KEY: Final = "hub2ghcr:phase"
CLUSTERS: Final = "hub2ghcr:clusters"

Effective = Mapping[str, str | None]
"""The phases that apply by title, "" of the stack and ``CLUSTER/NAMESPACE``; None where nothing is said of one."""


@dataclass(frozen=True, slots=True)
class Place:
    """One place of a phase: ``title`` names it for people.

    ``node`` is the innermost mapping of the file on the way to it, None where its cluster stands in a base file, and
    ``keys`` what goes on from there: the phase's own key, and before it those of mappings that are not there yet.
    """

    title: str
    node: MapNode | None
    keys: tuple[str, ...]

    @property
    def said(self) -> Scalar | None:
        """The value that the file has there."""
        found = self.node.get(self.keys[0]) if self.node and len(self.keys) == 1 else None
        return found if isinstance(found, Scalar) and not found.null else None

    def text(self, phase: str) -> str:
        """Return what is written for a phase: ``namespaces: {shop: {phase: cutover}}``."""
        *above, last = self.keys
        return "".join(f"{key}: {{" for key in above) + f"{last}: {phase}" + "}" * len(above)


def effective(settings: Mapping[str, Any]) -> Effective:
    """Return the phases that settings say, by title; the settings as they are written, by key without namespace."""
    found = {"": _phase(settings)}
    clusters = settings.get("clusters")
    for cluster in clusters if isinstance(clusters, list) else ():
        below = cluster.get("namespaces") if isinstance(cluster, Mapping) else None
        for name, namespace in below.items() if isinstance(below, Mapping) else ():
            found[f"{cluster.get('name')}/{name}"] = _phase(namespace)
    return found


def _phase(found: Any) -> str | None:
    phase = found.get("phase") if isinstance(found, Mapping) else None
    return phase if isinstance(phase, str) and phase else None


def places(data: bytes, place: str, namespaces: Sequence[str], inherited: Effective) -> list[Place]:
    """Return the places of a stack file that are meant, sorted: see `hub2ghcr.phasing.phases`."""
    try:
        tree = next(iter(source.trees(data, place)), None)
    except ManifestError as error:
        raise SettingsError.of(error) from None
    config = tree.get("config") if isinstance(tree, MapNode) else None
    if not isinstance(config, MapNode):
        raise SettingsError("a stack file has the key `config`", place, remedy="see stacks/Pulumi.demo.yaml")
    if not namespaces:
        return [Place("", config, (KEY,))]
    known = {title: Place(title, None, ()) for title in inherited if title} | dict(_namespaces(config, inherited))
    found: dict[str, Place] = {}
    for name in namespaces:
        titles = [title for title in known if name in (title, title.partition("/")[2])]
        if not titles:
            remedy = f"the settings name {', '.join(sorted(known)) or 'none'}"
            raise SettingsError("no such namespace in the settings", f"{place}: clusters", name, remedy)
        found |= {title: known[title] for title in titles}
    return [found[title] for title in sorted(found)]


def _namespaces(config: MapNode, inherited: Effective) -> Iterator[tuple[str, Place]]:
    clusters = config.get(CLUSTERS)
    for each in clusters.items if isinstance(clusters, ListNode) else ():
        name = each.get("name") if isinstance(each, MapNode) else None
        if not isinstance(each, MapNode) or not isinstance(name, Scalar):
            continue
        below = each.get("namespaces")
        for title in inherited:
            cluster, _, namespace = title.partition("/")
            if cluster == name.value and isinstance(below, MapNode):
                yield title, Place(title, below, (namespace, "phase"))
            elif cluster == name.value:
                yield title, Place(title, each, ("namespaces", namespace, "phase"))
        for key, node in below.items if isinstance(below, MapNode) else ():
            if isinstance(node, MapNode):
                title = f"{name.value}/{key.value}"
                yield title, Place(title, node, ("phase",))
