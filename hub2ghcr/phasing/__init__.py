"""Where the phase stands in a stack file, and how it is changed there: nothing else of the file moves.

The stack's phase is the key ``hub2ghcr:phase`` below ``config``; a namespace may have a ``phase`` of its own. Either
may come from a base file: there it is never written, since other stacks would follow, but over it, in the stack's own.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from .. import documents, source
from ..errors import ManifestError, SettingsError
from ..source import MapNode, Scalar
from .place import CLUSTERS, KEY, Effective, Place, effective, places

_NONE: Final[Effective] = {}

__all__ = ["KEY", "Effective", "back", "changed", "effective", "phases"]


def phases(
    data: bytes, place: str, namespaces: Sequence[str] = (), inherited: Effective = _NONE
) -> dict[str, str | None]:
    """Return what the file says of the stack's phase, or of the namespaces' own, by title; None where it says nothing.

    Args:
        data: the stack file.
        place: how errors name it.
        namespaces: ``NAME`` (in whatever cluster has it) or ``CLUSTER/NAME``; empty: the stack.
        inherited: what applies with the base files, whose namespaces are known, too.

    Raises:
        SettingsError: no such namespace, or the file has another shape than a stack file's.
    """
    return {each.title: each.said.value if each.said else None for each in places(data, place, namespaces, inherited)}


def changed(data: bytes, place: str, phase: str, namespaces: Sequence[str] = (), inherited: Effective = _NONE) -> bytes:
    """Return the file with the phase of the stack, or of namespaces, changed; comments and layout stay.

    A key that is not there is written before the first one of its mapping, or behind that one in a list.

    Raises:
        SettingsError: as `phases`; a phase that is no plain value (an alias, a merged mapping), or whose cluster stands
            in a base file.
    """
    for each in range(len(places(data, place, namespaces, inherited))):
        data = _changed(data, place, places(data, place, namespaces, inherited)[each], phase)
    return data


def back(
    data: bytes, before: bytes, place: str, namespaces: Sequence[str], default: str, inherited: Effective = _NONE
) -> bytes:
    """Return the file with the phases as they were in ``before``; what was edited elsewhere meanwhile stays.

    A phase that was not written is written as ``default``, which is what applied; one that came from a base file, as
    ``inherited`` has it, is taken out again, so that it follows the base as before.
    """
    if (was := phases(before, place, namespaces, inherited)) == phases(data, place, namespaces, inherited):
        return data
    for number, (title, phase) in enumerate(was.items()):
        at = places(data, place, namespaces, inherited)[number]
        if phase is None and inherited.get(title) is not None:
            data = _removed(data, place, at)
        else:
            data = _changed(data, place, at, phase or default)
    return data


def _changed(data: bytes, place: str, at: Place, phase: str) -> bytes:
    if at.node is None:
        what, remedy = "its cluster stands in a base file", "write the stack's phase, or its clusters into this file"
        raise SettingsError(what, f"{place}: {at.title}", phase, remedy)
    wanted = _with_phase(_meaning(data, place), at, phase)
    if at.said is not None:
        candidates = iter((source.apply(data, [(at.said, phase)]),))
    else:
        candidates = _written(data, at.node, at.text(phase))
    if (found := _meant(candidates, wanted, place)) is not None:
        return found
    what, remedy = "the phase cannot be written here without changing more", f"write `{at.text(phase)}` by hand"
    raise SettingsError(what, f"{place}: {at.title}", phase, remedy)


def _removed(data: bytes, place: str, at: Place) -> bytes:
    if at.said is None or at.node is None:
        return data
    wanted = _with_phase(_meaning(data, place), at, None)
    if (found := _meant(_taken(data, at.node, at.said), wanted, place)) is not None:
        return found
    what, remedy = "the phase cannot be taken out without changing more", f"remove `{at.keys[0]}` by hand"
    raise SettingsError(what, f"{place}: {at.title}", at.said.value, remedy)


def _meant(candidates: Iterator[bytes], wanted: Any, place: str) -> bytes | None:
    """Return the first file that means what is wanted."""
    for each in candidates:
        try:
            if _meaning(each, place) == wanted:
                return each
        except (ManifestError, SettingsError):
            continue
    return None


def _written(data: bytes, node: MapNode, text: str) -> Iterator[bytes]:
    """Yield the file with a new key of a mapping: on a line of its own near the first key, and inside of braces."""
    if not node.items:
        return
    ending = b"\r\n" if b"\r\n" in data else b"\n"
    for key, _ in node.items[:2]:  # the first key of a list's item stands behind a dash
        line = data[: key.start].rpartition(b"\n")[2]
        if not line.strip():
            yield b"".join((data[: key.start], text.encode(), ending, line, data[key.start :]))
    first = node.items[0][0]
    yield b"".join((data[: first.start], f"{text}, ".encode(), data[first.start :]))
    yield b"".join((data[: first.start], text.encode(), ending, b" " * (first.column - 1), data[first.start :]))


def _taken(data: bytes, node: MapNode, value: Scalar) -> Iterator[bytes]:
    """Yield the file without a key and its value: its line, or what stands between its neighbours in braces."""
    key = next(key for key, found in node.items if found is value)
    begin, end = data.rfind(b"\n", 0, key.start) + 1, data.find(b"\n", value.end) + 1 or len(data)
    yield data[:begin] + data[end:]
    yield data[: key.start] + data[value.end :].removeprefix(b",").lstrip(b" ")
    yield data[: key.start].rstrip(b" ").removesuffix(b",") + data[value.end :]


def _meaning(data: bytes, place: str) -> Any:
    return next(iter(documents.parse(data.decode(), place)))


def _with_phase(document: Any, at: Place, phase: str | None) -> Any:
    """Return the document with one phase, or without; what an alias shares with it is another mapping, and stays."""
    config = document["config"]
    if not at.title:
        return {**document, "config": _with(config, KEY, phase)}
    cluster, _, namespace = at.title.partition("/")
    clusters = list(config[CLUSTERS])
    number = next(index for index, each in enumerate(clusters) if each["name"] == cluster)
    known = clusters[number].get("namespaces") or {}
    settings = _with(known.get(namespace) or {}, "phase", phase)
    clusters[number] = {**clusters[number], "namespaces": {**known, namespace: settings}}
    return {**document, "config": {**config, CLUSTERS: clusters}}


def _with(found: Mapping[str, Any], key: str, phase: str | None) -> dict[str, Any]:
    rest = {name: value for name, value in found.items() if name != key}
    return rest if phase is None else {**rest, key: phase}
