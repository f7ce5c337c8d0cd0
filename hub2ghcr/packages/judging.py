"""What of a package is not as wanted, each in one line with what a person can do about it."""

from __future__ import annotations

from ..package_page import settings_page, site_of
from ..plan import Package
from .looking import MISSING, Seen


def differences(wanted: Package, seen: Seen) -> tuple[str, ...]:
    """Return one line for each setting of a package that is not as wanted."""
    place = f"package {wanted.owner}/{wanted.name}"
    if seen.visibility == MISSING:
        if not (wanted.visibility or wanted.repository):
            return ()
        hopes = [*([wanted.visibility] if wanted.visibility else []), *_link(wanted)]
        what = f"{place} does not exist yet, or the token may not see it; wanted {', '.join(hopes)}"
        return (f"{what}: its first push makes it private, and linked only by a label or a workflow's own token",)
    page = settings_page(wanted.registry, f"{wanted.owner}/{wanted.name}", seen.owner_kind)
    found = [*_visibility(wanted, seen, page), *_repository(wanted, seen, page)]
    return tuple(f"{place} {each}" for each in found)


def notes(wanted: Package) -> tuple[str, ...]:
    """Return one line for what no API shows, so that nobody takes it for proven."""
    if not wanted.access:
        return ()
    who = ", ".join(f"{name}: {may}" for name, may in wanted.access.items())
    return (
        f"package {wanted.owner}/{wanted.name}: who has access no API shows; look whether it is {who}:"
        f" {wanted.settings_url}",
    )


def _link(wanted: Package) -> list[str]:
    return [f"linked to {wanted.repository}"] if wanted.repository else []


def _visibility(wanted: Package, seen: Seen, page: str) -> list[str]:
    if wanted.visibility is None:
        return []
    if seen.visibility != wanted.visibility:
        is_ = f"is {seen.visibility}, wanted {wanted.visibility}"
        if seen.visibility == "public":
            return [f"{is_}: public cannot be undone; publish it under another name, and delete this one: {page}"]
        warned = "; public cannot be undone" if wanted.visibility == "public" else ""
        return [f"{is_}: no API sets it, open {page}{warned}"]
    if wanted.visibility == "public" and seen.anonymous is False:
        return [
            f"is public, GitHub says, but an anonymous pull is refused ({seen.why}): ask again in some minutes, then"
            f" look at {page}"
        ]
    if wanted.visibility == "public" and seen.anonymous is None:
        return [f"is public, GitHub says, and whether anyone can pull it is not known: {seen.why}"]
    if wanted.visibility != "public" and seen.anonymous:
        return [f"is {seen.visibility}, GitHub says, but anyone can pull it: look at {page}"]
    return []


def _repository(wanted: Package, seen: Seen, page: str) -> list[str]:
    if not wanted.repository or seen.repository.lower() == wanted.repository.lower():
        return []
    url = f"https://{site_of(wanted.registry)}/{wanted.repository}"
    if not seen.repository:
        return [
            f"is linked to no repository, wanted {wanted.repository}: no API links it, open {page}, or push an image"
            f" with the label org.opencontainers.image.source={url}"
        ]
    return [f"is linked to {seen.repository}, wanted {wanted.repository}: no API links it, open {page}"]
