"""Texts of a preview as they may be shown: one printable line each, of bounded length, with nothing like a token."""

from __future__ import annotations

from dataclasses import fields, is_dataclass
from typing import Any, Final, TypeVar, cast

from ..token_shapes import redacted

LONGEST: Final = 1000
"""Characters of one text; what is longer ends in ``…``."""

_Noun = TypeVar("_Noun")


def tidy(noun: _Noun) -> _Noun:
    """Return a noun of a preview with every text in it tidied; the same for what is tidy already."""
    return cast(_Noun, _tidy(noun))


def _tidy(value: Any) -> Any:
    if isinstance(value, str):
        return _line(value)
    if isinstance(value, tuple):
        return tuple(map(_tidy, value))
    if is_dataclass(value) and not isinstance(value, type):
        return type(value)(**{each.name: _tidy(getattr(value, each.name)) for each in fields(value)})
    return value


def _line(text: str) -> str:
    line = "".join(each if each.isprintable() else _escaped(each) for each in redacted(text))
    return line if len(line) <= LONGEST else line[: LONGEST - 1] + "…"


def _escaped(character: str) -> str:
    """Return what is seen in place of what is not: line ends, and marks that turn the direction of a line."""
    return character.encode("unicode_escape").decode("ascii")
