"""What ``.dockerignore`` keeps out of a context (docs.docker.com, "Build context", section "dockerignore files").

Patterns are Go's ``filepath.Match`` with ``**`` besides; what matches a folder matches all below it, and the last
pattern that matches decides: one with ``!`` lets in again.
"""

from __future__ import annotations

import posixpath
import re
from dataclasses import dataclass

from ...errors import SettingsError


@dataclass(frozen=True)
class Ignored:
    """The patterns of one file, in its order: whether each lets in, and what it matches."""

    patterns: tuple[tuple[bool, re.Pattern[str]], ...] = ()

    @classmethod
    def parse(cls, text: str, place: str) -> Ignored:
        """Read a file.

        Raises:
            SettingsError: a pattern that is none.
        """
        found = []
        for number, line in enumerate(text.removeprefix("\ufeff").splitlines(), 1):
            pattern = line.strip()
            if line.startswith("#") or not pattern:
                continue
            lets_in = pattern.startswith("!")
            # a leading or trailing slash says nothing, and neither does ./
            clean = posixpath.normpath(pattern[lets_in:].strip()).lstrip("/")
            if clean in ("", "."):
                continue
            try:
                found.append((lets_in, re.compile(_regex(clean))))
            except re.error:
                raise SettingsError("is no pattern", f"{place}:{number}", pattern, "close the bracket") from None
        return cls(tuple(found))

    def __call__(self, path: str) -> bool:
        """Whether a path, relative and with ``/``, stays out."""
        out = False
        for lets_in, pattern in self.patterns:
            if out == lets_in and pattern.match(path):
                out = not lets_in
        return out

    @property
    def lets_in(self) -> bool:
        """Whether any pattern does: then what is below an ignored folder has to be looked at."""
        return any(lets_in for lets_in, _ in self.patterns)


def _regex(pattern: str) -> str:
    found, at = "", 0
    while at < len(pattern):
        if pattern.startswith("**/", at):
            found, at = found + "(?:.*/)?", at + 3
        elif pattern.startswith("**", at):
            found, at = found + ".*", at + 2
        elif pattern[at] == "*":
            found, at = found + "[^/]*", at + 1
        elif pattern[at] == "?":
            found, at = found + "[^/]", at + 1
        elif pattern[at] == "[":
            end = pattern.find("]", at + 2)
            if end < 0:
                raise re.error("no end of a class")
            found, at = found + f"(?!/){pattern[at : end + 1]}", end + 1
        elif pattern[at] == "\\" and at + 1 < len(pattern):
            found, at = found + re.escape(pattern[at + 1]), at + 2
        else:
            found, at = found + re.escape(pattern[at]), at + 1
    return f"{found}(?:/.*)?$"
