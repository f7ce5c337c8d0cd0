"""Faults that tests may order from the lab's registries, and what is counted meanwhile."""

from __future__ import annotations

import time

import httpx
import pytest

from lab import registry_admin
from lab.accounts import CLUSTER_DEMO
from lab.errors import LabError
from lab.images import make
from lab.registry_admin import ODD_RETRY_AFTER, Fault
from tests.lab.conftest import Registries

NGINX = "/v2/library/nginx/manifests/1.27"


@pytest.fixture
def nginx(pair: Registries) -> httpx.Client:
    return pair.client("hub", "repository:library/nginx:pull")


def test_a_status_is_answered_as_often_as_ordered(pair: Registries, nginx: httpx.Client) -> None:
    registry_admin.inject(pair.state, "hub", Fault("status", "/manifests/", "GET", count=2, status=503, body="later"))
    assert nginx.head(NGINX).status_code == 200, "negative control: another method"
    assert nginx.get("/v2/").status_code == 200, "negative control: another path"
    assert [nginx.get(NGINX).status_code for _ in range(3)] == [503, 503, 200]
    assert registry_admin.faults(pair.state, "hub") == []
    assert registry_admin.counters(pair.state, "hub")["fault"] == 2


def test_a_fault_for_ever_ends_when_it_is_cleared(pair: Registries, nginx: httpx.Client) -> None:
    registry_admin.inject(pair.state, "hub", Fault("status", count=-1, status=500))
    assert {nginx.get(NGINX).status_code for _ in range(5)} == {500}
    registry_admin.clear_faults(pair.state, "hub")
    assert nginx.get(NGINX).status_code == 200


def test_headers_are_given_as_ordered_odd_ones_too(pair: Registries, nginx: httpx.Client) -> None:
    registry_admin.inject(pair.state, "hub", Fault("status", status=429, headers={"retry-after": ODD_RETRY_AFTER}))
    answer = nginx.get(NGINX)
    assert answer.status_code == 429
    assert dict(answer.headers.raw)[b"retry-after"].decode() == ODD_RETRY_AFTER


@pytest.mark.parametrize("path", ["/v2/.*/blobs/", "^/storage/"])
def test_a_download_is_cut_after_so_many_bytes(pair: Registries, path: str) -> None:
    client = pair.client("ghcr", "repository:acme/tools:pull", CLUSTER_DEMO)
    client.follow_redirects = True
    blob = max(make("acme/tools:3", source="https://github.com/acme/tools").blobs, key=lambda blob: len(blob.data))
    registry_admin.inject(pair.state, "ghcr", Fault("cut", path, "GET", bytes=1000))
    got = b""
    with pytest.raises(httpx.RemoteProtocolError), client.stream("GET", f"/v2/acme/tools/blobs/{blob.digest}") as body:
        for piece in body.iter_bytes():
            got += piece
    assert got == blob.data[:1000]
    assert client.get(f"/v2/acme/tools/blobs/{blob.digest}").content == blob.data, "negative control: the next one"


def test_an_answer_is_slow_as_ordered(pair: Registries, nginx: httpx.Client) -> None:
    registry_admin.inject(pair.state, "hub", Fault("slow", seconds=0.4))
    begun = time.monotonic()
    assert nginx.get(NGINX).status_code == 200
    assert time.monotonic() - begun >= 0.4
    begun = time.monotonic()
    nginx.get(NGINX)
    assert time.monotonic() - begun < 0.4


def test_a_token_is_refused_as_expired(pair: Registries, nginx: httpx.Client) -> None:
    registry_admin.inject(pair.state, "hub", Fault("expired"))
    answer = nginx.get(NGINX)
    assert answer.status_code == 401
    assert 'error="invalid_token"' in answer.headers["www-authenticate"]
    assert nginx.get(NGINX).status_code == 200


@pytest.mark.parametrize("fault", [Fault("status", status=99), Fault("cut", path="(")])
def test_a_fault_that_makes_no_sense_is_refused(pair: Registries, fault: Fault) -> None:
    with pytest.raises(LabError, match="hub: POST"):
        registry_admin.inject(pair.state, "hub", fault)


def test_requests_are_counted_by_kind(pair: Registries, nginx: httpx.Client) -> None:
    nginx.head(NGINX)
    nginx.get(NGINX)
    nginx.get(NGINX)
    nginx.get("/v2/library/nginx/tags/list")
    assert registry_admin.counters(pair.state, "hub") == {
        "manifest_get": 2,
        "manifest_head": 1,
        "tags_get": 1,
        "token": 1,
    }


def test_a_lab_that_is_down_is_named(tmp_path_factory: pytest.TempPathFactory) -> None:
    with pytest.raises(LabError) as caught:
        registry_admin.counters(tmp_path_factory.mktemp("down"), "ghcr")
    assert "python -m lab up" in caught.value.remedy
