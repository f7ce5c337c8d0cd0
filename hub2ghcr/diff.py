"""The difference between two versions of a file, as ``git apply`` and ``patch`` read it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final

CONTEXT: Final = 3
"""Unchanged lines shown around each change."""

_NO_END: Final = b"\n\\ No newline at end of file\n"


def unified(before: bytes, after: bytes, place: str) -> bytes:
    """Return the unified diff of a file's bytes; empty where nothing changed."""
    if before == after:
        return b""
    old, new = _lines(before), _lines(after)
    name = place.encode(errors="backslashreplace")
    prefixes = (b"", b"") if name.startswith(b"/") else (b"a/", b"b/")
    header = b"--- " + prefixes[0] + name + b"\n+++ " + prefixes[1] + name + b"\n"
    if len(old) == len(new):
        # An edit stays in its line, so lines need no matching: difflib takes minutes for what this does at once
        return header + b"".join(_hunks(old, new))
    import difflib  # rarely needed, and slow to import

    diff = difflib.diff_bytes(difflib.unified_diff, old, new, n=CONTEXT)
    return header + b"".join(_ended(line) for number, line in enumerate(diff) if number > 1)


def _hunks(old: list[bytes], new: list[bytes]) -> Iterator[bytes]:
    changed = [number for number, (one, other) in enumerate(zip(old, new, strict=True)) if one != other]
    for first, last in _runs(changed):
        start, end = max(0, first - CONTEXT), min(len(old), last + 1 + CONTEXT)
        yield b"@@ -%d,%d +%d,%d @@\n" % (start + 1, end - start, start + 1, end - start)
        number = start
        while number < end:
            if old[number] == new[number]:
                yield _ended(b" " + old[number])
                number += 1
                continue
            stop = number
            while stop < end and old[stop] != new[stop]:
                stop += 1
            yield from (_ended(b"-" + line) for line in old[number:stop])
            yield from (_ended(b"+" + line) for line in new[number:stop])
            number = stop


def _runs(changed: Iterable[int]) -> Iterator[tuple[int, int]]:
    """Yield first and last line of the changes that one hunk shows."""
    first = last = -1
    for number in changed:
        if first >= 0 and number - last > 2 * CONTEXT:
            yield first, last
            first = number
        first = number if first < 0 else first
        last = number
    if first >= 0:
        yield first, last


def _lines(data: bytes) -> list[bytes]:
    lines = [line + b"\n" for line in data.split(b"\n")]
    lines[-1] = lines[-1][:-1]
    return lines if lines[-1] else lines[:-1]


def _ended(line: bytes) -> bytes:
    return line if line.endswith(b"\n") else line + _NO_END
