"""Who gets which token from the lab's registries, and what the registry itself makes of it."""

from __future__ import annotations

import time

import httpx
import pytest

from lab import images, registries, registry_admin, toolchain
from lab.accounts import CLUSTER_DEMO, HUB_READER, MIGRATION, QUAY_READER, SHOP_PUBLISHER, Account
from lab.registry_config import Place
from tests.lab.conftest import Registries

STRANGER = Account("acmehub", "wrong", frozenset({"hub"}))


@pytest.mark.parametrize("place", ["hub", "ghcr"])
def test_without_a_token_the_registry_names_its_token_endpoint(pair: Registries, place: Place) -> None:
    answer = pair.client(place).get("/v2/library/nginx/manifests/1.27")
    assert answer.status_code == 401
    challenge = answer.headers["www-authenticate"]
    assert challenge.startswith(f'Bearer realm="{pair.url(place)}/token",service=')
    assert 'scope="repository:library/nginx:pull"' in challenge


def test_anybody_pulls_a_public_image_of_the_hub(pair: Registries) -> None:
    answer = pair.client("hub", "repository:library/nginx:pull").get("/v2/library/nginx/manifests/1.27")
    assert answer.status_code == 200
    assert answer.headers["docker-content-digest"] == images.make("library/nginx:1.27").digest


def test_anybody_gets_a_token_for_a_private_image_of_the_hub_but_it_opens_nothing(pair: Registries) -> None:
    answer = pair.client("hub", "repository:acme/worker:pull").get("/v2/acme/worker/manifests/3.1")
    assert answer.status_code == 401


@pytest.mark.parametrize(
    ("account", "name", "tag"), [(HUB_READER, "acme/worker", "3.1"), (QUAY_READER, "acme-quay/metrics", "2.1")]
)
def test_a_grant_opens_a_private_image(pair: Registries, account: Account, name: str, tag: str) -> None:
    client = pair.client("hub", f"repository:{name}:pull", account)
    assert client.get(f"/v2/{name}/manifests/{tag}").status_code == 200


def test_a_grant_opens_no_other_private_image(pair: Registries) -> None:
    client = pair.client("hub", "repository:acme-quay/metrics:pull", HUB_READER)
    assert client.get("/v2/acme-quay/metrics/manifests/2.1").status_code == 401


@pytest.mark.parametrize(("place", "status"), [("hub", 401), ("ghcr", 403)])
def test_a_wrong_password_gets_no_token_even_for_a_public_image(pair: Registries, place: Place, status: int) -> None:
    registry_admin.set_visibility(pair.state, "ghcr", "acme/open", "public")
    answer = pair.get_token(place, "repository:acme/open:pull", STRANGER)
    assert answer.status_code == status
    assert pair.get_token(place, "repository:acme/open:pull").status_code == 200


def test_ghcr_answers_denied_to_a_wrong_token(pair: Registries) -> None:
    answer = pair.get_token("ghcr", "repository:acme/tools:pull", STRANGER)
    assert answer.json()["errors"] == [{"code": "DENIED", "message": "denied"}]


@pytest.mark.parametrize("name", ["acme/tools", "acme/missing"])
def test_ghcr_gives_nobody_a_token_for_what_is_private_or_missing(pair: Registries, name: str) -> None:
    registry_admin.set_visibility(pair.state, "ghcr", "acme/tools", "private")
    assert pair.get_token("ghcr", f"repository:{name}:pull").status_code == 403
    assert pair.get_token("ghcr", f"repository:{name}:pull", CLUSTER_DEMO).status_code == 200


def test_basic_authentication_straight_to_the_api_fails(pair: Registries) -> None:
    answer = httpx.get(
        pair.url("ghcr", "/v2/"), auth=(CLUSTER_DEMO.user, CLUSTER_DEMO.token), trust_env=False, verify=False
    )
    assert answer.status_code == 401
    assert pair.client("ghcr", "repository:acme/tools:pull", CLUSTER_DEMO).get("/v2/").status_code == 200


def test_a_token_opens_only_the_repository_it_was_asked_for(pair: Registries) -> None:
    client = pair.client("hub", "repository:library/nginx:pull")
    assert client.get("/v2/library/redis/manifests/7.4").status_code == 401


def test_a_token_that_may_only_pull_cannot_push_to_ghcr(pair: Registries) -> None:
    for account, name in ((CLUSTER_DEMO, "acme/tools"), (SHOP_PUBLISHER, "acme/shop")):
        client = pair.client("ghcr", f"repository:{name}:pull,push", account)
        answer = client.post(f"/v2/{name}/blobs/uploads/")
        if account is SHOP_PUBLISHER:
            assert answer.status_code == 202, "negative control: the publisher may push its own packages"
        else:
            assert answer.status_code == 403
            assert answer.json()["errors"][0]["message"] == "permission_denied: write_package"


def test_tokens_expire(pair: Registries) -> None:
    registry_admin.set_rules(pair.state, "hub", token_seconds=1)
    client = pair.client("hub", "repository:library/nginx:pull")
    assert client.head("/v2/library/nginx/manifests/1.27").status_code == 200
    time.sleep(1.1)
    answer = client.head("/v2/library/nginx/manifests/1.27")
    assert answer.status_code == 401
    assert 'error="invalid_token"' in answer.headers["www-authenticate"]


def test_a_token_that_was_tampered_with_opens_nothing(pair: Registries) -> None:
    client = pair.client("hub", "repository:library/nginx:pull")
    head, body, signature = client.headers["authorization"].split(".")
    client.headers["authorization"] = f"{head}.{body}.{signature[:-4]}AAAA"
    assert client.get("/v2/library/nginx/manifests/1.27").status_code == 401


def test_the_token_endpoint_also_takes_the_form_of_oauth2(pair: Registries) -> None:
    form = {
        "grant_type": "password",
        "service": "ghcr.io",
        "scope": "repository:acme/new:pull,push",
        "username": MIGRATION.user,
        "password": MIGRATION.token,
    }
    answer = httpx.post(pair.url("ghcr", "/token"), data=form, trust_env=False, verify=False)
    assert answer.json()["access_token"]


def test_up_twice_is_up_once(pair: Registries) -> None:
    before = (pair.state / "run" / "hub.json").read_text()
    registries.up(pair.state, toolchain.resolve(["registry"]))
    assert (pair.state / "run" / "hub.json").read_text() == before


def test_no_key_or_account_file_can_be_read_by_others(pair: Registries) -> None:
    for name in ("front.json", "registry.json", "secret", "token.key"):
        assert (pair.state / "registries" / "ghcr" / name).stat().st_mode & 0o077 == 0


def test_ghcr_has_a_bearer_for_nobody_which_reads_what_is_public(pair: Registries) -> None:
    """As Homebrew pulls its packages from there, without a token."""
    nobody = {"Authorization": "Bearer QQ=="}
    ghcr, hub = pair.client("ghcr"), pair.client("hub")
    registry_admin.set_visibility(pair.state, "ghcr", "acme/tools", "public")
    assert ghcr.get("/v2/acme/tools/manifests/3", headers=nobody).status_code == 200
    assert ghcr.post("/v2/acme/tools/blobs/uploads/", headers=nobody).status_code == 401
    registry_admin.set_visibility(pair.state, "ghcr", "acme/tools", "private")
    assert ghcr.get("/v2/acme/tools/manifests/3", headers=nobody).status_code == 401
    registry_admin.set_visibility(pair.state, "ghcr", "acme/tools", "public")
    assert hub.get("/v2/library/nginx/manifests/1.27", headers=nobody).status_code == 401
