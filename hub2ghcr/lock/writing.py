"""A lock file's text. Of a file that is there, entries that did not change keep their bytes and comments stay.

A file is a head, one block of lines for each entry, and a foot. Comments above a block belong to it. Those inside an
entry that changed go to the lines of the same fields; where there is none any more, above the block.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from ..errors import Hub2GhcrError
from . import parsing, reading
from .entry import Entry

_HEADER: Final = "# Written by `hub2ghcr lock`. Commit it: it alone decides what is copied and what workloads run.\n"
_START: Final = "version: 1\nimages:\n"
# Behind a letter, a plain scalar may hold all these: a colon or # counts only beside a blank
_PLAIN: Final = re.compile(r"[A-Za-z][A-Za-z0-9_./@+-]*(?::[A-Za-z0-9_./@+-]+)*")
_SINGLE: Final = re.compile(r"[ -~]*")
_WORDS: Final = frozenset({"y", "n", "yes", "no", "true", "false", "on", "off", "null"})
_COMMENT: Final = re.compile(r"(?:^|(?<=\s))#.*")


@dataclass(frozen=True, slots=True)
class _Block:
    """One entry's lines, with their ends, and those of comments and blank lines ``above`` it."""

    above: tuple[str, ...]
    lines: tuple[str, ...]


def text(entries: Sequence[Entry], old: str = "") -> str:
    """Return the text of a lock file, taking over from ``old`` what need not change.

    Raises:
        LockError, Problems: ``old`` is malformed.
    """
    before = reading.entries(parsing.parse(old, "the lock"), "the lock")
    if old and before == list(entries):
        return old
    parts = _split(old, len(before))
    if parts is None:
        return _fresh(entries, old)
    head, blocks, foot = parts
    known = {entry.key: (entry, block) for entry, block in zip(before, blocks, strict=True)}
    places = {entry.place: entry.key for entry in before}
    written = [head]
    for entry in entries:
        found = known.get(entry.key) or known.get(places.get(entry.place, ""))
        if found is None:
            written += _lines(entry)
        elif found[0] == entry:
            written += (*found[1].above, *found[1].lines)
        else:
            written += _anew(entry, found[1])
    made = "".join([*written, foot])
    return made if _says(made, entries) else _fresh(entries, old)


def _says(made: str, entries: Sequence[Entry]) -> bool:
    """Tell whether a text means these entries: people may have laid out theirs in ways that `_split` does not know."""
    try:
        return reading.entries(parsing.parse(made, ""), "") == list(entries)
    except Hub2GhcrError:
        return False


def _fresh(entries: Sequence[Entry], old: str) -> str:
    comments = [comment for _, comment in map(_field, old.splitlines()) if comment]
    head = "".join(f"{each}\n" for each in comments) or _HEADER
    if not entries:
        return f"{head}version: 1\nimages: []\n"
    return head + _START + "".join(line for entry in entries for line in _lines(entry))


def _split(old: str, count: int) -> tuple[str, list[_Block], str] | None:
    """Split a file into head, blocks and foot; None where it is not laid out in blocks."""
    lines = old.splitlines(keepends=True)
    start = next((index for index, line in enumerate(lines) if re.match(r"images:\s*(?:#.*)?$", line)), None)
    if start is None or not count or (lines and not lines[-1].endswith("\n")):
        return None
    dash = next((re.match(r" *- ", line) for line in lines[start + 1 :] if re.match(r" *- ", line)), None)
    if dash is None:
        return None
    first = [index for index, line in enumerate(lines) if index > start and line.startswith(dash[0])]
    if len(first) != count:
        return None
    blocks = []
    end = start + 1
    for begin, following in zip(first, [*first[1:], len(lines)], strict=True):
        last = following
        while _aside(lines[last - 1], len(dash[0])):
            last -= 1
        blocks.append(_Block(tuple(lines[end:begin]), tuple(lines[begin:last])))
        end = last
    return "".join(lines[: start + 1]), blocks, "".join(lines[end:])


