"""Secrets of Docker Hub that workflows still name when nothing signs in with them any more."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from typing import Final, NamedTuple

from .keys import Splice
from .uses import SignIn

_NAMED: Final = re.compile(r"\b(?:secrets|vars)\.([A-Za-z_]\w*)")
_ASKED: Final = re.compile(rb"[!=]=|&&|\|\||!\s*(?:secrets|vars)\.|^\s*(?:-\s+)?if:")


class Left(NamedTuple):
    """A secret or variable that is named: where, counted from 1, and whether something depends on what it holds."""

    name: str
    line: int
    asked: bool


def named(sign: SignIn) -> set[str]:
    """Return the secrets and variables that somebody signs in with: ``secrets.DOCKERHUB_TOKEN``."""
    return {
        found[0]
        for given in (sign.username, sign.password)
        if given is not None
        for chunk in given.text.chunks
        if chunk.kind != "literal"
        for found in _NAMED.finditer(chunk.origin.text)
        if found[1] != "GITHUB_TOKEN"
    }


def left(data: bytes, names: set[str], changed: Collection[Splice]) -> Iterator[Left]:
    """Yield where a file names them, but in bytes that are ``changed``."""
    at = 0
    for number, line in enumerate(data.split(b"\n"), 1):
        for name in sorted(names) if not line.lstrip().startswith(b"#") else ():
            for found in re.finditer(rb"\b" + re.escape(name.encode()) + rb"\b", line):
                start = at + found.start()
                if not any(each.start <= start < each.end for each in changed):
                    yield Left(name, number, _ASKED.search(line) is not None)
                    break
        at += len(line) + 1
