"""Packages appear when images are pushed, and nothing but the settings page changes who sees them."""

from __future__ import annotations

import json
from pathlib import Path

from lab.accounts import CLUSTER_DEMO, MIGRATION
from tests.lab.github_api.conftest import PACKAGES_ADMIN, GitHub

ONE, TWO = "sha256:" + "1" * 64, "sha256:" + "2" * 64
SHOP = "/orgs/acme/packages/container/shop"


def test_a_first_push_makes_a_private_unlinked_package(github: GitHub) -> None:
    github.push("acme/shop", ONE, "1.0")
    found = github.ok("GET", SHOP)
    assert (found["name"], found["visibility"], found["version_count"]) == ("shop", "private", 1)
    assert "repository" not in found


def test_a_tag_moves_to_the_version_that_was_pushed_last(github: GitHub) -> None:
    github.push("acme/shop", ONE, "latest")
    github.push("acme/shop", TWO, "latest")
    tags = {one["name"]: one["metadata"]["container"]["tags"] for one in github.ok("GET", f"{SHOP}/versions")}
    assert tags == {ONE: [], TWO: ["latest"]}


def test_a_push_of_a_layer_makes_nothing(github: GitHub) -> None:
    target = {"mediaType": "application/octet-stream", "repository": "acme/shop", "digest": ONE}
    github.lab("POST", "registry-events", {"events": [{"action": "push", "target": target}]})
    assert github("GET", SHOP).status_code == 404


def test_a_label_links_the_package_to_its_repository(github: GitHub, tmp_path: Path) -> None:
    config = {"config": {"Labels": {"org.opencontainers.image.source": "https://github.com/acme/shop"}}}
    _store(tmp_path, "a", config)
    _store(tmp_path, "b", {"config": {"digest": "sha256:" + "a" * 64}})
    _store(tmp_path, "c", {"manifests": [{"digest": "sha256:" + "b" * 64}]})
    github.push("acme/linked", "sha256:" + "c" * 64)
    github.push("other/linked", "sha256:" + "c" * 64)
    assert github.ok("GET", "/orgs/acme/packages/container/linked")["repository"]["full_name"] == "acme/shop"
    assert (github.service.store.read("packages", "other", "linked") or {})["repository"] is None


def test_a_slash_in_a_name_is_percent_encoded(github: GitHub) -> None:
    github.push("acme/charts/web", ONE)
    found = github.ok("GET", "/orgs/acme/packages/container/charts%2Fweb")
    assert found["name"] == "charts/web" and found["url"].endswith("/packages/container/charts%2Fweb")
    assert github("GET", "/orgs/acme/packages/container/charts/web").status_code == 404


def test_a_name_with_a_slash_is_listed_by_a_store_that_was_opened_anew(github: GitHub) -> None:
    """The list comes from the files, whose names are encoded: such a package was once missing there."""
    github.push("acme/charts/web", ONE)
    listed = github.ok("GET", "/orgs/acme/packages?package_type=container")
    assert [one["name"] for one in listed] == ["charts/web"]


def test_nothing_in_the_api_changes_a_package(github: GitHub) -> None:
    github.push("acme/shop", ONE)
    for method in ("PATCH", "PUT"):
        answer = github(method, SHOP, {"visibility": "public"}, token=PACKAGES_ADMIN)
        assert answer.status_code == 404
    assert github.ok("GET", SHOP)["visibility"] == "private"


def test_the_settings_page_makes_public_and_never_private_again(github: GitHub) -> None:
    github.push("acme/shop", ONE)
    github.lab("PUT", "visibility", {"owner": "acme", "name": "shop", "visibility": "public"})
    assert github.ok("GET", SHOP)["visibility"] == "public"
    back = github.ask("PUT", "/_lab/visibility", {"owner": "acme", "name": "shop", "visibility": "private"})
    assert back.status_code == 422