def _aside(line: str, indent: int) -> bool:
    """Tell whether a line between two entries is none of the first one's: blank, or a comment left of its fields."""
    found = line.lstrip(" ")
    return not found.strip() or (found.startswith("#") and len(line) - len(found) < indent)


def _anew(entry: Entry, block: _Block) -> Iterator[str]:
    """Yield the lines of an entry that changed, with the comments that its lines had."""
    beside: dict[str, list[str]] = {}
    above: dict[str, list[str]] = {}
    waiting: list[str] = []
    for line in block.lines:
        field, comment = _field(line)
        if not field:
            waiting += [line] if comment else []
            continue
        if comment:
            beside.setdefault(field, []).append(comment)
        above.setdefault(field, []).extend(waiting)
        waiting = []
    first, *rest = _lines(entry)
    made = list(_with_comments([first], beside, {}))
    made += _with_comments(rest, beside, above)
    homeless = [each.strip() for comments in (*above.values(), *beside.values()) for each in comments]
    yield from (*block.above, *(f"{each}\n" for each in homeless), *made, *waiting)


def _with_comments(lines: list[str], beside: dict[str, list[str]], above: dict[str, list[str]]) -> Iterator[str]:
    """Yield lines with the comments of their fields, and take these out."""
    for line in lines:
        field, _ = _field(line)
        yield from above.pop(field, ())
        comments = beside.get(field)
        yield f"{line.rstrip()}  {comments.pop(0)}\n" if comments else line


def _field(line: str) -> tuple[str, str]:
    """Return what a line is about, its key or the item of a list, and its comment."""
    found = _COMMENT.search(line)
    content = line[: found.start()] if found else line
    return content.strip().removeprefix("- ").partition(":")[0], found[0].rstrip() if found else ""


def _lines(entry: Entry) -> list[str]:
    """Return an entry's lines."""
    lines = [f"- source: {_said(entry.source)}" if entry.source else f"- origin: {reading.PUBLISHED}"]
    lines += (f"  digest: {_said(entry.digest)}", f"  mediaType: {_said(entry.media_type)}")
    lines += _list("  platforms", sorted(entry.platforms))
    if entry.manifests:
        lines.append(f"  manifests: {entry.manifests}")
    lines += (f"  size: {entry.size}", f"  target: {_said(entry.target)}")
    if entry.narrowed:
        lines += ("  narrowed:", f"    digest: {_said(entry.narrowed.digest)}")
        lines += _list("    platforms", sorted(entry.narrowed.platforms))
    if entry.attached:
        lines.append("  attached:")
    for each in sorted(entry.attached):
        lines += (f"  - subject: {_said(each.subject)}", f"    kind: {each.kind}", f"    digest: {_said(each.digest)}")
        lines.append(f"    mediaType: {_said(each.media_type)}")
        if each.artifact_type:
            lines.append(f"    artifactType: {_said(each.artifact_type)}")
        lines.append(f"    size: {each.size}")
        if each.tag:
            lines.append(f"    tag: {_said(each.tag)}")
    lines += ("  resolved:", f"    at: {_said(entry.resolved.at)}", f"    from: {_said(entry.resolved.source)}")
    return [f"{line}\n" for line in lines]


def _list(name: str, values: Sequence[str]) -> list[str]:
    if not values:
        return [f"{name}: []"]
    indent = name[: len(name) - len(name.lstrip())]
    return [f"{name}:", *(f"{indent}- {_said(each)}" for each in values)]


def _said(value: str) -> str:
    """Return a string as YAML has it, quoted where it would mean something else."""
    if _PLAIN.fullmatch(value) and value.lower() not in _WORDS:
        return value
    if _SINGLE.fullmatch(value):
        return "'" + value.replace("'", "''") + "'"
    return json.dumps(value, ensure_ascii=False)
