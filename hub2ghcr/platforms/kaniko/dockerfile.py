"""What in a Dockerfile kaniko does otherwise than its author meant, or cannot do.

Read from kaniko v1.24.0 (``pkg/commands``). A ``USER`` changes nothing for the executor itself, which pushes as who it
is. It makes each ``RUN`` behind it a process of that user, and only an executor that is root can start one.
"""

from __future__ import annotations

import json
import posixpath
import re
from collections.abc import Iterator
from fnmatch import fnmatchcase
from typing import Final

from ...places.dockerfile import Instruction, instructions
from .context import Seen
from .finding import Finding

_HEREDOC: Final = re.compile(r"^<<-?[\"']?[A-Za-z_]")
_URL: Final = re.compile(r"[a-z][a-z0-9+.-]*://|git@", re.I)
_ROOT: Final = frozenset({"root", "0"})


def dockerfile_findings(
    data: bytes,
    name: str,
    seen: Seen | None = None,
    base: str = "",
    *,
    target: str = "",
    rootless: bool = False,
    archived: bool = True,
) -> Iterator[Finding]:
    """Yield what is to be said of a Dockerfile.

    Args:
        data: the Dockerfile.
        name: what it is called where something is said of it.
        seen: the context, where it can be seen: what ``COPY`` and ``ADD`` take must be in it.
        base: the folder of the context that they are relative to (``--context-sub-path``).
        target: the last stage that is built (``--target``; default: the last).
        rootless: whether the executor runs without being root.
        archived: whether it is the archived one: what the fork can do does not stop that.
    """
    _, every = instructions(data)
    stages = _stages(every)
    if not stages:
        yield Finding(name, "has no FROM: nothing to build", "begin with FROM")
        return
    names = [stage for stage, _ in stages]
    if target and target.lower() not in names:
        listed = ", ".join(filter(None, names)) or "none is named"
        yield Finding(name, f"has no stage {target!r}", f"its stages: {listed}")
        return
    built = stages[: names.index(target.lower()) + 1] if target else stages
    users: dict[str, str] = {}
    for stage, below in built:
        user = users.get(_first(below[0]), "")
        for each in below[1:]:
            at = f"{name}:{_line(data, each)}"
            if each.name == "USER" and each.words:
                user = each.words[0].text
            elif each.name == "RUN":
                yield from _run(each, at, user, rootless=rootless, archived=archived)
            elif each.name in ("COPY", "ADD"):
                yield from _copied(each, at, seen, base, rootless=rootless, archived=archived)
        users[stage] = user
    if rootless and _first(built[-1][1][0]) not in (*names, "scratch"):
        told = "unpacking a base image sets the owners of its files, which only root may do"
        yield Finding(name, told, "run the executor as root, or build on scratch", stops=False)


def _stages(every: tuple[Instruction, ...]) -> list[tuple[str, list[Instruction]]]:
    found: list[tuple[str, list[Instruction]]] = []
    for each in every:
        if each.name == "FROM":
            words = [word.text for word in each.words if not word.text.startswith("--")]
            named = words[2].lower() if len(words) > 2 and words[1].upper() == "AS" else ""
            found.append((named, [each]))
        elif found:
            found[-1][1].append(each)
    return found


def _first(each: Instruction) -> str:
    return next((word.text.lower() for word in each.words if not word.text.startswith("--")), "")


def _line(data: bytes, each: Instruction) -> int:
    return data.count(b"\n", 0, each.words[0].start) + 1 if each.words else 0


def _run(each: Instruction, at: str, user: str, *, rootless: bool, archived: bool) -> Iterator[Finding]:
    name, _, group = user.partition(":")
    if rootless and user:
        told = f"RUN as USER {user}: an executor that is not root cannot change the user, not even to its own"
        yield Finding(at, told, "run the executor as root, or put USER behind the last RUN")
    elif group and group not in _ROOT | {name}:
        told = f"the archived kaniko runs RUN as user {name} with that user's own group: {group!r} of USER is left out"
        yield Finding(at, told, f"give user {name} that group in the image", stops=False)
    words = [word.text for word in each.words]
    if any(word.startswith("--mount=") for word in words):
        told = "the archived kaniko leaves RUN --mount out: no cache, no secret, no bound file is there"
        yield Finding(at, told, "use the maintained fork or BuildKit", stops=False)
    if any(_HEREDOC.match(word) for word in words if not word.startswith("--")):
        told = "the archived kaniko runs nothing of a here-document"
        yield Finding(at, told, "write RUN with && and \\, or use the maintained fork or BuildKit", archived)


def _copied(
    each: Instruction, at: str, seen: Seen | None, base: str, *, rootless: bool, archived: bool
) -> Iterator[Finding]:
    words = [word.text for word in each.words]
    flags = [word for word in words if word.startswith("--")]
    if rootless and any(flag.startswith("--chown=") for flag in flags):
        yield Finding(at, f"{each.name} --chown needs an executor that is root", "run it as root, or leave --chown out")
    if any(_HEREDOC.match(word) for word in words[len(flags) :]):
        told = f"the archived kaniko cannot {each.name} a here-document"
        yield Finding(at, told, "put it into a file, or use the maintained fork or BuildKit", archived)
        return
    if seen is None or any(flag.startswith("--from=") for flag in flags):
        return
    for source in _sources(words[len(flags) :]):
        if "$" in source or _URL.match(source):
            continue
        path = posixpath.normpath(posixpath.join(base.strip("/"), source.lstrip("/")))
        if path.startswith(".."):
            yield Finding(at, f"{each.name} {source} leads out of the context", "copy it into the context")
        elif any(sign in source for sign in "*?["):
            if not any(_matches(path, name) for name in seen.every):
                yield Finding(
                    at, f"{each.name} {source} fits nothing in the context: kaniko copies nothing", stops=False
                )
        elif path not in seen.every:
            yield Finding(at, f"{each.name} {source}: it is not in the context", "correct it, or add the file")


def _sources(words: list[str]) -> list[str]:
    said = " ".join(words)
    if said.startswith("["):
        try:
            listed = json.loads(said)
        except ValueError:
            return []
        return [each for each in listed if isinstance(each, str)][:-1]
    return words[:-1]


def _matches(pattern: str, name: str) -> bool:
    """Match as Go's ``filepath.Match``: no wildcard stands for a slash."""
    parts, names = pattern.split("/"), name.split("/")
    return len(parts) == len(names) and all(map(fnmatchcase, names, parts))
