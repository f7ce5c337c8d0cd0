from __future__ import annotations

from typing import Any

import pytest

from hub2ghcr.credentials import Credential
from hub2ghcr.errors import GitHubError
from hub2ghcr.github import FoundPackage, GitHub, Packages, Version
from tests.hub2ghcr.github.scripted import Said, Scripted, scripted

WHO = Credential("jo", "the-secret-token")
ORGANIZATION = Said(200, {"login": "acme", "type": "Organization"})
USER = Said(200, {"login": "jo", "type": "User"})


def shop(**more: Any) -> dict[str, Any]:
    return {"name": "mirror/shop", "visibility": "private", "version_count": 2, **more}


def asked(server: Scripted) -> list[str]:
    return [each.removeprefix("GET ") for each in server.asked]


def test_a_package_of_an_organisation_is_found_by_its_escaped_name_with_its_link() -> None:
    found = Said(200, shop(owner={"type": "Organization"}, repository={"full_name": "acme/shop"}))
    with scripted(ORGANIZATION, found, Said(404)) as server, GitHub(server.url, WHO) as github:
        packages = Packages(github, "acme")
        assert packages.find("mirror/shop") == FoundPackage("mirror/shop", "private", "acme/shop", "orgs", 2)
        assert packages.find("none") is None
    assert asked(server) == [
        "/users/acme",
        "/orgs/acme/packages/container/mirror%2Fshop",
        "/orgs/acme/packages/container/none",
    ]


@pytest.mark.parametrize(("me", "base"), [("Jo", "/user"), ("ann", "/users/jo")])
def test_a_users_packages_are_asked_for_where_the_api_gives_them_whole(me: str, base: str) -> None:
    answers = [USER, Said(200, {"login": me}), Said(200, shop(owner={"type": "User"}))]
    with scripted(*answers) as server, GitHub(server.url, WHO) as github:
        found = Packages(github, "jo").find("mirror/shop")
        assert found is not None and found.owner_kind == "users" and found.repository == ""
    assert asked(server)[2:] == [f"{base}/packages/container/mirror%2Fshop"]


def test_lists_are_read_page_by_page() -> None:
    more = {"Link": '<{url}/api/v3/next?page=2>; rel="next"'}
    version = {"id": 7, "name": "sha256:a", "updated_at": "2026-11-01T00:00:00Z"}
    tagged = {**version, "id": 8, "metadata": {"container": {"tags": ["latest", "1"]}}}
    answers = [ORGANIZATION, Said(200, [shop()], more), Said(200, [shop(name="web")])]
    answers += [Said(200, [tagged], more), Said(200, [version])]
    with scripted(*answers) as server, GitHub(server.url, WHO) as github:
        packages = Packages(github, "acme")
        assert [each.name for each in packages.all()] == ["mirror/shop", "web"]
        assert list(packages.versions("shop")) == [
            Version(8, "sha256:a", ("1", "latest"), "2026-11-01T00:00:00Z"),
            Version(7, "sha256:a", (), "2026-11-01T00:00:00Z"),
        ]
    assert asked(server)[1] == "/orgs/acme/packages?per_page=100&package_type=container"


def test_an_owner_that_is_none_is_named() -> None:
    with (
        scripted(Said(404)) as server,
        GitHub(server.url, WHO) as github,
        pytest.raises(GitHubError, match="no such org"),
    ):
        Packages(github, "none").find("shop")
