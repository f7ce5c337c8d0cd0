"""What Docker Hub and GHCR do beside the distribution specification, each with its negative control."""

from __future__ import annotations

import httpx
import pytest

from lab import images, oci, registry_admin
from lab.accounts import CLUSTER_DEMO, HUB_READER, MIGRATION
from lab.registry_config import BLOB_HOST
from tests.lab.conftest import Registries

NGINX = "/v2/library/nginx/manifests/1.27"
DIGEST = "sha256:" + "0" * 64


def migration(pair: Registries, *names: str) -> httpx.Client:
    scope = " ".join(f"repository:{name}:pull,push" for name in names)
    return pair.client("ghcr", scope, MIGRATION)


# Docker Hub


def test_a_manifest_get_spends_a_pull_and_a_head_does_not(pair: Registries) -> None:
    client = pair.client("hub", "repository:library/nginx:pull")
    assert client.head(NGINX).headers["ratelimit-remaining"] == "100;w=21600"
    answer = client.get(NGINX)
    assert answer.headers["ratelimit-limit"] == "100;w=21600"
    assert answer.headers["ratelimit-remaining"] == "99;w=21600"
    assert answer.headers["docker-ratelimit-source"] == "127.0.0.1"
    assert client.head(NGINX).headers["ratelimit-remaining"] == "99;w=21600"


def test_a_spent_limit_answers_429_with_the_long_message_until_the_account_changes(pair: Registries) -> None:
    registry_admin.set_limit(pair.state, "hub", anonymous=2)
    client = pair.client("hub", "repository:library/nginx:pull")
    assert [client.get(NGINX).status_code for _ in range(3)] == [200, 200, 429]
    answer = client.get(NGINX)
    assert answer.json()["errors"][0]["code"] == "TOOMANYREQUESTS"
    assert "increase-rate-limit" in answer.text
    assert answer.headers["ratelimit-remaining"] == "0;w=21600"
    assert client.head(NGINX).status_code == 200
    named = pair.client("hub", "repository:library/nginx:pull", HUB_READER)
    assert named.get(NGINX).headers["ratelimit-remaining"] == "199;w=21600"
    assert registry_admin.counters(pair.state, "hub")["pull_limited"] == 2


def test_a_limit_of_none_at_all_is_spent_from_the_start(pair: Registries) -> None:
    registry_admin.set_limit(pair.state, "hub", anonymous=-1)
    assert pair.client("hub", "repository:library/nginx:pull").get(NGINX).status_code == 429


def test_pulls_of_quay_and_refused_ones_spend_nothing(pair: Registries) -> None:
    client = pair.client("hub", "repository:library/nginx:pull")
    assert "ratelimit-limit" not in client.get(f"{NGINX}?ns=quay.io").headers
    assert "ratelimit-limit" not in pair.client("hub").get(NGINX).headers
    assert client.head(NGINX).headers["ratelimit-remaining"] == "100;w=21600"


def test_ghcr_has_no_pull_limit(pair: Registries) -> None:
    client = pair.client("ghcr", "repository:acme/tools:pull", CLUSTER_DEMO)
    assert "ratelimit-limit" not in client.get("/v2/acme/tools/manifests/3").headers


# GHCR


def test_a_first_push_makes_a_private_package(pair: Registries) -> None:
    image = images.make("acme/fresh:1")
    images.push(migration(pair, "acme/fresh"), "acme/fresh", "1", image)
    assert registry_admin.visibility(pair.state, "ghcr")["acme/fresh"] == "private"
    assert pair.get_token("ghcr", "repository:acme/fresh:pull").status_code == 403
    registry_admin.set_visibility(pair.state, "ghcr", "acme/fresh", "public")
    answer = pair.client("ghcr", "repository:acme/fresh:pull").get("/v2/acme/fresh/manifests/1")
    assert answer.headers["docker-content-digest"] == image.digest


def test_a_later_push_leaves_the_visibility_alone(pair: Registries) -> None:
    client = migration(pair, "acme/settled")
    images.push(client, "acme/settled", "1", images.make("acme/settled:1"))
    registry_admin.set_visibility(pair.state, "ghcr", "acme/settled", "public")
    images.push(client, "acme/settled", "2", images.make("acme/settled:2"))
    assert registry_admin.visibility(pair.state, "ghcr")["acme/settled"] == "public"


def test_there_is_no_catalog(pair: Registries) -> None:
    assert migration(pair, "acme/tools").get("/v2/_catalog").status_code == 404


