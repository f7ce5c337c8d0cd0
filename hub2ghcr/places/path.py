r"""Paths into documents: where a table's row says that something stands.

::

    spec.template.spec             keys
    spec.steps[*].image            every item of a list
    spec.overrides.*.image         every key of a mapping
    metadata.annotations["a.b/c"]  a key with dots, dashes or slashes; a * in it stands for anything
    jobs.*.steps[*].uses docker:// only texts that begin so; the rest is meant
    spec.tags[*].from[kind=DockerImage].name  only in mappings that say so
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from fnmatch import fnmatchcase
from functools import cache
from typing import Final

from ..source import ListNode, MapNode, Node, Scalar

Path = tuple[str | int, ...]
"""Keys and indexes from a document's root to one of its nodes."""

_STEP: Final = re.compile(
    r'\.?(?:(?P<items>\[\*\])|(?P<keys>\*)|\["(?P<quoted>[^"]+)"\]'
    r'|\[(?P<says>\w+)=(?P<said>\w+)\]|(?P<key>[^.\[\]"* ]+))'
)
_PLAIN_KEY: Final = re.compile(r"[A-Za-z0-9_$-]+")


class _Every:
    """Every item of a list, or every key of a mapping that is ``like`` something."""

    def __init__(self, list_: bool, like: str = "*") -> None:
        self.list = list_
        self.like = like


_ITEMS, _KEYS = _Every(True), _Every(False)


@dataclass(frozen=True, slots=True)
class Saying:
    """The mapping that was come to, if its ``key`` has this value."""

    key: str
    value: str


Step = str | _Every | Saying


@dataclass(frozen=True, slots=True)
class PathPattern:
    """A path with wildcards, and the ``prefix`` that a text there must begin with."""

    steps: tuple[Step, ...]
    prefix: str = ""

    @classmethod
    @cache
    def parse(cls, text: str) -> PathPattern:
        """Parse a pattern.

        Raises:
            ValueError: it is not one.
        """
        path, _, prefix = text.partition(" ")
        steps: list[Step] = []
        at = 0
        while at < len(path):
            step = _STEP.match(path, at)
            if step is None or (at > 0) != (path[at] in ".["):
                raise ValueError(f"not a path: {text!r}; write such as spec.steps[*].image")
            steps.append(_step(step))
            at = step.end()
        if not steps:
            raise ValueError("an empty path; write such as spec.steps[*].image")
        return cls(tuple(steps), prefix)

    def find(self, node: Node) -> Iterator[tuple[Path, Node]]:
        """Yield what stands at the path, in the document's order."""
        return _find(node, self.steps, ())


def _step(found: re.Match[str]) -> Step:
    if found["says"]:
        return Saying(found["says"], found["said"])
    if found["quoted"]:
        return _Every(False, found["quoted"]) if "*" in found["quoted"] else found["quoted"]
    return _ITEMS if found["items"] else _KEYS if found["keys"] else found["key"]


def _find(node: Node, steps: tuple[Step, ...], path: Path) -> Iterator[tuple[Path, Node]]:
    for at, step in enumerate(steps):
        if isinstance(step, str):
            below = node.get(step) if isinstance(node, MapNode) else None
            if below is None:
                return
            node, path = below, (*path, step)
            continue
        if isinstance(step, Saying):
            if not isinstance(node, MapNode) or text_of(node.get(step.key)) != step.value:
                return
            continue
        rest = steps[at + 1 :]
        if step.list and isinstance(node, ListNode):
            for index, item in enumerate(node.items):
                yield from _find(item, rest, (*path, index))
        elif not step.list and isinstance(node, MapNode):
            for key, item in node.items:
                if step is _KEYS or fnmatchcase(key.value, step.like):
                    yield from _find(item, rest, (*path, key.value))
        return
    yield path, node


def shown(path: Path) -> str:
    """Return a path as people write it: ``spec.containers[0].image``."""
    return "".join(
        f"[{part}]" if isinstance(part, int) else f".{part}" if _PLAIN_KEY.fullmatch(part) else f'["{part}"]'
        for part in path
    ).removeprefix(".")


def text_of(node: Node | None) -> str:
    """Return a scalar's text; empty for nothing, null or a collection."""
    return node.value if isinstance(node, Scalar) and not node.null else ""
