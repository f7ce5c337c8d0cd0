"""What variables hold in one place of a workflow, and texts with their expressions filled in.

A variable may hold several values (the entries of a matrix, the branches of an ``if``): every one is read.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import replace
from itertools import islice, product
from typing import Final

from ..source import Scalar
from .texts import Chunk, Origin, Text

MOST: Final = 64
"""Values of one text that are read."""

EXPRESSION: Final = re.compile(r"\$\{\{(.*?)\}\}", re.DOTALL)
_PATH: Final = re.compile(r"[A-Za-z_][\w-]*(?:\.[\w-]+)*")
_INDEX: Final = re.compile(r"\[\s*'([\w-]+)'\s*\]")
_LITERAL: Final = re.compile(r"'([^']*)'")
_OPERATOR: Final = re.compile(r"'(?:[^']|'')*'|\([^()]*\)|(\|\||&&)")
_METADATA: Final = re.compile(r"steps\.[\w-]+\.outputs\.(?:tags|json|bake-file\b[\w-]*)")

Values = tuple[Text, ...]


class Scope:
    """Names (``env.IMAGE``, ``matrix.image``, ``steps.meta.outputs.tags``, ``inputs.image``) and what they hold."""

    def __init__(self, known: Mapping[str, Values] | None = None, told: Mapping[str, str] | None = None) -> None:
        self._known = dict(known or {})
        self._told = dict(told or {})

    def copy(self) -> Scope:
        """Return a scope of its own with the same names."""
        return Scope(self._known, self._told)

    def within(self, *kinds: str) -> Scope:
        """Return a scope with the names of some kinds alone (``env``)."""
        return Scope({name: held for name, held in self._known.items() if name.partition(".")[0] in kinds}, self._told)

    def put(self, name: str, values: Iterable[Text], *, more: bool = False) -> None:
        """Let a name hold these values; with ``more`` besides those it holds."""
        held = self._known.get(name, ()) if more else ()
        self._known[name] = tuple(islice(dict.fromkeys((*held, *values)), MOST))

    def get(self, name: str) -> Values | None:
        """Return what a name holds, None where that is not known."""
        return self._known.get(name)

    def names(self, prefix: str) -> list[str]:
        """Return the names that begin so."""
        return [name for name in self._known if name.startswith(prefix)]

    def filled(self, file: str, scalar: Scalar, start: int = 0, end: int | None = None) -> Values:
        """Return what a scalar, or a part of it, says with its expressions filled in."""
        end = len(scalar.value) if end is None else end
        pieces: list[Values] = []
        at = start
        for found in EXPRESSION.finditer(scalar.value, start, end):
            pieces.append((Text.of(file, scalar, at, found.start()),))
            pieces.append(self.expression(Origin(file, scalar, found.start(), found.end())))
            at = found.end()
        pieces.append((Text.of(file, scalar, at, end),))
        return combined(pieces)

    def expression(self, at: Origin) -> Values:
        """Return the values of an expression that stands somewhere, ``${{ }}`` around it."""
        return self._values(at.start + 3, at.end - 2, at)

    def variable(self, name: str, at: Origin) -> Values:
        """Return the values of what stands somewhere and is known by a name."""
        held = self._known.get(name)
        if held is not None:
            return tuple(each.used(at) for each in held)
        if name in self._told:
            return (Text((Chunk(self._told[name], at, "told"),)),)
        return (Text((Chunk(at.text, at, "unknown"),)),)

    def _values(self, start: int, end: int, at: Origin) -> Values:
        value = at.scalar.value
        text = value[start:end].strip()
        start = value.index(text, start) if text else start
        operators = [(found.span(1), found[1]) for found in _OPERATOR.finditer(text) if found[1]]
        if operators:
            return self._chosen(start, text, operators, at)
        if _LITERAL.fullmatch(text) is not None:
            said = Text.of(at.file, at.scalar, start + 1, start + len(text) - 1)
            return (Text(tuple(replace(chunk, begins=False, whole=False) for chunk in said.chunks)),)
        name = _INDEX.sub(r".\1", text)
        if _PATH.fullmatch(name):
            name = name.removeprefix("github.event.") if name.startswith("github.event.inputs.") else name
            return self.variable(name, at)
        # fromJSON(steps.meta.outputs.json).tags[0] is one of the tags
        if (metadata := _METADATA.search(text)) is not None and metadata[0].rpartition(".")[0] + ".tags" in self._known:
            return self.variable(metadata[0].rpartition(".")[0] + ".tags", at)
        return self.variable("", at)

    def _chosen(self, start: int, text: str, operators: list[tuple[tuple[int, int], str]], at: Origin) -> Values:
        """Return the values that ``a || b`` and ``c && a || b`` may have."""
        found: list[Text] = []
        begin = 0
        for (first, last), sign in [*operators, ((len(text), len(text)), "||")]:
            if sign == "||":
                found += self._values(start + begin, start + first, at)
            begin = last
        return tuple(dict.fromkeys(found))


def combined(pieces: Iterable[Values]) -> Values:
    """Return every text that the pieces make together, up to `MOST`."""
    return tuple(Text.joined(each) for each in islice(product(*pieces), MOST))