def test_a_manifest_cannot_be_deleted_through_the_registry_but_through_the_packages_api(pair: Registries) -> None:
    client = migration(pair, "acme/gone")
    image = images.make("acme/gone:1")
    images.push(client, "acme/gone", "1", image)
    path = f"/v2/acme/gone/manifests/{image.digest}"
    assert client.delete(path).status_code == 405
    assert client.head(path).status_code == 200
    registry_admin.delete_manifest(pair.state, "ghcr", "acme/gone", image.digest)
    assert client.head(path).status_code == 404


@pytest.mark.parametrize(("size", "status"), [(4 * 1024 * 1024, 202), (4 * 1024 * 1024 + 1, 416)])
def test_a_chunk_over_4_mib_is_refused(pair: Registries, size: int, status: int) -> None:
    client = migration(pair, "acme/large")
    location = client.post("/v2/acme/large/blobs/uploads/").headers["location"]
    answer = client.patch(location, content=bytes(size), headers={"Content-Range": f"0-{size - 1}"})
    assert answer.status_code == status


def test_a_large_blob_in_one_stream_is_taken(pair: Registries) -> None:
    client = migration(pair, "acme/large")
    blob = oci.Blob(oci.LAYER_TYPE, bytes(5 * 1024 * 1024))
    location = client.post("/v2/acme/large/blobs/uploads/").headers["location"]
    assert client.put(location, params={**httpx.URL(location).params, "digest": blob.digest}, content=blob.data)
    assert client.head(f"/v2/acme/large/blobs/{blob.digest}").status_code == 200


def test_upper_case_is_refused(pair: Registries) -> None:
    answer = migration(pair, "acme/tools").get("/v2/Acme/tools/manifests/3")
    assert (answer.status_code, answer.json()["errors"][0]["code"]) == (400, "NAME_INVALID")
    assert pair.get_token("ghcr", "repository:Acme/tools:pull", MIGRATION).status_code == 400


@pytest.mark.parametrize("status", [201, 202])
def test_a_mount_works_or_starts_an_upload_instead(pair: Registries, status: int) -> None:
    registry_admin.set_rules(pair.state, "ghcr", mount=status)
    name = f"acme/mounted-{status}"
    client = migration(pair, "acme/tools", name)
    digest = images.make("acme/tools:3", source="https://github.com/acme/tools").blobs[0].digest
    answer = client.post(f"/v2/{name}/blobs/uploads/", params={"mount": digest, "from": "acme/tools"})
    assert answer.status_code == status
    assert client.head(f"/v2/{name}/blobs/{digest}").status_code == (200 if status == 201 else 404)


def test_tags_come_in_pages_of_100(pair: Registries) -> None:
    client = migration(pair, "acme/many")
    image = images.make("acme/many:1")
    images.push(client, "acme/many", "v000", image)
    for number in range(1, 101):
        reference = f"/v2/acme/many/manifests/v{number:03}"
        client.put(reference, content=image.index.data, headers={"Content-Type": oci.INDEX_TYPE})
    first = client.get("/v2/acme/many/tags/list", params={"n": 1000})
    assert len(first.json()["tags"]) == 100
    rest = client.get(first.links["next"]["url"])
    assert rest.json()["tags"] == ["v100"]
    assert "next" not in rest.links


def test_a_blob_is_served_by_another_host_that_wants_no_token(pair: Registries) -> None:
    client = pair.client("ghcr", "repository:acme/tools:pull", CLUSTER_DEMO)
    blob = images.make("acme/tools:3", source="https://github.com/acme/tools").blobs[0]
    answer = client.get(f"/v2/acme/tools/blobs/{blob.digest}")
    assert answer.status_code == 307
    link = answer.headers["location"]
    assert httpx.URL(link).host == BLOB_HOST
    assert httpx.get(link, trust_env=False, verify=False).content == blob.data
    assert httpx.get(link, trust_env=False, verify=False, headers={"Range": "bytes=10-19"}).content == blob.data[10:20]
    brought = httpx.get(link, headers={"Authorization": client.headers["authorization"]}, trust_env=False, verify=False)
    assert brought.status_code == 400
    assert httpx.get(link.replace("signature=", "signature=0"), trust_env=False, verify=False).status_code == 403
    assert client.get(f"/v2/acme/tools/blobs/{DIGEST}").status_code == 404
