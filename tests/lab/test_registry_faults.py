"""Faults that tests may order from the lab's registries, and what is counted meanwhile."""

from __future__ import annotations

import hashlib
import os
import time
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

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


def blob(pair: Registries) -> tuple[httpx.Client, str, bytes]:
    """A client for a blob on the stand-in for the Hub, its path, its bytes."""
    found = max(make("library/nginx:1.27").blobs, key=lambda each: len(each.data))
    client = pair.client("hub", "repository:library/nginx:pull")
    return client, f"/v2/library/nginx/blobs/{found.digest}", found.data


def test_a_download_ends_early_as_if_that_were_all(pair: Registries) -> None:
    client, path, data = blob(pair)
    registry_admin.inject(pair.state, "hub", Fault("short", "/blobs/", "GET", bytes=1000))
    answer = client.get(path)
    assert (answer.status_code, answer.content) == (200, data[:1000])
    assert client.get(path).content == data, "negative control: the next one"


@pytest.mark.parametrize("at", [0, 1000, 5000])
def test_a_download_has_one_byte_changed(pair: Registries, at: int) -> None:
    client, path, data = blob(pair)
    registry_admin.inject(pair.state, "hub", Fault("corrupt", "/blobs/", "GET", bytes=at))
    got = client.get(path).content
    assert len(got) == len(data)
    assert [place for place, (one, other) in enumerate(zip(got, data, strict=True)) if one != other] == [at]


def test_a_download_trickles(pair: Registries) -> None:
    client, path, data = blob(pair)
    registry_admin.inject(pair.state, "hub", Fault("trickle", "/blobs/", "GET", bytes=1000, seconds=0.05))
    with client.stream("GET", path) as answer:
        pieces = list(answer.iter_raw())
    assert b"".join(pieces) == data
    assert len(pieces) >= len(data) // 1000


@pytest.mark.parametrize("kind", ["drop", "expired"])
def test_an_upload_ends_in_its_middle(pair: Registries, kind: str) -> None:
    bearer = registry_admin.token(pair.state, "ghcr", "acme/faults")
    client = pair.client("ghcr")
    client.headers["Authorization"] = f"Bearer {bearer}"
    registry_admin.inject(pair.state, "ghcr", Fault(kind, "/uploads/", "PUT", bytes=100_000))  # type: ignore[arg-type]
    data = os.urandom(300_000)
    digest = "sha256:" + hashlib.sha256(data).hexdigest()

    def upload() -> httpx.Response:
        place = client.base_url.join(client.post("/v2/acme/faults/blobs/uploads/").headers["location"])
        return client.put(place.copy_add_param("digest", digest), content=data)

    if kind == "drop":
        with pytest.raises(httpx.TransportError):
            upload()
    else:
        assert upload().status_code == 401
    assert client.head(f"/v2/acme/faults/blobs/{digest}").status_code == 404
    assert upload().status_code == 201, "negative control: the next one"
    moved = registry_admin.transfers(pair.state, "ghcr")
    assert moved == {("upload", "acme/faults", digest): 1}, "only what was committed"


def test_a_clock_that_is_ahead_shows_in_answers_and_tokens(pair: Registries) -> None:
    def ahead() -> list[float]:
        found = pair.get_token("hub", "repository:library/nginx:pull")
        seen = [found.headers["date"], pair.client("hub", "repository:library/nginx:pull").head(NGINX).headers["date"]]
        told = [parsedate_to_datetime(each) for each in seen]
        told.append(datetime.fromisoformat(found.json()["issued_at"]))
        now = datetime.now(UTC)
        return [abs((each - now).total_seconds()) for each in told]

    assert max(ahead()) < 60, "negative control: on time"
    registry_admin.set_rules(pair.state, "hub", clock=7200)
    assert all(7100 < each < 7300 for each in ahead())


def test_what_moved_is_counted_once_for_each_time(pair: Registries, nginx: httpx.Client) -> None:
    client, path, _ = blob(pair)
    registry_admin.inject(pair.state, "hub", Fault("status", "/blobs/"))
    assert [client.get(path).status_code for _ in range(3)] == [503, 200, 200]
    nginx.head(NGINX)
    nginx.get(NGINX)
    digest = path.rpartition("/")[2]
    assert registry_admin.transfers(pair.state, "hub") == {
        ("blob_get", "library/nginx", digest): 2,
        ("manifest_get", "library/nginx", "1.27"): 1,
    }
    registry_admin.reset_counters(pair.state, "hub")
    assert registry_admin.transfers(pair.state, "hub") == {}


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


@pytest.mark.parametrize("fault", [Fault("status", status=99), Fault("cut", path="("), Fault("trickle")])
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
    assert "python3 -m lab up" in caught.value.remedy
