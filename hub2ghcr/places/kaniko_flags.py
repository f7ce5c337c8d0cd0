"""The flags that a kaniko executor is started with: arguments of a container, or a line of a script.

Names and shorthands are those of kaniko v1.24.0 (``cmd/executor/cmd/root.go``, ``cmd/warmer/cmd/root.go``) and of the
maintained fork.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Final

from ..source import Scalar

PROGRAM: Final = re.compile(r"(?<![\w.-])/kaniko/(executor|warmer)(?![\w/.-])")
"""The programs, as commands and scripts start them."""

_SHORT: Final = {
    "executor": {"d": "destination", "c": "context", "f": "dockerfile", "b": "bucket", "v": "verbosity"},
    "warmer": {"i": "image", "c": "cache-dir", "d": "dockerfile", "v": "verbosity"},
}
_JOINED: Final = re.compile(r"\\\r?\n")
_WORD: Final = re.compile(r"""(?P<word>(?:"[^"]*"|'[^']*'|\\.|[^\s"'\\;|&\n])+)|(?P<end>[;|&\n])""", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Flag:
    """One flag: its long name, its value, and the scalar in which the value stands behind ``before``."""

    name: str
    value: str
    scalar: Scalar
    before: str


def of_arguments(arguments: list[Scalar], program: str) -> Iterator[Flag]:
    """Yield the flags of a list of arguments; a value may be the next argument."""
    waiting: Scalar | None = None
    for argument in arguments:
        name, value, before = _split(argument.value, program)
        if waiting is not None:
            # Nothing but a flag's value stands alone among kaniko's arguments; one that has none is a boolean
            said = _split(waiting.value, program)[0]
            yield Flag(said, "true", waiting, "") if name else Flag(said, argument.value, argument, "")
            waiting = None
        if name and value is None:
            waiting = argument
        elif name and value is not None:
            yield Flag(name, value, argument, before)
    if waiting is not None:
        yield Flag(_split(waiting.value, program)[0], "true", waiting, "")


def of_script(scalar: Scalar, data: bytes) -> Iterator[tuple[Flag, str, bool]]:
    """Yield the flags of each program that a script starts, which it is, and whether the bytes of the value are known.

    Args:
        scalar: the script.
        data: the file.
    """
    for program in PROGRAM.finditer(scalar.value):
        words = [_word(*each, scalar) for each in _words(scalar.value, program.end())]
        for flag in of_arguments(words, program[1]):
            value, at = _unquoted(flag.value, flag.scalar.start + len(flag.before))
            inner = within(scalar, at, value, data)
            yield Flag(flag.name, value, inner or scalar, ""), program[1], inner is not None


def _word(text: str, at: int, scalar: Scalar) -> Scalar:
    """Return a word of a script; it begins so many characters behind the beginning of the script."""
    text, at = _unquoted(text, at)
    return replace(scalar, value=text, start=at)


def _split(text: str, program: str) -> tuple[str, str | None, str]:
    """Return a flag's long name, its value (None: none here), and what stands before the value."""
    if text.startswith("--"):
        name, sign, value = text[2:].partition("=")
        return name, value if sign else None, f"--{name}{sign}"
    name = _SHORT[program].get(text[1:2], "") if text.startswith("-") else ""
    if not name:
        return "", None, ""
    value = text[2:].removeprefix("=")
    return name, value or None, text[: len(text) - len(value)]


def _words(text: str, at: int) -> Iterator[tuple[str, int]]:
    """Yield the words of a command, each with its offset; a line goes on behind a backslash."""
    while at < len(text):
        if text[at] in " \t":
            at += 1
        elif (joined := _JOINED.match(text, at)) is not None:
            at = joined.end()
        elif (found := _WORD.match(text, at)) is None or found["end"]:
            return
        else:
            yield found["word"], at
            at = found.end()


def _unquoted(word: str, at: int) -> tuple[str, int]:
    if len(word) > 1 and word[0] == word[-1] and word[0] in "\"'":
        return word[1:-1], at + 1
    return word, at


def within(scalar: Scalar, at: int, text: str, data: bytes) -> Scalar | None:
    """Return a word of a scalar's value as a scalar of its own; None where its bytes cannot be told.

    Escapes, line folds and indentation lie between a value and its bytes. A word that stands as often in the one as in
    the other has the same place in the order of both.
    """
    word, held = text.encode("utf-8", "surrogatepass"), data[scalar.start : scalar.end]
    if not text:
        return None
    said = [each.start() for each in re.finditer(f"(?={re.escape(text)})", scalar.value)]
    written = [each.start() for each in re.finditer(b"(?=" + re.escape(word) + b")", held)]
    if at not in said or len(said) != len(written):
        return None
    start = written[said.index(at)]
    line = scalar.line + held.count(b"\n", 0, start) if scalar.line else 0
    begin = data.rfind(b"\n", 0, scalar.start + start) + 1
    column = len(data[begin : scalar.start + start].decode("utf-8", "replace")) + 1
    start += scalar.start
    return replace(scalar, value=text, start=start, end=start + len(word), line=line, column=column, style="raw")
