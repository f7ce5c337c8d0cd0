"""The challenge of a registry's 401 (RFC 9110 §11.6.1, and the token specification of distribution)."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

_TOKEN = r"[!#$%&'*+.^_`|~0-9A-Za-z-]+"
# A value without quotes may hold what a token may not: some registries write their realm so.
_PART = re.compile(rf'\s*(?:({_TOKEN})\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s",]+))|({_TOKEN})(?=\s|$))\s*,?')


@dataclass(frozen=True, slots=True)
class Challenge:
    """How a registry wants to be asked: the token service's URL (``realm``), its ``service`` and the ``scopes``."""

    scheme: Literal["bearer", "basic"]
    realm: str
    service: str = ""
    scopes: tuple[str, ...] = ()


def parse(headers: Iterable[str]) -> Challenge | None:
    """Return the strongest challenge of all ``WWW-Authenticate`` headers: Bearer, else Basic, else None."""
    found: dict[str, dict[str, str]] = {}
    for header in headers:
        parameters: dict[str, str] = {}
        at = 0
        while match := _PART.match(header, at):
            at = match.end()
            name, quoted, plain, scheme = match.groups()
            if scheme:
                parameters = found.setdefault(scheme.lower(), {})
            elif quoted is not None:
                parameters[name.lower()] = re.sub(r"\\(.)", r"\1", quoted)
            else:
                parameters[name.lower()] = plain
    bearer = found.get("bearer")
    if bearer is not None and bearer.get("realm"):
        return Challenge("bearer", bearer["realm"], bearer.get("service", ""), tuple(bearer.get("scope", "").split()))
    if "basic" in found:
        return Challenge("basic", found["basic"].get("realm", ""))
    return None
