"""How to say another image in the place where one was found."""

from __future__ import annotations

from dataclasses import replace

from ..reference import Reference
from ..source import Scalar
from .found import Found
from .variables import name_of


def edits(found: Found, target: Reference) -> tuple[tuple[Scalar, str], ...]:
    """Return the scalars that change, each with its new value; a group keeps its split.

    A digest goes into the group's ``digest`` where it has one, else behind the tag. What must not be edited
    (``found.note``) has no edits.

    Args:
        found: what `hub2ghcr.places.find` found.
        target: what shall stand there.
    """
    if found.note:
        return ()
    roles = dict(found.parts)
    if "image" in roles:
        return (*_whole(found, roles["image"], target), *_urls(found, target))
    wanted = _split(found, roles, target)
    return tuple(
        (scalar, wanted[role]) for role, scalar in found.parts if wanted.get(role, scalar.value) != scalar.value
    )


def _whole(found: Found, scalar: Scalar, target: Reference) -> tuple[tuple[Scalar, str], ...]:
    old = name_of(found.text) if found.name_only else found.text
    new = target.name if found.name_only else str(target)
    if old == new:
        return ()
    before, rest = found.prefix, scalar.value.removeprefix(found.prefix)
    behind = rest.removeprefix(old)  # variables
    if rest == behind:
        return ()
    size = len(scalar.value.encode())
    if scalar.style in ("plain", "raw") and (before or behind) and scalar.end - scalar.start == size:
        # The reference alone: with what stands around it, a plain scalar of another value would be quoted
        start = scalar.start + len(before.encode())
        name = replace(scalar, value=old, start=start, end=start + len(old.encode()), style="raw")
        return ((name, new),)
    return ((scalar, before + new + behind),)


def _urls(found: Found, target: Reference) -> tuple[tuple[Scalar, str], ...]:
    """Return the URLs beside an image that say where it is looked up: they lead to its registry."""
    urls = (scalar for role, scalar in found.parts if role == "url")
    return tuple((each, f"https://{target.registry}") for each in urls if each.value != f"https://{target.registry}")


def _split(found: Found, roles: dict[str, Scalar], target: Reference) -> dict[str, str]:
    wanted: dict[str, str] = {}
    for role in ("repository", "newName", "name"):
        if role in roles:
            wanted[role] = target.repository if "registry" in roles else target.name
            break
    if "registry" in roles:
        wanted["registry"] = target.registry
    if found.name_only:
        return wanted
    digest = target.digest
    for role in ("digest", "sha"):
        if role in roles and digest:
            wanted[role] = digest.partition(":")[2] if role == "sha" else digest
            digest = None
    for role in ("tag", "newTag"):
        if role in roles and target.tag:
            wanted[role] = f"{target.tag}@{digest}" if digest else target.tag
    return wanted
