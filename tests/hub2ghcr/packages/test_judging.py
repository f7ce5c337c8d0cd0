from __future__ import annotations

from dataclasses import replace

import pytest

from hub2ghcr.packages import MISSING, Seen, differences, notes
from hub2ghcr.plan import Package

PAGE = "https://github.com/orgs/acme/packages/container/mirror%2Fshop/settings"
PUBLIC = Package("acme", "mirror/shop", "ghcr.io", "public")
PRIVATE = replace(PUBLIC, visibility="private")
LINKED = Package("acme", "mirror/shop", "ghcr.io", None, "acme/shop")

CASES = [
    (PUBLIC, Seen("public", anonymous=True), None),
    (
        PUBLIC,
        Seen("private", anonymous=False),
        f"is private, wanted public: no API sets it, open {PAGE}; public cannot be undone",
    ),
    (PUBLIC, Seen("internal"), f"is internal, wanted public: no API sets it, open {PAGE}; public cannot be undone"),
    (
        PUBLIC,
        Seen("public", anonymous=False, why="refused to anonymous (403)"),
        "is public, GitHub says, but an anonymous pull is refused (refused to anonymous (403)): ask again in some "
        f"minutes, then look at {PAGE}",
    ),
    (
        PUBLIC,
        Seen("public", why="no answer in time"),
        "is public, GitHub says, and whether anyone can pull it is not known: no answer in time",
    ),
    (PRIVATE, Seen("private", anonymous=False), None),
    (PRIVATE, Seen("private"), None),
    (PRIVATE, Seen("private", anonymous=True), f"is private, GitHub says, but anyone can pull it: look at {PAGE}"),
    (
        PRIVATE,
        Seen("public", anonymous=True),
        "is public, wanted private: public cannot be undone; publish it under another name, and delete this one: "
        f"{PAGE}",
    ),
    (PRIVATE, Seen("internal"), f"is internal, wanted private: no API sets it, open {PAGE}"),
    (
        replace(PUBLIC, visibility="internal"),
        Seen("private"),
        f"is private, wanted internal: no API sets it, open {PAGE}",
    ),
    (LINKED, Seen("private", "Acme/Shop"), None),
    (
        LINKED,
        Seen("private"),
        f"is linked to no repository, wanted acme/shop: no API links it, open {PAGE}, or push an image with the label "
        "org.opencontainers.image.source=https://github.com/acme/shop",
    ),
    (LINKED, Seen("private", "acme/web"), f"is linked to acme/web, wanted acme/shop: no API links it, open {PAGE}"),
    (
        PUBLIC,
        Seen("private", owner_kind="users"),
        f"is private, wanted public: no API sets it, open {PAGE.replace('/orgs/', '/users/')}; public cannot be undone",
    ),
    (replace(PUBLIC, visibility=None), Seen("private", anonymous=True), None),
    (replace(PUBLIC, visibility=None), Seen(MISSING), None),
    (
        replace(PUBLIC, repository="acme/shop"),
        Seen(MISSING),
        "does not exist yet, or the token may not see it; wanted public, linked to acme/shop: its first push makes it "
        "private, and linked only by a label or a workflow's own token",
    ),
]


@pytest.mark.parametrize(("wanted", "seen", "line"), CASES)
def test_what_is_not_as_wanted_is_one_line_with_what_a_person_can_do(
    wanted: Package, seen: Seen, line: str | None
) -> None:
    assert differences(wanted, seen) == ((f"package acme/mirror/shop {line}",) if line else ())


def test_several_settings_are_told_at_once() -> None:
    assert len(differences(replace(PUBLIC, repository="acme/shop"), Seen("private", "acme/web"))) == 2


def test_what_no_api_shows_is_said_to_be_unproven() -> None:
    assert notes(PUBLIC) == ()
    assert notes(replace(PUBLIC, access={"bot": "write", "deployers": "read"})) == (
        "package acme/mirror/shop: who has access no API shows; look whether it is bot: write, deployers: read: "
        + PAGE,
    )
