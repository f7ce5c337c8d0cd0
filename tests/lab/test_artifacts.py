"""What is no plain image: that the registries take it, and tell of it as the places they play do."""

from __future__ import annotations

import json

import httpx
import pytest

from lab import artifacts, images, oci, registry_admin
from lab.accounts import MIGRATION
from lab.registry_admin import Fault
from lab.registry_config import Place
from tests.lab.conftest import Registries

PLAIN = images.make("acme/artifacts:1")
MADE = {
    "attested": artifacts.attested(PLAIN),
    "chart": artifacts.chart(),
    "docker-list": artifacts.docker_list(PLAIN),
    "nested": artifacts.nested(PLAIN, images.make("acme/artifacts:2")),
    "referrer": artifacts.referrer(PLAIN.index),
    "signature": artifacts.cosign(PLAIN.digest),
    "wasm": artifacts.wasm(),
    "windows": artifacts.windows(),
}


def registry(pair: Registries, place: Place, repository: str = "acme/artifacts") -> httpx.Client:
    bearer = registry_admin.token(pair.state, place, repository)
    kinds = ", ".join((oci.INDEX_TYPE, oci.MANIFEST_TYPE, artifacts.DOCKER_LIST, artifacts.DOCKER_MANIFEST))
    headers = {"Authorization": f"Bearer {bearer}", "Accept": kinds}
    return httpx.Client(base_url=pair.url(place), headers=headers, trust_env=False, verify=False, timeout=10)


@pytest.mark.parametrize("place", ["hub", "ghcr"])
@pytest.mark.parametrize("name", MADE)
def test_registries_take_them_and_keep_their_digests(pair: Registries, place: Place, name: str) -> None:
    made = MADE[name]
    with registry(pair, place) as client:
        images.push(client, "acme/artifacts", name, made)
        found = client.get(f"/v2/acme/artifacts/manifests/{name}")
    assert (found.headers["docker-content-digest"], found.content) == (made.digest, made.index.data)


def test_the_same_bytes_each_time() -> None:
    assert artifacts.attested(PLAIN).digest == MADE["attested"].digest
    assert len({made.digest for made in MADE.values()}) == len(MADE)


def test_schema_1_is_answered_by_a_fault(pair: Registries) -> None:
    old = artifacts.schema_1("library/old", "1")
    answer = Fault(
        "status", "/library/old/", status=200, body=old.data.decode(), headers={"Content-Type": old.media_type}
    )
    registry_admin.inject(pair.state, "hub", answer)
    with registry(pair, "hub", "library/old") as client:
        found = client.get("/v2/library/old/manifests/1")
    assert (found.headers["content-type"], found.json()["schemaVersion"]) == (artifacts.SCHEMA_1, 1)


@pytest.mark.parametrize("habit", ["none", "empty", "native"])
def test_what_is_attached_is_told_by_the_habit_of_the_place(pair: Registries, habit: str) -> None:
    registry_admin.set_rules(pair.state, "ghcr", referrers=habit)  # type: ignore[arg-type]
    first, second = artifacts.referrer(PLAIN.index), artifacts.referrer(PLAIN.index, "application/x-signature", "two")
    with registry(pair, "ghcr") as client:
        images.push(client, "acme/artifacts", "1", PLAIN)
        for each in (first, second):
            images.push(client, "acme/artifacts", each.digest, each)
        images.push(client, "acme/artifacts", artifacts.fallback_tag(PLAIN.digest), artifacts.fallback(first, second))
        again = client.put(
            f"/v2/acme/artifacts/manifests/{first.digest}",
            content=first.index.data,
            headers={"content-type": oci.MANIFEST_TYPE},
        )
        found = client.get(f"/v2/acme/artifacts/referrers/{PLAIN.digest}")
        other = client.get(f"/v2/acme/artifacts/referrers/{first.digest}")
    assert again.headers.get("oci-subject") == (PLAIN.digest if habit == "native" else None)
    if habit == "none":
        assert found.status_code == 404
        return
    assert (found.status_code, found.headers["content-type"]) == (200, oci.INDEX_TYPE)
    told = {each["digest"]: each for each in found.json()["manifests"]}
    assert set(told) == ({first.digest, second.digest} if habit == "native" else set())
    assert other.json()["manifests"] == [], "negative control: nothing is attached to that one"
    if habit == "native":
        assert told[second.digest]["artifactType"] == "application/x-signature"
        assert told[second.digest] == json.loads(artifacts.fallback(second).index.data)["manifests"][0]


def test_what_is_attached_is_told_to_those_who_may_pull_alone(pair: Registries) -> None:
    registry_admin.set_rules(pair.state, "ghcr", referrers="native")
    anyone = pair.client("ghcr").get(f"/v2/acme/artifacts/referrers/{PLAIN.digest}")
    assert anyone.status_code == 401
    assert 'scope="repository:acme/artifacts:pull"' in anyone.headers["www-authenticate"]
    other = pair.client("ghcr", "repository:acme/other:pull", MIGRATION)
    assert other.get(f"/v2/acme/artifacts/referrers/{PLAIN.digest}").status_code == 401
