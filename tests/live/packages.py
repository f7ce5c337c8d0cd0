"""What is assumed of GitHub's packages API, and of what a push does to it."""

from __future__ import annotations

from typing import Any, Final

from tests.live.fact import Unchecked, fact
from tests.live.ground import Ground, tags_of
from tests.live.service import expect, said

RULES: Final = "lab/github_api/packages.py: "


@fact("packages", "private", stand_in=RULES + "pushed")
def a_new_package_is_private(ground: Ground) -> str:
    """A first push with a user's token makes a private package, and the API tells so."""
    if not ground.is_new(ground.settings.package):
        raise Unchecked("the package existed before")
    return str(_package(ground, ground.settings.package).get("visibility"))


@fact("packages", "not linked", stand_in=RULES + "_link")
def a_new_package_is_not_linked(ground: Ground) -> str:
    """A first push with a user's token links the package to no repository."""
    if not ground.is_new(ground.settings.package):
        raise Unchecked("the package existed before")
    return "linked" if _package(ground, ground.settings.package).get("repository") else "not linked"


@fact("packages", "linked", stand_in=RULES + "_link")
def a_label_links_a_new_package(ground: Ground) -> str:
    """The label org.opencontainers.image.source links the package to its repository at the first push."""
    package = ground.linked
    if not ground.is_new(package):
        raise Unchecked("the package existed before")
    repository = _package(ground, package).get("repository") or {}
    wanted = f"{ground.settings.owner}/{ground.settings.source_repository}"
    return "linked" if str(repository.get("full_name")).lower() == wanted.lower() else "not linked"


@fact("packages", "%2F 200, / 404", stand_in="lab/github_api/routes.py: package_name")
def a_slash_is_percent_encoded(ground: Ground) -> str:
    """A slash in a package's name is written %2F, and not understood as it is."""
    package = ground.nested
    quoted = ground.soon(lambda: ground.rest.send("GET", package), 200)
    return f"%2F {said(quoted)}, / {said(ground.rest.send_unquoted('GET', package))}"


@fact("packages", "digest and tag", stand_in=RULES + "_version")
def a_version_is_a_digest_with_tags(ground: Ground) -> str:
    """A version's name is a manifest's digest; its metadata list the tags."""
    package = ground.nested
    _package(ground, package)
    found = ground.versions(package).get(ground.image.digest)
    if found is None:
        return "no version of that digest"
    return "digest and tag" if ground.tag in tags_of(found) else "digest alone"


@fact("packages", "404", stand_in="lab/github_api/routes.py: no PATCH of packages")
def nothing_changes_visibility(ground: Ground) -> str:
    """A PATCH of the visibility is answered as if there were no such address."""
    _package(ground, ground.settings.package)
    # What it is already: should it work after all, nothing changes.
    return said(ground.rest.send("PATCH", ground.settings.package, json={"visibility": "private"}))


@fact("packages", "gone, then back", stand_in=RULES + "remove, restore")
def a_deleted_package_can_be_restored(ground: Ground) -> str:
    """A deleted package is gone from the registry; restored, it is back with the same digests and tags."""
    package = ground.nested
    if not ground.is_new(package):
        raise Unchecked("the package existed before")
    ground.noticed(package)
    expect(ground.rest.send("DELETE", package), 204)
    path = f"manifests/{ground.tag}"
    repository = f"{ground.settings.owner}/{package}"
    gone = ground.soon(lambda: ground.read(repository, path, "HEAD"), 401, 403, 404)
    expect(ground.soon(lambda: ground.rest.send("POST", package, "/restore"), 204), 204)
    back = ground.soon(lambda: ground.read(repository, path, "HEAD"), 200)
    same = back.headers.get("docker-content-digest") == ground.image.digest
    return f"{'there' if gone.is_success else 'gone'}, then {'back' if same else said(back)}"


def _package(ground: Ground, package: str) -> dict[str, Any]:
    found: dict[str, Any] = expect(ground.soon(lambda: ground.rest.send("GET", package), 200), 200).json()
    return found
