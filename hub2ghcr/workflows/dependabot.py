"""What Dependabot needs to find new tags on GHCR: a registry beside that of Docker Hub, with a secret of its own.

Docker Hub's entry stays: its password must go nowhere else, and other images may still be there.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from ..places.dependabot import hub_registries
from ..source import ListNode, MapNode, Scalar
from . import keys
from .draft import Draft
from .keys import Splice
from .project import File

SECRET: Final = "CR_PAT"
_ITEM: Final = re.compile(rb"[ \t]*-[ \t]+")
_OWNER: Final = "x-access-token"
"""GHCR goes by the token; a name has to stand beside it."""


def add_registry(file: File, draft: Draft) -> None:
    """Put a registry of GHCR before the first one of Docker Hub, and name it wherever one of those is named."""
    hub = hub_registries(file.node) if file.kind == "dependabot" else ()
    if not hub:
        return
    taken = {key.value for key, _ in _pairs(file.node.get("registries"))}
    name = next(each for each in ("ghcr", "ghcr-io", "github-packages", "ghcr-2") if each not in taken)
    lines = (
        f"{name}:",
        "  type: docker-registry",
        "  url: https://ghcr.io",
        f"  username: {_OWNER}",
        f'  password: "${{{{ secrets.{SECRET} }}}}"',
    )
    draft.put(file.path, keys.before(file.data, hub[0], lines), f"registry {name}")
    for splice in _named(file, {each.value for each in hub}, name):
        draft.put(file.path, splice, name)
    what = "Dependabot reads tags of GHCR with a secret of its own"
    remedy = f"set its value: `dependabotSecrets: {{{SECRET}: CREDENTIAL}}` of the repository, with read:packages"
    draft.tell(f"{file.path}:{hub[0].line}:{hub[0].column}", what, SECRET, remedy)


def _named(file: File, hub: set[str], name: str) -> Iterator[Splice]:
    """Yield what names the registry in each list that names one of Docker Hub."""
    updates = file.node.get("updates")
    for update in updates.items if isinstance(updates, ListNode) else ():
        listed = update.get("registries") if isinstance(update, MapNode) else None
        items = [each for each in listed.items if isinstance(each, Scalar)] if isinstance(listed, ListNode) else []
        first = next((each for each in items if each.value in hub), None)
        if first is None:
            continue
        line = file.data[file.data.rfind(b"\n", 0, first.start) + 1 : first.start]
        if _ITEM.fullmatch(line):
            end = b"\r\n" if b"\r\n" in file.data else b"\n"
            yield Splice(first.start, first.start, name.encode() + end + line)
        else:
            yield Splice(first.start, first.start, f"{name}, ".encode())


def _pairs(node: object) -> tuple[tuple[Scalar, object], ...]:
    return tuple(node.items) if isinstance(node, MapNode) else ()
