"""Texts that something fills in before they name an image: ``nginx:${TAG:-1.27}``, ``{{ .Values.image }}``."""

from __future__ import annotations

import re
from typing import Final, NamedTuple

from ..errors import InvalidReference
from ..reference import Reference
from .found import Why

_VARIABLE: Final = re.compile(
    r"\$\{\{.*?\}\}"  # GitHub
    r"|\$\{(?P<name>\w+)(?::?-(?P<default>[^{}]*))?[^{}]*\}"  # shell, Compose, Flux
    r"|\$\([^)]*\)|\$\w+|\{\{.*?\}\}|\{%.*?%\}|<%.*?%>",
    re.DOTALL,
)


LONGEST: Final = 4096
"""No text of more characters is looked at: no reference has a tenth of it."""


class Read(NamedTuple):
    """A text as a reference: what it says, and what keeps it from being edited as a whole."""

    text: str
    note: str = ""
    why: Why = ""
    name_only: bool = False


def read(text: str) -> Read:
    """Return what a text says. Where variables stand in tag or digest alone, its name can be changed without them."""
    if len(text) > LONGEST:
        return Read(text[:80], "too long for an image", "not-an-image")
    first = _VARIABLE.search(text)
    if first is None:
        return Read(text)
    before = text[: first.start()]
    name, sign = name_of(before), before[len(name_of(before)) :]
    if sign and "/" not in _VARIABLE.sub("", text[first.start() :]) and _is_name(name):
        defaults = [found["default"] for found in _VARIABLE.finditer(text)]
        if all(defaults):
            filled = _VARIABLE.sub(lambda found: found["default"], text)
            if _is_name(filled):
                return Read(filled, name_only=True)
        return Read(name, name_only=True)
    return Read(text, f"templated: {first[0]} is filled in later", "templated")


def name_of(text: str) -> str:
    """Return a reference's text without tag and digest."""
    name = text.partition("@")[0]
    slash, colon = name.rfind("/"), name.rfind(":")
    return name[:colon] if colon > slash else name


def is_templated(text: str) -> bool:
    """Tell whether variables stand in a text."""
    return _VARIABLE.search(text[:LONGEST]) is not None


def parsed(text: str) -> Reference | None:
    """Return a text as a reference, None when it is none."""
    try:
        return Reference.parse(text)
    except InvalidReference:
        return None


def _is_name(text: str) -> bool:
    return parsed(text) is not None
