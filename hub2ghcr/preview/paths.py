"""The fields in which two documents differ. Their values are never told: a Secret's stand in documents, too."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from typing import Any, Final

_PLAIN: Final = re.compile(r"[A-Za-z_][\w-]*")


def changed_paths(
    before: Mapping[Any, Any], after: Mapping[Any, Any], moved: Collection[tuple[str, str]] = ()
) -> tuple[str, ...]:
    """Return the paths of the smallest parts that differ, sorted.

    A part that only one side has is one path, whatever is in it. Texts that differ by pairs of
    ``moved`` alone are taken for equal.

    >>> changed_paths({"spec": {"replicas": 1, "paused": True}}, {"spec": {"replicas": 2}})
    ('spec.paused', 'spec.replicas')
    """
    return tuple(sorted(_paths(before, after, "", moved)))


def _paths(before: Any, after: Any, path: str, moved: Collection[tuple[str, str]]) -> Iterator[str]:
    if isinstance(before, Mapping) and isinstance(after, Mapping):
        for key in {*before, *after}:
            below = _below(path, str(key))
            if key in before and key in after:
                yield from _paths(before[key], after[key], below, moved)
            else:
                yield below
    elif isinstance(before, list) and isinstance(after, list):
        for index in range(max(len(before), len(after))):
            if index < len(before) and index < len(after):
                yield from _paths(before[index], after[index], f"{path}[{index}]", moved)
            else:
                yield f"{path}[{index}]"
    elif (type(before) is not type(after) or before != after) and not _is_moved(before, after, moved):
        yield path


def _below(path: str, key: str) -> str:
    if _PLAIN.fullmatch(key):
        return f"{path}.{key}".removeprefix(".")
    return f"{path}[{key!r}]"


def _is_moved(before: Any, after: Any, moved: Collection[tuple[str, str]]) -> bool:
    """Whether a text becomes the other by what is told elsewhere alone: an image may be a part of an argument."""
    if not isinstance(before, str) or not isinstance(after, str):
        return False
    text: str = before
    for old, new in sorted(moved, key=lambda each: -len(each[0])):
        if text != after and old:
            text = text.replace(old, new)
    return text == after
