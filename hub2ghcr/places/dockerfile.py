r"""Dockerfiles: instructions as BuildKit reads them, and the images that they name.

A line ends with the escape character (``\``, or what ``# escape=`` says) when the instruction goes on; comment lines in
between are left out. Here-documents belong to their instruction. Everything is told by byte offsets.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from ..source import Scalar
from ..source.encoding import check
from .found import Found, Why
from .rows import DOCKERFILE
from .variables import name_of, parsed

_DIRECTIVE: Final = re.compile(rb"#[ \t]*([A-Za-z][A-Za-z0-9]*)[ \t]*=[ \t]*(.+?)[ \t\r]*$")
_HEREDOC: Final = re.compile(rb"<<(-?)(?:\"([^\"\s]+)\"|'([^'\s]+)'|([A-Za-z_][\w.-]*))")
_VARIABLE: Final = re.compile(r"\$(?:(\w+)|\{(\w+)(?::?([-+])([^{}]*))?\})")
_BOM: Final = b"\xef\xbb\xbf"
_HEREDOCS: Final = frozenset({b"RUN", b"COPY", b"ADD"})


@dataclass(frozen=True, slots=True)
class Word:
    """A word of an instruction: its text, and where its bytes are (quotes not included)."""

    text: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Instruction:
    """An instruction in upper case, and the words behind it."""

    name: str
    words: tuple[Word, ...]


def instructions(data: bytes) -> tuple[dict[str, Word], tuple[Instruction, ...]]:
    """Return the parser directives (``syntax``, ``escape``) and the instructions of a Dockerfile."""
    directives: dict[str, Word] = {}
    found: list[Instruction] = []
    escape, at = b"\\", len(_BOM) if data.startswith(_BOM) else 0
    head = True
    while at < len(data):
        end = _end(data, at)
        line = data[at:end]
        if head and (match := _DIRECTIVE.match(line)) is not None:
            name = match[1].decode().lower()
            directives.setdefault(name, _word(data, at + match.start(2), at + match.end(2)))
            if name == "escape" and match[2] in (b"`", b"\\"):
                escape = match[2]
            at = end + 1
            continue
        head = False
        if not line.strip() or line.lstrip().startswith(b"#"):
            at = end + 1
            continue
        at, words = _instruction(data, at, escape)
        if words:
            name = words[0].text.upper()
            if name.encode("utf-8", "replace") in _HEREDOCS:
                at = _behind_heredocs(data, at, words)
            found.append(Instruction(name, tuple(words[1:])))
    return directives, tuple(found)


def _end(data: bytes, at: int) -> int:
    end = data.find(b"\n", at)
    return len(data) if end < 0 else end


def _word(data: bytes, start: int, end: int) -> Word:
    while (
        end - start > 1 and data[start : start + 1] in (b'"', b"'") and data[end - 1 : end] == data[start : start + 1]
    ):
        start, end = start + 1, end - 1
    return Word(data[start:end].decode("utf-8", "replace"), start, end)


def _instruction(data: bytes, at: int, escape: bytes) -> tuple[int, list[Word]]:
    words: list[Word] = []
    first = True
    while at < len(data):
        end = _end(data, at)
        line = data[at:end].rstrip()
        stripped = line.lstrip()
        if not first and (not stripped or stripped.startswith(b"#")):
            at = end + 1
            continue
        first = False
        goes_on = line.endswith(escape)
        if goes_on:
            line = line[: -len(escape)]
        for match in re.finditer(rb"(?:\"[^\"]*\"|'[^']*'|\$\{[^}]{0,500}\}|[^\s])+", line):
            words.append(_word(data, at + match.start(), at + match.end()))
        at = end + 1
        if not goes_on:
            break
    return at, words


def _behind_heredocs(data: bytes, at: int, words: list[Word]) -> int:
    for word in words[1:]:
        for match in _HEREDOC.finditer(data[word.start : word.end]):
            name = match[2] or match[3] or match[4]
            while at < len(data):
                end = _end(data, at)
                line = data[at:end].rstrip(b"\r")
                at = end + 1
                if (line.lstrip(b"\t") if match[1] else line) == name:
                    break
    return at


def images(data: bytes, place: str) -> Iterator[Found]:
    """Yield the images of a Dockerfile.

    Raises:
        ManifestError: not UTF-8.
    """
    check(data, place)
    directives, found = instructions(data)
    reader = _Reader(data)
    if (syntax := directives.get("syntax")) is not None:
        yield reader.image(syntax, "# syntax", "", {})
    arguments: dict[str, Word | None] = {}
    stages: set[str] = set()
    stage, count = "", 0
    for each in found:
        if each.name == "ARG" and not count:
            arguments |= _arguments(each)
        elif each.name == "FROM":
            words = [word for word in each.words if not word.text.startswith("--")]
            name = words[2].text.lower() if len(words) > 2 and words[1].text.upper() == "AS" else ""
            stage = name or str(count)
            if words and words[0].text.lower() not in stages:
                yield reader.image(words[0], "FROM", stage, arguments)
            stages |= {stage, str(count)}
            count += 1
        else:
            for field, word in _from(each, data):
                if word.text.lower() not in stages and not word.text.isdigit():
                    yield reader.image(word, field, stage, {})


def _arguments(each: Instruction) -> dict[str, Word | None]:
    found: dict[str, Word | None] = {}
    for word in each.words:
        name, sign, default = word.text.partition("=")
        start = word.start + len(name.encode()) + 1
        quoted = default[:1] in ('"', "'") and default[-1:] == default[:1] and len(default) > 1
        if quoted:
            default, start = default[1:-1], start + 1
        found[name] = Word(default, start, start + len(default.encode())) if sign else None
    return found


def _from(each: Instruction, data: bytes) -> Iterator[tuple[str, Word]]:
    """Yield what ``COPY --from=`` and ``RUN --mount=from=`` name."""
    words = each.words
    name = each.name
    if name == "ONBUILD" and words:
        name, words = words[0].text.upper(), words[1:]
    for word in words:
        if not word.text.startswith("--"):
            return
        if name in ("COPY", "ADD") and word.text.startswith("--from="):
            yield f"{name} --from", _word(data, word.start + len("--from="), word.end)
        elif name == "RUN" and word.text.startswith("--mount="):
            for match in re.finditer(r"(?:=|,)from=([^,]+)", word.text):
                start = word.start + len(word.text[: match.start(1)].encode())
                yield "RUN --mount from", _word(data, start, start + len(match[1].encode()))


class _Reader:
    def __init__(self, data: bytes) -> None:
        self.data = data
        self.ends = [match.start() for match in re.finditer(rb"\n", data)]

    def scalar(self, word: Word) -> Scalar:
        begin = self.data.rfind(b"\n", 0, word.start) + 1
        text = self.data[begin : word.start].removeprefix(_BOM).decode("utf-8", "replace")
        return Scalar(word.text, word.start, word.end, bisect_left(self.ends, word.start) + 1, len(text) + 1, "raw")

    def image(self, word: Word, field: str, stage: str, arguments: dict[str, Word | None]) -> Found:
        text, note, why, name_only, said = word.text, "", "", False, word
        for _ in range(10):  # an ARG's default may name another ARG
            only = _VARIABLE.fullmatch(text)
            default = arguments.get(only[1] or only[2]) if only and not only[3] else None
            if default is None:
                break
            said, text = default, default.text
        if "$" in text:
            first = _VARIABLE.search(text)
            before = text[: first.start()] if first else text
            name = name_of(before)
            filled = _filled(text, arguments)
            behind = _VARIABLE.sub("", text[len(before) :])
            if name != before and "/" not in behind and parsed(name) is not None:
                name_only, text = True, filled if filled is not None and parsed(filled) is not None else name
            elif filled is not None:
                text = filled
                note, why = f"composed of ARGs ({said.text}): change them by hand", "elsewhere"
            else:
                note, why = f"ARG without a default decides it: {said.text}", "templated"
        elif text.lower() == "scratch":
            note, why = "scratch is the empty base, no image", "not-an-image"
        shown: Why = why  # type: ignore[assignment]
        parts = [("image", self.scalar(said))]
        if why == "elsewhere":  # who edits one of these ARGs for another FROM would change this one, too
            used = [arguments.get(each[1] or each[2]) for each in _VARIABLE.finditer(said.text)]
            parts += [("argument", self.scalar(each)) for each in used if each is not None]
        return Found(0, DOCKERFILE, stage, field, text, tuple(parts), note, shown, name_only)


def _filled(text: str, arguments: dict[str, Word | None], depth: int = 0) -> str | None:
    missing = False

    def value(match: re.Match[str]) -> str:
        nonlocal missing
        word = arguments.get(match[1] or match[2])
        said = word.text if word is not None else None
        if match[3] == "-" and not said:
            said = match[4]
        elif match[3] == "+":
            said = match[4] if said else ""
        if said is not None and "$" in said and depth < 10:
            said = _filled(said, arguments, depth + 1)
        missing = missing or said is None
        return said or ""

    filled = _VARIABLE.sub(value, text)
    return None if missing else filled
