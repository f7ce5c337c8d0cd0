"""An object in memory, read by the table as one of a file is.

Its values are laid out as the bytes of a file, one a line, each standing for itself: without quotes, without
indentation. So everything that speaks of scalars and their bytes holds for it too, also of YAML inside a text.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ..source import ListNode, MapNode, Node, Scalar, apply
from . import kaniko
from .found import Found
from .kaniko_secret import Mounted
from .objects import Reading, identity, objects
from .path import Path
from .table import BUILT_IN, Places
from .uncovered import uncovered


@dataclass(slots=True)
class _Layout:
    """The bytes so far, and where each value begins, in their order."""

    data: bytearray = field(default_factory=bytearray)
    starts: list[int] = field(default_factory=list)
    paths: list[Path] = field(default_factory=list)

    def node(self, value: Any, path: Path) -> Node:
        if isinstance(value, Mapping):
            return MapNode(
                tuple(
                    (Scalar(str(key), 0, 0, 0, 0, "double"), self.node(below, (*path, key)))
                    for key, below in value.items()
                )
            )
        if isinstance(value, Sequence) and not isinstance(value, str | bytes):
            return ListNode(tuple(self.node(below, (*path, index)) for index, below in enumerate(value)))
        text = "" if value is None else str(value)
        start = len(self.data)
        self.starts.append(start)
        self.paths.append(path)
        self.data += text.encode("utf-8", "surrogatepass") + b"\n"
        # What is no text here would be a plain scalar in a file: null, a number, a truth value
        return Scalar(text, start, len(self.data) - 1, 0, 0, "raw" if isinstance(value, str) else "plain")


@dataclass(frozen=True)
class InMemory:
    """The images of one object in memory.

    Attributes:
        found: what the table finds, in the table's order, each once; remarks without an image are left out.
        uncovered: what looks like an image of Docker Hub elsewhere.
        pushed: where builds push to; none of it is among ``found``.
        builds: remarks on builds.
        mounted: the Secrets that builds push with, and that another can stand in for.
    """

    found: tuple[Found, ...]
    uncovered: tuple[Found, ...]
    _layout: _Layout
    pushed: tuple[Found, ...] = ()
    builds: tuple[Found, ...] = ()
    mounted: tuple[Mounted, ...] = ()

    def path(self, scalar: Scalar) -> Path:
        """Return the keys and indexes of the value that a scalar is, or stands in."""
        return self._layout.paths[bisect_right(self._layout.starts, scalar.start) - 1]

    def rewritten(self, edits: Iterable[tuple[Scalar, str]]) -> dict[Path, str]:
        """Return the values that edits change, by their paths.

        Raises:
            ManifestError: an edit that a text cannot hold.
        """
        layout = self._layout
        wanted: dict[Path, str] = {}
        inside: dict[int, list[tuple[Scalar, str]]] = {}
        for scalar, value in edits:
            at = bisect_right(layout.starts, scalar.start) - 1
            if (scalar.start, scalar.end) == self._span(at):
                wanted[layout.paths[at]] = value
            else:
                inside.setdefault(at, []).append((scalar, value))
        for at, several in inside.items():
            wanted[layout.paths[at]] = apply(bytes(layout.data), several, self._span(at)).decode("utf-8")
        return wanted

    def _span(self, at: int) -> tuple[int, int]:
        starts = self._layout.starts
        end = starts[at + 1] if at + 1 < len(starts) else len(self._layout.data)
        return starts[at], end - 1


def in_memory(data: Mapping[str, Any], extra: Places | None = None) -> InMemory:
    """Read one Kubernetes object in memory by the table, and by the rows that settings declare."""
    layout = _Layout()
    node = layout.node(data, ())
    builds = kaniko.NAME in layout.data
    reading = Reading(bytes(layout.data), "", 0, "", "", BUILT_IN.with_(extra), builds)
    every = tuple(objects(node, reading))
    once = {(each.field, each.text): each for each in reversed(every) if each.text}
    images = tuple(each for each in reversed(once.values()) if not each.pushed)
    pushed = tuple(each for each in reversed(once.values()) if each.pushed)
    remarks = tuple(each for each in every if not each.text and each.why == "build")
    known = identity(node)
    rest = uncovered(node, reading.named(*known[1:]) if known else reading, every, strict=False)
    mounted = kaniko.mounted(node, reading) if builds and pushed else ()
    return InMemory(images, tuple(rest), layout, pushed, remarks, mounted)
