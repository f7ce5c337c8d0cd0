"""Where the phase stands in a stack file, and how it is changed there: nothing else of the file moves.

The stack's phase is the key ``hub2ghcr:phase`` below ``config``; a namespace may have a ``phase`` of its own.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

from . import documents, source
from .errors import ManifestError, SettingsError
from .source import ListNode, MapNode, Node, Scalar

KEY: Final = "hub2ghcr:phase"
_CLUSTERS: Final = "hub2ghcr:clusters"


@dataclass(frozen=True, slots=True)
class Place:
    """One place of a phase: a mapping of the file and the key in it; ``title`` names it for people."""

    title: str
    key: str
    node: MapNode


def phases(data: bytes, place: str, namespaces: Sequence[str] = ()) -> dict[str, str | None]:
    """Return what the file says of the stack's phase, or of the namespaces' own, by title; None where it says nothing.

    Args:
        data: the stack file.
        place: how errors name it.
        namespaces: ``NAME`` (in whatever cluster has it) or ``CLUSTER/NAME``; empty: the stack.

    Raises:
        SettingsError: no such namespace, or the file has another shape than a stack file's.
    """
    return {each.title: _said(each) for each in _places(data, place, namespaces)}


def changed(data: bytes, place: str, phase: str, namespaces: Sequence[str] = ()) -> bytes:
    """Return the file with the phase of the stack, or of namespaces, changed; comments and layout stay.

    A key that is not there is written before the first one of its mapping.

    Raises:
        SettingsError: as `phases`; a phase that is no plain value (an alias, a merged mapping).
    """
    for each in range(len(_places(data, place, namespaces))):
        data = _changed(data, place, _places(data, place, namespaces)[each], phase)
    return data


def back(data: bytes, before: bytes, place: str, namespaces: Sequence[str], default: str) -> bytes:
    """Return the file with the phases as they were in ``before``; what was edited elsewhere meanwhile stays.

    A phase that was not written is written as ``default``, which is what applied.
    """
    if (was := phases(before, place, namespaces)) == phases(data, place, namespaces):
        return data
    for number, phase in enumerate(was.values()):
        data = _changed(data, place, _places(data, place, namespaces)[number], phase or default)
    return data


def _changed(data: bytes, place: str, at: Place, phase: str) -> bytes:
    wanted = _with_phase(_meaning(data, place), at, phase)
    found = at.node.get(at.key)
    if isinstance(found, Scalar) and not found.null:
        candidates = iter((source.apply(data, [(found, phase)]),))
    else:
        candidates = _written(data, at, phase)
    for each in candidates:
        try:
            if _meaning(each, place) == wanted:
                return each
        except (ManifestError, SettingsError):
            continue
    what, remedy = "the phase cannot be written here without changing more", f"write `{at.key}: {phase}` by hand"
    raise SettingsError(what, f"{place}: {at.title}", phase, remedy)


def _written(data: bytes, at: Place, phase: str) -> Iterator[bytes]:
    """Yield the file with a new key before the first of a mapping, as a line of its own and inside of braces."""
    if not at.node.items:
        return
    first = at.node.items[0][0]
    ending = b"\r\n" if b"\r\n" in data else b"\n"
    line = data[: first.start].rpartition(b"\n")[2]
    if not line.strip():
        yield b"".join((data[: first.start], f"{at.key}: {phase}".encode(), ending, line, data[first.start :]))
    yield b"".join((data[: first.start], f"{at.key}: {phase}, ".encode(), data[first.start :]))


def _places(data: bytes, place: str, namespaces: Sequence[str]) -> list[Place]:
    try:
        tree = next(iter(source.trees(data, place)), None)
    except ManifestError as error:
        raise SettingsError(error.what, error.path, error.value, error.remedy) from None
    config = tree.get("config") if isinstance(tree, MapNode) else None
    if not isinstance(config, MapNode):
        raise SettingsError("a stack file has the key `config`", place, remedy="see stacks/Pulumi.demo.yaml")
    if not namespaces:
        return [Place("", KEY, config)]
    known = dict(_namespaces(config))
    found: dict[str, Place] = {}
    for name in namespaces:
        titles = [title for title in known if name in (title, title.partition("/")[2])]
        if not titles:
            remedy = f"the settings name {', '.join(sorted(known)) or 'none'}"
            raise SettingsError("no such namespace in the settings", f"{place}: clusters", name, remedy)
        found |= {title: Place(title, "phase", known[title]) for title in titles}
    return [found[title] for title in sorted(found)]


def _namespaces(config: MapNode) -> Iterator[tuple[str, MapNode]]:
    clusters = config.get(_CLUSTERS)
    for each in clusters.items if isinstance(clusters, ListNode) else ():
        name = each.get("name") if isinstance(each, MapNode) else None
        below = each.get("namespaces") if isinstance(each, MapNode) else None
        if isinstance(name, Scalar) and isinstance(below, MapNode):
            yield from ((f"{name.value}/{key.value}", node) for key, node in below.items if isinstance(node, MapNode))


def _said(at: Place) -> str | None:
    found: Node | None = at.node.get(at.key)
    return found.value if isinstance(found, Scalar) and not found.null else None


def _meaning(data: bytes, place: str) -> Any:
    return next(iter(documents.parse(data.decode(), place)))


def _with_phase(document: Any, at: Place, phase: str) -> Any:
    """Return the document with one phase; what an alias shares with it is another mapping, and stays."""
    config = document["config"]
    if not at.title:
        return {**document, "config": {**config, at.key: phase}}
    cluster, _, namespace = at.title.partition("/")
    clusters = list(config[_CLUSTERS])
    number = next(index for index, each in enumerate(clusters) if each["name"] == cluster)
    known = clusters[number]["namespaces"]
    settings = {**known[namespace], at.key: phase}
    clusters[number] = {**clusters[number], "namespaces": {**known, namespace: settings}}
    return {**document, "config": {**config, _CLUSTERS: clusters}}
