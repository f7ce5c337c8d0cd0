"""One scalar of a file: what it means, where it stands, and how another value is said in its place.

The quoting rules are those of YAML 1.1 and 1.2 together, and of JSON: a text that any of them would read as something
else than that text is quoted.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final, Literal

from ..errors import ManifestError

Style = Literal["plain", "single", "double", "literal", "folded", "raw"]
"""How a scalar is written. ``raw`` is not YAML: a word of a Dockerfile or of a shell line."""

_PLAIN: Final = re.compile(r"[A-Za-z0-9_/][A-Za-z0-9_./@:+~=-]*(?<!:)")
"""Safe without quotes in block and flow style alike, when `_TYPED` does not match."""

_NULL: Final = re.compile(r"~|null|Null|NULL|")

_TYPED: Final = re.compile(
    r"(?i:~|null|y|n|yes|no|on|off|true|false)"
    r"|[-+]?(?:0[box])?[0-9a-fA-F_]*"  # integers of every base, and what only looks like one
    r"|[-+]?[0-9_]*\.?[0-9_]*(?:[eE][-+]?[0-9]*)?|(?i:[-+]?\.inf|\.nan)"
    r"|[-+]?[0-9_]+(?::[0-9_]+)+(?:\.[0-9_]*)?"  # base sixty: 12:30:00
    r"|[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}.*"  # dates
)

_UNPRINTABLE: Final = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff]")
_SHORT: Final = {"\n": "\\n", "\t": "\\t", "\r": "\\r"}


@dataclass(slots=True, unsafe_hash=True)  # nobody changes one; to be frozen, it would take four times as long to make
class Scalar:
    """A scalar: its decoded ``value``, and the bytes ``[start, end)`` of the file that say it, quotes included.

    ``line`` and ``column`` count from 1, the column in characters. The bytes of a block scalar begin at its ``|`` or
    ``>`` and end with its last line, without the line's end.
    """

    value: str
    start: int
    end: int
    line: int
    column: int
    style: Style

    @property
    def null(self) -> bool:
        """Whether it says nothing: ``~``, ``null`` or an empty place."""
        return self.style == "plain" and _NULL.fullmatch(self.value) is not None

    def said(self, value: str, before: bytes) -> bytes:
        """Return the bytes that say ``value`` in this scalar's style.

        Quotes are added where a plain scalar cannot hold the value; a block scalar keeps its header, its indentation
        and its line ends, whatever line ends ``value`` closes with.

        Args:
            value: the new value.
            before: the bytes that stand there now.

        Raises:
            ManifestError: a value that this place cannot hold.
        """
        if value == self.value:
            return before
        try:
            return self._said(value, before).encode("utf-8")
        except UnicodeEncodeError:
            raise ManifestError("a text that is not Unicode", f"{self.line}:{self.column}", value) from None

    def _said(self, value: str, before: bytes) -> str:
        where = f"{self.line}:{self.column}"
        if not before:
            raise ManifestError("nothing stands there", where, value, "write a value first")
        match self.style:
            case "plain":
                return value if _PLAIN.fullmatch(value) and not _TYPED.fullmatch(value) else _double(value)
            case "single":
                return _double(value) if _UNPRINTABLE.search(value) else "'" + value.replace("'", "''") + "'"
            case "double":
                return _double(value)
            case "raw":
                if not value or _UNPRINTABLE.search(value) or " " in value:
                    raise ManifestError("cannot be written as one word", where, value)
                return value
        return self._block(value.rstrip("\n"), before.decode("utf-8"), where)

    def _block(self, value: str, before: str, where: str) -> str:
        lines = before.splitlines(keepends=True)
        filled = next((line for line in lines[1:] if line.strip()), "")
        several = self.style == "folded" and ("\n" in value or "\n" in self.value.rstrip("\n"))
        if not filled or several or not value.strip() or value[0] in " \n" or _UNPRINTABLE.search(_joined(value)):
            raise ManifestError("cannot be written into this block of text", where, value, "change it by hand")
        indent = filled[: len(filled) - len(filled.lstrip(" "))]
        end = "\r\n" if lines[0].endswith("\r\n") else "\n"
        said = end.join(indent + line if line else "" for line in value.split("\n"))
        return lines[0] + said


def _joined(value: str) -> str:
    return value.replace("\n", "").replace("\t", "")


def _double(value: str) -> str:
    escaped = value.replace("\\", "\\\\").replace('"', '\\"')
    return '"' + _UNPRINTABLE.sub(lambda found: _SHORT.get(found[0]) or f"\\u{ord(found[0]):04x}", escaped) + '"'
