"""Which files a command reads: those it is named, and those in the folders it is named that can hold an image.

Hidden folders (but ``.github``) and ``node_modules`` are passed over. A symbolic link is followed as far as it stays in
its tree: the named folder, or for a named file the current folder (its own where it lies outside). What several paths
lead to is read once.
"""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from .errors import Hub2GhcrError, ManifestError

STREAM: Final = "-"
"""The path that stands for standard input."""

_SUFFIXES: Final = (".yaml", ".yml", ".json", ".dockerfile", ".containerfile", ".tpl", ".gotmpl", ".j2")
_STEMS: Final = ("dockerfile", "containerfile")
_NAMES: Final = ("kustomization", "renovate.jsonc", "renovate.json5", ".renovaterc", ".renovaterc.json5")
_OTHERS: Final = frozenset(
    {"c", "go", "h", "html", "java", "js", "lua", "md", "py", "pyc", "rb", "rs", "rst", "sh", "ts", "txt", "vim"}
    | {"dockerignore", "containerignore"}
)
"""Suffixes of files that are about Dockerfiles, and none."""

_OWN: Final = "images.lock.yaml"
"""Our lock by its default name: what it names is what is moved already."""


@dataclass(frozen=True, slots=True)
class Input:
    """One file: ``place`` as reports name it, ``path`` with links resolved (`STREAM`: standard input)."""

    place: str
    path: str


@dataclass(frozen=True, slots=True)
class Walk:
    """The files, sorted by place; what could not be read; the links out of the tree, as notes."""

    inputs: tuple[Input, ...]
    problems: tuple[Hub2GhcrError, ...] = ()
    notes: tuple[str, ...] = ()


def walk(paths: Sequence[str]) -> Walk:
    """Find the files that ``paths`` lead to; nothing is raised, all problems are collected."""
    walker = _Walker()
    for path in paths:
        walker.named(path)
    inputs = sorted(walker.found.values(), key=lambda each: each.place)
    return Walk(tuple(inputs), tuple(walker.problems), tuple(sorted(walker.notes)))


def can_hold_images(name: str) -> bool:
    """Tell by its name whether a file in a folder is read."""
    name = name.lower()
    if name.endswith(_SUFFIXES) or name in _NAMES:
        return name != _OWN
    stem, _, suffix = name.replace("-", ".", 1).partition(".")
    return stem in _STEMS and suffix.rpartition(".")[2] not in _OTHERS


class _Walker:
    def __init__(self) -> None:
        self.found: dict[str, Input] = {}
        self.problems: list[Hub2GhcrError] = []
        self.notes: list[str] = []
        self._folders: set[str] = set()

    def named(self, path: str) -> None:
        if path == STREAM:
            self.found[STREAM] = Input(STREAM, STREAM)
            return
        place = printable(os.path.normpath(path))
        try:
            mode = os.stat(path).st_mode
        except (OSError, ValueError) as error:
            self._unreadable(place, error)
            return
        real = os.path.realpath(path)
        if stat.S_ISDIR(mode):
            self._tree(os.path.normpath(path), real)
        elif not stat.S_ISREG(mode):
            self.problems.append(ManifestError("not a file", place, remedy="send a stream to `-`"))
        elif not any(_within(real, os.path.realpath(tree)) for tree in (".", os.path.dirname(path) or ".")):
            remedy = f"name {printable(real)} itself"
            self.problems.append(ManifestError("a symbolic link out of the tree", place, remedy=remedy))
        else:
            self.found.setdefault(real, Input(place, real))

    def _tree(self, shown: str, root: str) -> None:
        links = self._folder(shown, root)
        while links:
            shown, path = links.pop(0)
            real = os.path.realpath(path)
            name = os.path.basename(shown)
            try:
                mode = os.stat(path).st_mode
            except OSError as error:
                if error.errno == errno.ELOOP or can_hold_images(name):
                    self._unreadable(printable(shown), error)
                continue
            is_folder = stat.S_ISDIR(mode)
            if _passed_over(name) if is_folder else not (stat.S_ISREG(mode) and can_hold_images(name)):
                continue
            if not _within(real, root):
                self.notes.append(f"{printable(shown)}: a symbolic link out of the tree, not followed")
            elif is_folder:
                links += self._folder(shown, real)
            else:
                self.found.setdefault(real, Input(printable(shown), real))

    def _folder(self, shown: str, real: str) -> list[tuple[str, str]]:
        """Take the files below a folder, and return its links, which come last: what they lead to has its own name."""
        links: list[tuple[str, str]] = []
        stack = [(shown, real)]
        while stack:
            shown, real = stack.pop()
            if real in self._folders:
                continue
            self._folders.add(real)
            try:
                with os.scandir(real) as entries:
                    for entry in entries:
                        below = entry.name if shown == "." else os.path.join(shown, entry.name)
                        if entry.is_symlink():
                            links.append((below, entry.path))
                        elif entry.is_dir(follow_symlinks=False):
                            if not _passed_over(entry.name):
                                stack.append((below, entry.path))
                        elif can_hold_images(entry.name) and entry.is_file(follow_symlinks=False):
                            self.found.setdefault(entry.path, Input(printable(below), entry.path))
            except OSError as error:
                self._unreadable(printable(shown), error)
        return sorted(links)

    def _unreadable(self, place: str, error: OSError | ValueError) -> None:
        what = error.strerror if isinstance(error, OSError) else str(error)
        self.problems.append(ManifestError(f"cannot be read: {what}", place))


def printable(path: str) -> str:
    """Return a path for one line of a report: what no terminal shows is escaped."""
    if path.isprintable():
        return path
    shown = (each if each.isprintable() else each.encode("unicode_escape").decode() for each in path)
    return "".join(shown)


def _passed_over(name: str) -> bool:
    return name == "node_modules" or (name.startswith(".") and name != ".github")


def _within(path: str, tree: str) -> bool:
    return path == tree or path.startswith(os.path.join(tree, ""))
