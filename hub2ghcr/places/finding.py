"""The images of a file, whatever its format."""

from __future__ import annotations

from dataclasses import replace

from ..errors import ManifestError
from ..source import MapNode, Node, Scalar
from . import dependabot, dockerfile, documents, formats, kaniko, renovate, templates, updaters
from .found import Found
from .objects import Reading, by_row, identity, items_of, single
from .path import Path
from .rows import ACTION, COMPOSE, DEPENDABOT, PACKAGE, WORKFLOW
from .table import BUILT_IN, FORMATS, Places
from .uncovered import uncovered


def spans(data: bytes, place: str, count: int) -> tuple[tuple[int, int], ...]:
    """Return up to ``count`` spans of a file's bytes: in all of them together, `find` finds what it finds in the file.

    It is the whole file alone where its documents cannot be told apart without reading them.
    """
    if count < 2 or formats.of_file(data, place) != "yaml":
        return ((0, len(data)),)
    return documents.spans(data, place, count)


def find(
    data: bytes, place: str, extra: Places | None = None, span: tuple[int, int] | None = None
) -> tuple[Found, ...]:
    """Return the images of a file in its order, remarks among them.

    Args:
        data: the file.
        place: its path, which tells its format, too; ``-`` is a stream of YAML documents.
        extra: rows that settings declare.
        span: one of its `spans` (default: the whole file). Documents are counted from its beginning.

    Raises:
        ManifestError: not UTF-8, or bad YAML that is no template.
    """
    if span is not None and span[0] == span[1] and data:
        return ()
    match formats.of_file(data, place):
        case "Dockerfile":
            return tuple(templates.found(data, place) if b"{{" in data else dockerfile.images(data, place))
        case "template":
            return tuple(templates.found(data, place))
        case "":
            return ()
    if formats.is_renovate(place):
        data = renovate.without_comments(data)
    table = BUILT_IN.with_(extra)
    result: list[Found] = []
    braces, builds = b"{{" in data, kaniko.NAME in data

    def read(index: int, node: Node) -> list[Found]:
        if braces and formats.is_template(node):
            raise ManifestError("a template")
        return _document(node, Reading(data, place, index, "", "", table, builds))

    try:
        for each in documents.found(data, place, table, read, span):
            result += each
    except ManifestError:
        if braces:
            return tuple(templates.found(data, place))
        raise
    return tuple(updaters.marked(result, data) if updaters.has_markers(data) else result)


def _document(node: Node, reading: Reading) -> list[Found]:
    if isinstance(node, Scalar):
        return []
    known = formats.of_document(node, reading.place)
    if known == "Kubernetes":
        return _sorted(_object(node, reading, ()))
    reading = reading.named(known or "YAML", "")
    rows = FORMATS.of("", reading.kind, "") + reading.places.of("", reading.kind, "")
    found = [_named(each, known) for row in rows for each in by_row(node, row, reading)]
    found += dependabot.remarks(node, reading) if known == DEPENDABOT else ()
    if known not in (WORKFLOW, ACTION):  # what their steps push is for `hub2ghcr workflows`
        found += (_named(each, known) for each in kaniko.found(node, reading))
    return _sorted([*found, *uncovered(node, reading, found, strict=known in ("", PACKAGE))])


def _object(node: Node, reading: Reading, path: Path) -> list[Found]:
    known = identity(node)
    if known is None or not isinstance(node, MapNode):
        return list(uncovered(node, reading.named("YAML", ""), (), path, strict=False))
    items = items_of(node)
    if items is not None:
        return [each for at, item in enumerate(items.items) for each in _object(item, reading, (*path, "items", at))]
    reading = reading.named(*known[1:])
    found = list(single(node, known, reading, path))
    return [*found, *uncovered(node, reading, found, path, strict=False)]


def _sorted(found: list[Found]) -> list[Found]:
    """Return what was found in the file's order; what two rows name is found once."""
    once: dict[tuple[str, int, str], Found] = {}
    for each in found:
        about = each.text if each.why == "uncovered" or each.updater else each.note if not each.text else ""
        once.setdefault((each.field, each.parts[0][1].start, about), each)
    return sorted(once.values(), key=lambda each: (min(part.start for _, part in each.parts), each.field))


def _named(found: Found, known: str) -> Found:
    """Name a service or a job by its key."""
    parts = found.field.split(".")
    if known in (COMPOSE, WORKFLOW) and len(parts) > 1:
        return replace(found, name=parts[1])
    return found
