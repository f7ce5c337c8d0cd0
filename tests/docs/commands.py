"""The commands that the README and the pages tell people to run, as they stand there."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
PAGES = ("README.md", "CONTRIBUTING.md", "docs/**/*.md")
SHELL = {"sh", "bash", "shell", "console"}
"""Languages of blocks that hold commands. In ``console`` they begin with ``$``, and the rest is what they print."""

_FENCE = re.compile(r"^(?P<indent> *)```(?P<language>\w*)[^\n]*\n(?P<text>.*?)^ *```", re.DOTALL | re.MULTILINE)
_COMMENT = re.compile(r"(^|\s)#\s.*$")
_HERE = re.compile(r"<<'(\w+)'$")
_SPAN = re.compile(r"(?<!`)`((?:hub2ghcr|make) [^`\n]+)`(?!`)")
_JOINS = frozenset("();<>|&")


@dataclass(frozen=True, slots=True)
class Line:
    """One line that a reader would type: ``page`` relative to the checkout, ``number`` of the line in it.

    A here-document belongs to its line. ``printed`` is what a ``console`` block shows below it.
    """

    page: str
    number: int
    text: str
    printed: tuple[str, ...] = ()

    def __str__(self) -> str:
        return f"{self.page}:{self.number}: {self.first}"

    @property
    def first(self) -> str:
        """The line without its here-document."""
        return self.text.partition("\n")[0]

    def programs(self) -> tuple[tuple[str, ...], ...]:
        """Return each program of the line with its arguments: of a pipe all, redirections left out."""
        found: list[list[str]] = [[]]
        reader = shlex.shlex(self.first, posix=True, punctuation_chars=True)
        reader.whitespace_split, reader.commenters = True, ""
        words = iter(reader)
        for word in words:
            if set(word) <= {"<", ">"}:
                next(words, None)
            elif set(word) <= _JOINS:
                found.append([])
            else:
                found[-1].append(word)
        return tuple(tuple(program) for program in found if program)


def pages() -> tuple[Path, ...]:
    """Return every page, sorted, the README first."""
    return tuple(path for pattern in PAGES for path in sorted(ROOT.glob(pattern)))


def lines() -> tuple[Line, ...]:
    """Return every line of every block of shell commands, comments taken off, in the order of reading."""
    return tuple(line for page in pages() for line in of_page(page.relative_to(ROOT).as_posix(), page.read_text()))


def of_page(name: str, text: str) -> Iterator[Line]:
    """Yield the lines of one page."""
    for fence in _FENCE.finditer(text):
        if fence["language"] in SHELL:
            first = text.count("\n", 0, fence.start("text")) + 1
            for number, typed, printed in _typed(fence["text"], prompted=fence["language"] == "console"):
                yield Line(name, first + number, typed, printed)


def spans() -> tuple[Line, ...]:
    """Return the commands that stand in a sentence, between single backticks."""
    found = []
    for page in pages():
        for number, text in enumerate(_FENCE.sub(_blank, page.read_text()).splitlines(), 1):
            found += [Line(page.relative_to(ROOT).as_posix(), number, span) for span in _SPAN.findall(text)]
    return tuple(found)


def _typed(block: str, *, prompted: bool) -> Iterator[tuple[int, str, tuple[str, ...]]]:
    rest = iter(enumerate(block.splitlines()))
    ready: tuple[int, str] | None = None
    printed: list[str] = []
    for at, line in rest:
        text = line.strip()
        if prompted and not text.startswith("$ "):
            printed.append(text)
            continue
        if ready:
            yield *ready, tuple(printed)
        ready, printed = None, []
        text = text.removeprefix("$ ")
        while text.endswith("\\"):
            text = f"{text[:-1].rstrip()} {next(rest)[1].strip()}"
        if command := _COMMENT.sub("", text).strip():
            if here := _HERE.search(command):
                command += "".join(f"\n{each}" for each in _until(rest, here[1]))
            ready = at, command
    if ready:
        yield *ready, tuple(printed)


def _until(rest: Iterator[tuple[int, str]], end: str) -> Iterator[str]:
    for _, line in rest:
        yield line
        if line == end:
            return


def _blank(fence: re.Match[str]) -> str:
    return "\n" * fence[0].count("\n")
