"""Kustomize's ``images:``: entries that select images by name, and say what shall stand there.

``name`` selects what the manifests below say. It must follow them when they are rewritten: so it is an image of its
own, mapped like any other. Where a base comes from elsewhere (a URL, a chart, another repository), nobody rewrites it,
and an entry is reported instead.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from ..source import ListNode, MapNode, Node, Scalar
from .found import Found, Why
from .path import Path, text_of
from .rows import KUSTOMIZATION
from .variables import read

if TYPE_CHECKING:
    from .objects import Reading

_ELSEWHERE: Final = "it selects images of manifests that are elsewhere: change both together"
_ROLES: Final = ("name", "newName", "newTag", "digest")


def images(node: Node, root: Node, reading: Reading, path: Path) -> Iterator[Found]:
    """Yield the images of an ``images:`` list; ``root`` is the object or kustomization that holds it."""
    for index, item in enumerate(node.items if isinstance(node, ListNode) else ()):
        if isinstance(item, Scalar) and not item.null:  # Argo CD: old=new:tag
            new = item.value.rpartition("=")[2]
            yield reading.found((*path, index), new, ("override", item), note=_ELSEWHERE, why="elsewhere")
        elif isinstance(item, MapNode):
            yield from _entry(item, "" if _is_local(root, reading.kind) else _ELSEWHERE, reading, (*path, index))


def _entry(item: MapNode, note: str, reading: Reading, path: Path) -> Iterator[Found]:
    roles = {role: below for role in _ROLES if isinstance(below := item.get(role), Scalar) and text_of(below)}
    name = roles.get("name")
    if name is None:
        return
    why: Why = "elsewhere" if note else ""
    if "newName" in roles:
        if not note:
            yield reading.found((*path, "name"), name.value, ("name", name), name_only=True)
        del roles["name"]
    field = "newName" if "newName" in roles else "name"
    text = roles[field].value
    if "newTag" in roles:
        text += f":{roles['newTag'].value}"
    if "digest" in roles:
        text += f"@{roles['digest'].value}"
    said = read(text)
    if said.note and not note:
        note, why = said.note, said.why
    open_ = said.name_only or not ({"newTag", "digest"} & set(roles))
    yield reading.found((*path, field), said.text, *roles.items(), note=note, why=why, name_only=open_)


def _is_local(root: Node, kind: str) -> bool:
    if kind != KUSTOMIZATION or not isinstance(root, MapNode) or root.get("spec") is not None:
        return False  # Flux has a kind of the same name, whose manifests come from a source
    lists = [below for key in ("resources", "bases", "components") if isinstance(below := root.get(key), ListNode)]
    bases = [text_of(item) for below in lists for item in below.items]
    remote = [each for each in bases if "://" in each or "?ref=" in each or each.startswith(("git@", "github.com/"))]
    return not remote and root.get("helmCharts") is None
