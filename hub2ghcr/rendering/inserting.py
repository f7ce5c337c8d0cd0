"""Keys and list entries put into the text of a manifest, in the style of what stands around them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import yaml

from .. import documents
from ..errors import ManifestError


@dataclass(frozen=True, slots=True)
class Insertion:
    """At ``path``: one more key of a mapping (``what`` is a mapping of it alone), or more entries of a list."""

    path: tuple[str | int, ...]
    what: Mapping[str, Any] | list[Any]


def inserted(data: bytes, place: str, wanted: Mapping[int, list[Insertion]]) -> bytes:
    """Return a file with what is put into its documents, by their number among those that are not empty.

    Raises:
        ManifestError: there is no such place.
    """
    if not wanted:
        return data
    text = data.decode()
    head = text[: len(text) - len(text.removeprefix("\ufeff"))]
    text = text.removeprefix("\ufeff")
    edits = [
        _edit(text, _at(node, each.path, place), each.what)
        for number, (node, _) in enumerate(documents.nodes(text, place))
        for each in wanted.get(number, ())
    ]
    for start, end, put in sorted(edits, reverse=True):
        text = text[:start] + put + text[end:]
    return (head + text).encode()


def _edit(text: str, node: yaml.Node, what: Mapping[str, Any] | list[Any]) -> tuple[int, int, str]:
    """Return what to put in place of which characters."""
    end = "\r\n" if "\r\n" in text else "\n"
    if isinstance(node, yaml.ScalarNode):  # nothing stands there: `key:`, `key: null`
        start = node.start_mark.index
        return start, node.end_mark.index, (" " if text[start - 1 : start] == ":" else "") + json.dumps(what)
    if _flowing(node):
        return _flow(text, node, what, end)
    if isinstance(node, yaml.SequenceNode):
        lines = documents.dump([what]).splitlines()[1:]
        at, before = _line_after(text, _last(node), end)
        indent = " " * node.start_mark.column
        return at, at, before + "".join(f"{indent}{line}{end}" for line in lines)
    return _key(text, node, what, end)


def _key(text: str, node: yaml.Node, what: Any, end: str) -> tuple[int, int, str]:
    """Put a key behind a first one that takes one line, else before it and the comments that belong to it."""
    key, value = node.value[0]
    deeper = any(
        isinstance(other, yaml.SequenceNode)
        and not other.flow_style
        and other.start_mark.column > name.start_mark.column
        for name, other in node.value
    )
    lines = documents.dump([what]).splitlines()[1:]
    if not deeper:
        lines = [line.removeprefix("  ") if number else line for number, line in enumerate(lines)]
    indent = " " * key.start_mark.column
    if isinstance(value, yaml.ScalarNode) and value.style not in ("|", ">") and _one_line(key, value):
        at, before = _line_after(text, value, end)
        return at, at, before + "".join(f"{indent}{line}{end}" for line in lines)
    start = key.start_mark.index
    line = start - key.start_mark.column
    if text[line:start].strip():  # `- key: …`
        return start, start, "".join(f"{each}{end}{indent}" for each in lines)
    while line and (above := text.rfind("\n", 0, line - 1) + 1) < line and text[above:line].lstrip().startswith("#"):
        line = above
    return line, line, "".join(f"{indent}{each}{end}" for each in lines)


def _flow(text: str, node: yaml.Node, what: Mapping[str, Any] | list[Any], end: str) -> tuple[int, int, str]:
    said = json.dumps(what, ensure_ascii=False)[1:-1]
    if isinstance(node, yaml.SequenceNode):
        at = _last(node).end_mark.index if node.value else node.start_mark.index + 1
        return at, at, f", {said}" if node.value else said
    at = node.start_mark.index + 1
    if not node.value:
        return at, at, said
    first = node.value[0][0].start_mark
    if first.line == node.start_mark.line:
        return first.index, first.index, f"{said}, "
    return first.index, first.index, f"{said},{end}{' ' * first.column}"


def _last(node: yaml.Node) -> yaml.Node:
    """Return the last node below a block list, or a flow list's last entry."""
    if isinstance(node, yaml.SequenceNode) and _flowing(node):
        node = node.value[-1]
    while isinstance(node, yaml.CollectionNode) and not _flowing(node) and node.value:
        last = node.value[-1]
        node = last[1] if isinstance(node, yaml.MappingNode) else last
    return node


def _flowing(node: yaml.Node) -> bool:
    return isinstance(node, yaml.CollectionNode) and bool(node.flow_style)


def _line_after(text: str, node: yaml.Node, end: str) -> tuple[int, str]:
    """Return where the line after a node begins, and what must stand before it: a line end that the file lacks."""
    found = text.find("\n", node.end_mark.index)
    return (len(text), end) if found < 0 else (found + 1, "")


def _one_line(key: yaml.Node, value: yaml.Node) -> bool:
    return bool(key.start_mark.line == value.start_mark.line == value.end_mark.line)


def _at(node: yaml.Node, path: tuple[str | int, ...], place: str) -> yaml.Node:
    for part in path:
        if isinstance(node, yaml.SequenceNode):
            node = node.value[int(part)]
            continue
        found = [value for key, value in node.value if key.value == part] if isinstance(node, yaml.MappingNode) else []
        if not found:
            raise ManifestError("comes from elsewhere, by `<<`", place, str(part), "write it out")
        node = found[0]
    return node
