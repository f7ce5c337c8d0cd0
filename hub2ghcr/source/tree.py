"""YAML and JSON as a tree that knows where each scalar stands.

Built from libyaml's events in one pass, without recursion. What Kubernetes would not take is refused here (a key that
stands twice, other encodings than UTF-8), and so is what would take the machine down: deep nesting, aliases without
measure, documents without end.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

import yaml

from ..errors import ManifestError
from .encoding import Offsets, check
from .scalar import Scalar, Style

MAX_DEPTH: Final = 300
"""Levels of nesting of one document."""

MAX_NODES: Final = 1_000_000
"""Nodes of one document with all its aliases written out."""

_Parser: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # libyaml is about ten times as fast

_STYLES: Final[dict[str | None, Style]] = {"'": "single", '"': "double", "|": "literal", ">": "folded"}

_PROPERTIES: Final = re.compile(rb"(?:[&!][^\s]*|#[^\r\n]*|\s+)*")
"""Anchor, tag, and what may stand between them and the scalar that they belong to."""

_SPACE: Final = " \t\r\n\x85\u2028\u2029"
"""Blanks and the line ends of YAML 1.1."""

_SURROGATES: Final = re.compile(rb"\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}")
"""A JSON escape that YAML does not have: one character beyond U+FFFF, as two."""


@dataclass(frozen=True, slots=True)
class MapNode:
    """A mapping, in the file's order; entries merged by ``<<`` stand after its own, as far as it does not override."""

    items: tuple[tuple[Scalar, Node], ...]

    def get(self, key: str) -> Node | None:
        """Return the value of a key, None when there is none."""
        for known, node in self.items:
            if known.value == key:
                return node
        return None


@dataclass(frozen=True, slots=True)
class ListNode:
    """A sequence."""

    items: tuple[Node, ...]


Node = Scalar | MapNode | ListNode


def trees(data: bytes, place: str, *, offset: int = 0, line: int = 0) -> Iterator[Node]:
    """Yield the documents of a YAML or JSON file, in its order; an empty document is an empty plain scalar.

    An alias is the very node that its anchor names, so what it shares is one `Scalar` object.

    Args:
        data: the file, or a part of it that holds whole documents.
        place: how errors name the file.
        offset: the byte of the file at which ``data`` begins.
        line: the lines of the file before ``data``.

    Raises:
        ManifestError: bad YAML, with line and column; not UTF-8; a key that stands twice; more than `MAX_DEPTH`
            levels or `MAX_NODES` nodes.
    """
    check(data, place)
    body = data[3:] if data.startswith(b"\xef\xbb\xbf") else data
    builder = _Builder(body, place, offset + len(data) - len(body), line)
    try:
        yield from builder.documents()
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        where = f"{place}:{mark.line + 1 + line}:{mark.column + 1}" if mark else place
        if mark and body[builder.bytes.at(mark.index) :][:1] == b"\t":
            raise ManifestError("a tab where YAML takes none", where, remedy="indent with spaces") from None
        what = f"not valid YAML: {error.problem or error.context}"
        raise ManifestError(what, where, remedy="correct the file") from None
    except yaml.reader.ReaderError as error:
        before = body[: error.position]
        where = f"{place}:{line + before.count(10) + 1}:{error.position - before.rfind(10)}"
        raise ManifestError(f"not valid YAML: {error.reason}", where, remedy="remove the character") from None
    except (yaml.YAMLError, ValueError) as error:
        raise ManifestError(f"not valid YAML: {error}", place, remedy="correct the file") from None


def _as_yaml(text: bytes) -> bytes:
    """Return JSON as YAML of the same length: no tab before the first bracket, no surrogates."""
    head = len(text) - len(text.lstrip())
    return text[:head].replace(b"\t", b" ") + _SURROGATES.sub(rb"\\ufffd\\ufffd", text[head:])


class _Open:
    """A collection that has begun: its children so far, and their nodes counted with aliases written out."""

    __slots__ = ("anchor", "children", "mapping", "mark", "merged", "size")

    def __init__(self, mapping: bool, anchor: str | None, mark: Any) -> None:
        self.mapping, self.anchor, self.mark = mapping, anchor, mark
        self.children: list[Node] = []
        self.merged: list[int] = []
        self.size = 1


