"""Git's own objects: the names of blobs, trees and commits are the ones that git itself would compute.

A repository's document holds ``blobs`` (name to base64), ``commits`` (name to parents, message, people, tree and all
its ``files``, path to blob) and ``refs`` (``heads/main`` to commit).
"""

from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence
from datetime import datetime
from hashlib import sha1
from typing import Any

Repository = dict[str, Any]
Files = dict[str, str]


def blob(repository: Repository, content: bytes) -> str:
    """Keep a file's content; returns its name."""
    name = _name("blob", content)
    repository["blobs"][name] = base64.b64encode(content).decode()
    return name


def content(repository: Repository, name: str) -> bytes:
    """The content of a kept blob."""
    return base64.b64decode(repository["blobs"][name])


def tree(files: Mapping[str, str]) -> str:
    """The name of the tree with these files (path to blob), folders included."""
    return _trees(files)[0]


def _trees(files: Mapping[str, str]) -> tuple[str, list[bytes]]:
    """A tree's name, and its object with those of its folders."""
    entries: dict[str, tuple[str, str]] = {}
    folders: dict[str, dict[str, str]] = {}
    objects: list[bytes] = []
    for path, name in files.items():
        head, _, rest = path.partition("/")
        if rest:
            folders.setdefault(head, {})[rest] = name
        else:
            entries[head] = ("100644", name)
    for head, inside in folders.items():
        name, below = _trees(inside)
        objects += below
        entries[head + "/"] = ("40000", name)  # git sorts a folder as if its name ended in a slash
    lines = [
        f"{mode} {key.rstrip('/')}".encode() + b"\0" + bytes.fromhex(name)
        for key, (mode, name) in sorted(entries.items(), key=lambda entry: entry[0].encode())
    ]
    made = _object("tree", b"".join(lines))
    return sha1(made).hexdigest(), [*objects, made]


def commit(
    repository: Repository,
    files: Files,
    parents: Sequence[str],
    message: str,
    author: Mapping[str, str],
    committer: Mapping[str, str],
) -> str:
    """Keep a commit; people are name, email and date (RFC 3339, UTC). Returns its name."""
    kept = {
        "tree": tree(files),
        "files": dict(sorted(files.items())),
        "parents": list(parents),
        "message": message,
        "author": dict(author),
        "committer": dict(committer),
    }
    name = sha1(_commit(kept)).hexdigest()
    repository["commits"][name] = kept
    return name


def objects(repository: Repository, name: str) -> list[bytes]:
    """Git's own objects of a commit and all before it, as git keeps them but for the compression."""
    found: dict[bytes, None] = {}
    for known in ancestors(repository, name):
        kept = repository["commits"][known]
        blobs = (_object("blob", content(repository, blob)) for blob in kept["files"].values())
        found.update(dict.fromkeys([_commit(kept), *_trees(kept["files"])[1], *blobs]))
    return list(found)


def _commit(kept: Mapping[str, Any]) -> bytes:
    lines = [
        f"tree {kept['tree']}\n",
        *(f"parent {parent}\n" for parent in kept["parents"]),
        f"author {_person(kept['author'])}\n",
        f"committer {_person(kept['committer'])}\n\n",
        kept["message"],
    ]
    return _object("commit", "".join(lines).encode())


def resolve(repository: Repository, name: str) -> str | None:
    """The commit that a branch, a tag, a full reference or a (shortened) commit name means, None for none."""
    refs: dict[str, str] = repository["refs"]
    for candidate in (f"heads/{name}", f"tags/{name}", name.removeprefix("refs/")):
        if candidate in refs:
            return refs[candidate]
    found = [known for known in repository["commits"] if len(name) >= 7 and known.startswith(name)]
    return found[0] if len(found) == 1 else None


def ancestors(repository: Repository, name: str) -> list[str]:
    """The commit and all before it, nearest first."""
    found: dict[str, None] = {}
    wave = [name]
    while wave:
        found.update(dict.fromkeys(wave))
        wave = [p for known in wave for p in repository["commits"][known]["parents"] if p not in found]
    return list(found)


def merge_base(repository: Repository, one: str, other: str) -> str | None:
    """The newest commit that both descend from (of several, the nearest to ``one``), None for unrelated ones."""
    behind = set(ancestors(repository, other))
    shared = [name for name in ancestors(repository, one) if name in behind]
    older = {parent for name in shared for parent in repository["commits"][name]["parents"]}
    return next((name for name in shared if name not in older), None)


def changes(before: Mapping[str, str], after: Mapping[str, str]) -> dict[str, str | None]:
    """What turns one set of files into the other: path to its new blob, None for a removed one, sorted."""
    paths = sorted(before.keys() | after.keys())
    return {path: after.get(path) for path in paths if before.get(path) != after.get(path)}


def _name(kind: str, body: bytes) -> str:
    return sha1(_object(kind, body)).hexdigest()


def _object(kind: str, body: bytes) -> bytes:
    return f"{kind} {len(body)}\0".encode() + body


def _person(person: Mapping[str, str]) -> str:
    seconds = int(datetime.fromisoformat(person["date"]).timestamp())
    return f"{person['name']} <{person['email']}> {seconds} +0000"
