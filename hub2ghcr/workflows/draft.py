"""A repository's files while they are edited, and what is told of them."""

from __future__ import annotations

import re
from typing import Final

from ..errors import Hub2GhcrError, ManifestError, Problems
from ..source import trees
from . import keys
from .keys import Splice
from .migration import Change, Migrated, Migration
from .moving import Edit, Option
from .project import Project
from .texts import Origin, Text, located

_VARIABLE: Final = re.compile(r"((?:matrix|env|inputs|steps|needs|vars)\.[\w.-]+)|\$\{?(\w+)")
_COMPARING: Final = re.compile(rb"[!=]=|\b(?:contains|startsWith|endsWith)\(")
_AROUND: Final = b" \t\r\n\"'"


class Draft:
    """The files of a project, their edits so far, problems and notes.

    Attributes:
        problems: what is left for people.
        notes: what stays, and why.
    """

    def __init__(self, project: Project) -> None:
        self.project = project
        self.problems: list[Hub2GhcrError] = list(project.problems)
        self.notes: set[str] = set()
        self._splices: dict[str, dict[Splice, str]] = {}

    def data(self, path: str) -> bytes:
        """Return a file as it was."""
        return self.project.files[path].data

    def splices(self, path: str) -> tuple[Splice, ...]:
        """Return the edits of a file so far."""
        return tuple(self._splices.get(path, ()))

    def located(self, at: Origin) -> tuple[int, int] | None:
        """Return the bytes that say some characters, None where that cannot be told."""
        return located(self.data(at.file), at.scalar, at.start, at.end)

    def possible(self, options: list[Option]) -> list[Option]:
        """Return the ways to write something whose bytes can all be told."""
        return [option for option in options if all(self.located(edit.at) is not None for edit in option)]

    def compared(self, use: Origin) -> bool:
        """Whether a file compares a variable with something, which another value would change."""
        name = _VARIABLE.search(use.text)
        if name is None:
            return False
        dotted = name[1] or f"env.{name[2]}"
        named = re.compile(rf"(?<![\w.]){re.escape(dotted)}(?![\w.-])".encode())
        lines = (line for line in self.data(use.file).split(b"\n") if not line.lstrip().startswith(b"#"))
        return any(named.search(line) and _COMPARING.search(line) for line in lines)

    def where(self, at: Origin | None) -> str:
        """Return a place as ``file:line:column``."""
        if at is None:
            return ""
        place = self.located(at)
        return "{}:{}:{}".format(
            at.file, *_position(self.data(at.file), at.scalar.start if place is None else place[0])
        )

    def problem(self, at: Origin | None, what: str, value: Text | None, remedy: str) -> None:
        """Leave something for people to decide."""
        self.tell(self.where(at), what, "" if value is None else value.shown, remedy)

    def tell(self, where: str, what: str, value: str, remedy: str) -> None:
        """Leave something for people to decide, at ``file:line:column``."""
        self.problems.append(ManifestError(what, where, value, remedy))

    def edit(self, edit: Edit) -> None:
        """Change the bytes that say some characters."""
        place = self.located(edit.at)
        if place is None:
            self.problem(edit.at, "cannot be told in the file's bytes", None, f"write {edit.new} by hand")
        else:
            self.put(edit.at.file, Splice(*place, self._in_style(edit, *place)))

    def put(self, path: str, splice: Splice, said: str = "") -> None:
        """Change bytes of a file; ``said``: what is added, for people."""
        self._splices.setdefault(path, {})[splice] = said

    def migration(self) -> Migration:
        """Return all of it; a file that would not be YAML any more stays as it was."""
        files: list[Migrated] = []
        for path, file in self.project.files.items():
            held = self._splices.get(path, {})
            changes = tuple(sorted(_change(file.data, splice, said) for splice, said in held.items()))
            data = keys.spliced(file.data, list(held))
            try:
                list(trees(data, path) if file.kind != "bake" else ())
            except ManifestError as error:
                self.problems.append(ManifestError(f"left as it was, for it would not be YAML: {error.what}", path))
                data, changes = file.data, ()
            files.append(Migrated(path, file.data, data, changes))
        return Migration(tuple(files), Problems(self.problems).problems, tuple(sorted(self.notes)))

    def _in_style(self, edit: Edit, start: int, end: int) -> bytes:
        """Return an edit's bytes, in quotes where a plain value could not hold them: within braces."""
        scalar, data = edit.at.scalar, self.data(edit.at.file)
        new = edit.new.encode()
        if scalar.style == "plain" and (start, end) == (scalar.start, scalar.end) and b"{{" not in data[start:end]:
            try:
                list(trees(data[:start] + new + data[end:], edit.at.file))
            except ManifestError:
                return b'"' + new + b'"'
        return new


def _change(data: bytes, splice: Splice, said: str) -> Change:
    """Return a splice as people read it: the whole word that changes, or what is added."""
    start, end = splice.start, splice.end
    if said:
        return Change(*_position(data, start), "", said)
    if start == end:
        while data[start - 1 : start].strip(_AROUND):
            start -= 1
        while data[end : end + 1].strip(_AROUND):
            end += 1
    before, after = data[start:end], data[start : splice.start] + splice.new + data[splice.end : end]
    return Change(*_position(data, start), before.decode(), after.decode())


def _position(data: bytes, at: int) -> tuple[int, int]:
    begin = data.rfind(b"\n", 0, at) + 1
    return data.count(b"\n", 0, at) + 1, len(data[begin:at].decode("utf-8", "replace").removeprefix("\ufeff")) + 1