class _Builder:
    def __init__(self, body: bytes, place: str, offset: int, line: int) -> None:
        self.body, self.place, self.offset, self.line = body, place, offset, line
        self.bytes = Offsets(body)
        self.anchors: dict[str, tuple[Node, int] | None] = {}
        self.json = body.lstrip()[:1] in (b"{", b"[")
        self.surrogates = self.json and _SURROGATES.search(body) is not None

    def documents(self) -> Iterator[Node]:
        text = _as_yaml(self.body) if self.json else self.body
        parser = _Parser(text)
        try:
            while (event := parser.get_event()) is not None:
                if type(event) is yaml.DocumentStartEvent:
                    self.anchors.clear()
                    yield self._document(parser)
        finally:
            if hasattr(parser, "dispose"):
                parser.dispose()

    def _document(self, parser: Any) -> Node:
        stack: list[_Open] = []
        total = 0
        while True:
            event = parser.get_event()
            kind = type(event)
            if kind is yaml.ScalarEvent:
                node: Node = self._scalar(event)
                size, anchor = 1, event.anchor
            elif kind is yaml.MappingStartEvent or kind is yaml.SequenceStartEvent:
                if len(stack) == MAX_DEPTH:
                    raise ManifestError(f"nested more than {MAX_DEPTH} levels deep", self._at(event.start_mark))
                if event.anchor is not None:
                    self.anchors[event.anchor] = None
                stack.append(_Open(kind is yaml.MappingStartEvent, event.anchor, event.start_mark))
                continue
            elif kind is yaml.AliasEvent:
                known = self.anchors.get(event.anchor)
                if known is None:
                    what = "an alias contains itself" if event.anchor in self.anchors else "an alias of nothing"
                    raise ManifestError(what, self._at(event.start_mark), f"*{event.anchor}", "write it out")
                node, size = known
                anchor = None
            else:
                done = stack.pop()
                node = self._mapping(done, event) if done.mapping else ListNode(tuple(done.children))
                size, anchor = done.size, done.anchor
            total += 1
            if anchor is not None:
                self.anchors[anchor] = (node, size)
            if not stack:
                return node
            parent = stack[-1]
            parent.size += size
            if parent.size > MAX_NODES or total > MAX_NODES:
                what = f"one document of more than {MAX_NODES:,} nodes, its aliases written out"
                raise ManifestError(what, self._at(event.start_mark), remedy="split it into several documents")
            children = parent.children
            if parent.mapping and len(children) % 2 == 0:
                if type(node) is not Scalar:
                    node = self._complex_key(done if kind is not yaml.AliasEvent else None, event)
                elif node.value == "<<" and node.style == "plain" and kind is yaml.ScalarEvent:
                    parent.merged.append(len(children))
            children.append(node)

    def _scalar(self, event: Any) -> Scalar:
        mark, body = event.start_mark, self.body
        start, end = self.bytes.at(mark.index), self.bytes.at(event.end_mark.index)
        line, column = mark.line + 1, mark.column + 1
        if body[start : start + 1] in (b"&", b"!"):
            found = _PROPERTIES.match(body, start, end)
            begun = found.end() if found else start
            skipped = body[start:begun].decode("utf-8")
            broken = skipped.splitlines()
            if skipped and (len(broken) > 1 or skipped[-1] in "\r\n"):
                line += len(broken) - (skipped[-1] not in "\r\n")
                column = 1 if skipped[-1] in "\r\n" else len(broken[-1]) + 1
            else:
                column += len(skipped)
            start = begun
        style = _STYLES.get(event.style, "plain")
        value = event.value
        if style == "literal" or style == "folded":
            text = body[start:end].decode("utf-8")
            blank = text[len(text.rstrip(_SPACE)) :].lstrip(" \t")  # blanks before the line's end are part of the text
            end -= len(blank.encode("utf-8"))
        elif self.surrogates and style == "double" and "\ufffd\ufffd" in value:
            value = json.loads(body[start:end], strict=False)
        return Scalar(value, self.offset + start, self.offset + end, self.line + line, column, style)

    def _mapping(self, done: _Open, event: Any) -> MapNode:
        children = done.children
        items: list[tuple[Scalar, Node]] = list(zip(children[::2], children[1::2], strict=True))  # type: ignore[arg-type]
        seen = {key.value for key, _ in items}
        if len(seen) != len(items):
            seen = set()
            for key, _ in items:
                if key.value in seen:
                    where = f"{self.place}:{key.line}:{key.column}"
                    raise ManifestError("a key stands twice", where, key.value, "remove one of them")
                seen.add(key.value)
        if not done.merged:
            return MapNode(tuple(items))
        merges = {at // 2 for at in done.merged}
        own = [item for number, item in enumerate(items) if number not in merges]
        for number in sorted(merges):
            key, merged = items[number]
            for source in merged.items if type(merged) is ListNode else (merged,):
                if type(source) is not MapNode:
                    where = f"{self.place}:{key.line}:{key.column}"
                    raise ManifestError("<< merges mappings only", where, remedy="name a mapping")
                for pair in source.items:
                    if pair[0].value not in seen:
                        seen.add(pair[0].value)
                        own.append(pair)
        return MapNode(tuple(own))

    def _complex_key(self, key: _Open | None, event: Any) -> Scalar:
        """Stand in for a key that is a collection: its source text."""
        mark = key.mark if key else event.start_mark
        start, end = self.bytes.at(mark.index), self.bytes.at(event.end_mark.index)
        text = self.body[start:end].decode("utf-8").strip()
        return Scalar(text, self.offset + start, self.offset + end, self.line + mark.line + 1, mark.column + 1, "raw")

    def _at(self, mark: Any) -> str:
        return f"{self.place}:{self.line + mark.line + 1}:{mark.column + 1}"