def test_the_registry_decides_who_may_pull(github: GitHub, tmp_path: Path) -> None:
    github.push("acme/shop", ONE)
    front = tmp_path / "registries/ghcr/visibility.json"
    front.parent.mkdir(parents=True, exist_ok=True)
    front.write_text(json.dumps({"acme/shop": "public"}))
    assert github.ok("GET", SHOP)["visibility"] == "public"
    assert [
        one["name"] for one in github.ok("GET", "/orgs/acme/packages?package_type=container&visibility=public")
    ] == ["shop"]


def test_a_list_needs_a_type(github: GitHub) -> None:
    assert github("GET", "/orgs/acme/packages").status_code == 400
    github.push("acme/shop", ONE)
    assert github.ok("GET", "/orgs/acme/packages?package_type=npm") == []


def test_a_token_needs_the_scopes(github: GitHub) -> None:
    github.push("acme/shop", ONE)
    github.lab("POST", "tokens", {"user": "acme-admin", "token": "lab-no-packages", "scopes": ["repo"]})
    assert github("GET", SHOP, token="lab-no-packages").status_code == 403
    assert github("GET", SHOP, token="").status_code == 401
    assert github("DELETE", SHOP).status_code == 403
    assert github("GET", SHOP, token=CLUSTER_DEMO.token).status_code == 200


def test_a_private_package_is_hidden_from_who_may_not_pull_it(github: GitHub) -> None:
    github.push("acme/shop", ONE)
    github.lab("POST", "tokens", {"user": "stranger", "token": "lab-stranger", "scopes": ["read:packages"]})
    assert github("GET", SHOP, token="lab-stranger").status_code == 404
    assert github.ok("GET", "/orgs/acme/packages?package_type=container", token="lab-stranger") == []


def test_only_the_owner_deletes(github: GitHub) -> None:
    github.push("acme/shop", ONE)
    scopes = ["read:packages", "delete:packages"]
    github.lab("POST", "tokens", {"user": MIGRATION.user, "token": "lab-deleter", "scopes": scopes})
    assert github("DELETE", SHOP, token="lab-deleter").status_code == 404
    assert github("DELETE", SHOP, token=PACKAGES_ADMIN).status_code == 204


def test_the_last_version_goes_only_with_its_package(github: GitHub) -> None:
    github.push("acme/shop", ONE)
    [version] = github.ok("GET", f"{SHOP}/versions")
    assert github("DELETE", f"{SHOP}/versions/{version['id']}", token=PACKAGES_ADMIN).status_code == 400


def test_a_deleted_version_is_listed_apart_until_it_is_restored(github: GitHub) -> None:
    github.push("acme/shop", ONE, "1")
    github.push("acme/shop", TWO, "2")
    number = {one["name"]: one["id"] for one in github.ok("GET", f"{SHOP}/versions")}[ONE]
    github.ok("DELETE", f"{SHOP}/versions/{number}", token=PACKAGES_ADMIN)
    assert [one["name"] for one in github.ok("GET", f"{SHOP}/versions")] == [TWO]
    [deleted] = github.ok("GET", f"{SHOP}/versions?state=deleted")
    assert deleted["name"] == ONE and deleted["deleted_at"]
    github.ok("POST", f"{SHOP}/versions/{number}/restore", token=PACKAGES_ADMIN)
    assert github.ok("GET", SHOP)["version_count"] == 2


def test_the_versions_of_a_users_package_have_no_pages(github: GitHub) -> None:
    for number in range(3):
        github.push("acme-admin/tool", f"sha256:{number:064x}")
    for base, count in (("/users/acme-admin", 3), ("/user", 1)):
        found = github.ok("GET", f"{base}/packages/container/tool/versions?per_page=1")
        assert len(found) == count


def _store(state: Path, letter: str, document: object) -> None:
    """A blob in the registry's storage, under a name of one letter."""
    name = letter * 64
    file = state / "registries/ghcr/storage/docker/registry/v2/blobs/sha256" / name[:2] / name / "data"
    file.parent.mkdir(parents=True)
    file.write_text(json.dumps(document))
