"""Bake files (``docker-bake.hcl``): the images that their targets name, in lists of texts with variables."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from ..source import Scalar
from .fields import of_kind
from .project import File
from .scope import Scope, Values, combined
from .texts import Chunk, Origin, Text
from .uses import Image

_COMMENT: Final = re.compile(r"/\*(?s:.*?)\*/|^[ \t]*(?:#|//).*$", re.MULTILINE)
_VARIABLE: Final = re.compile(r'variable\s+"(\w+)"\s*\{\s*default\s*=\s*"([^"\n]*)"')
_ATTRIBUTE: Final = re.compile(r'(?m)^\s*"?(tags|cache-from|cache-to|output)"?\s*=\s*(\[[^\]]*\]|"[^"\n]*")')
_STRING: Final = re.compile(r'"((?:[^"\\\n]|\\.)*)"')
_FILLED: Final = re.compile(r"\$\{([^{}]*)\}")
_KINDS: Final = {"tags": "tags", "cache-from": "cache-from", "cache-to": "cache-to", "output": "outputs"}


def images(file: File, scope: Scope) -> Iterator[Image]:
    """Yield the images of a bake file.

    Args:
        file: the file.
        scope: of the job that bakes: its environment is stronger than what the file says of variables.
    """
    value = file.data.decode("utf-8", "replace")
    if value.encode() != file.data:
        return
    scalar = Scalar(value, 0, len(file.data), 1, 1, "raw")
    plain = _COMMENT.sub(lambda found: " " * len(found[0]), value)
    inner = Scope()
    for found in _VARIABLE.finditer(plain):
        said = scope.get(f"env.{found[1]}")
        inner.put(found[1], said or (Text.of(file.path, scalar, *found.span(2)),))
    for attribute in _ATTRIBUTE.finditer(plain):
        for text in _STRING.finditer(plain, *attribute.span(2)):
            for held in _held(file.path, scalar, text.start(1), text.end(1), inner):
                for each, role in of_kind(_KINDS[attribute[1]], held):
                    yield Image(each, role, f"{attribute[1]} of {file.path}")


def _held(path: str, scalar: Scalar, start: int, end: int, scope: Scope) -> Values:
    pieces: list[Values] = []
    at = start
    for found in _FILLED.finditer(scalar.value, start, end):
        use = Origin(path, scalar, found.start(), found.end())
        pieces.append((Text.of(path, scalar, at, found.start()),))
        known = scope.get(found[1].strip())
        if known is None:
            pieces.append((Text((Chunk(use.text, use, "unknown"),)),))
        else:
            pieces.append(tuple(each.used(use) for each in known))
        at = found.end()
    pieces.append((Text.of(path, scalar, at, end),))
    return combined(pieces)
