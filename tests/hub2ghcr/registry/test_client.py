"""One registry's operations, against a server that answers as each test says."""

from __future__ import annotations

import json
import logging
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from hub2ghcr.credentials import Credential
from hub2ghcr.errors import AccessRefused, DigestMismatch, NotFound, RateLimited, RegistryError, Unreachable
from hub2ghcr.registry import Access, Descriptor, Manifest, Patience, Registries, Registry
from hub2ghcr.registry.content import OCI_INDEX, OCI_MANIFEST, SCHEMA_1, digest_of
from lab.certificates import certificates
from tests.hub2ghcr.registry.serving import Asked, Reply, Serving, serving

ME = Credential("me", "the-secret")
CONTENT = json.dumps({"schemaVersion": 2, "config": {"mediaType": "c", "digest": "sha256:1", "size": 1}}).encode()
IMAGE = Manifest(OCI_MANIFEST, digest_of(CONTENT), CONTENT)
BLOB = Descriptor("application/octet-stream", digest_of(b"blob"), 4)
Answer = Callable[[Asked], Reply | int]


@contextmanager
def registry(
    answer: Answer, patience: Patience | None = None, host: str = "r.example"
) -> Iterator[tuple[Registry, Serving]]:
    with serving(answer) as server:
        found = Registry(Access(host, server.url, pull=ME, push=ME), patience or Patience(attempts=3, first=0.001))
        try:
            yield found, server
        finally:
            found.close()


def each(*replies: Reply | int) -> Answer:
    """Give the replies one after the other, the last one for ever."""
    left = list(replies)
    return lambda _: left.pop(0) if len(left) > 1 else left[0]


def at(replies: Mapping[str, Reply | int]) -> Answer:
    """Give a reply by method and path, 404 for any other."""
    return lambda asked: replies.get(f"{asked.method} {asked.path}", 404)


@contextmanager
def source() -> Iterator[list[bytes]]:
    yield [b"bl", b"ob"]


# What every kind of call goes through.
CALLS: dict[str, tuple[Callable[[Registry], Any], Reply | int]] = {
    "head": (lambda r: r.head_manifest("a/b", "1"), Reply(200, headers={"Docker-Content-Digest": IMAGE.digest})),
    "get": (lambda r: r.get_manifest("a/b", IMAGE.digest), Reply(200, CONTENT, {"Content-Type": OCI_MANIFEST})),
    "put": (lambda r: r.put_manifest("a/b", "1", IMAGE), Reply(201, headers={"Docker-Content-Digest": IMAGE.digest})),
    "has blob": (lambda r: r.has_blob("a/b", BLOB.digest), 200),
    "get blob": (lambda r: r.get_blob("a/b", BLOB.digest), Reply(200, b"blob")),
    "place blob": (lambda r: r.place_blob("a/b", BLOB, source), 200),
    "tags": (lambda r: list(r.tags("a/b")), Reply.of({"tags": ["1"]})),
    "referrers": (
        lambda r: r.referrers("a/b", IMAGE.digest),
        Reply.of({"manifests": []}, Content_Type=OCI_INDEX),
    ),
}
PASSING: dict[str, Reply | int] = {
    "429 with seconds": Reply(429, headers={"Retry-After": "0"}),
    "429 of GHCR": Reply(429, headers={"Retry-After": "880\u00b5s, allowed: 44000/minute"}),
    "429 with a date": Reply(
        429, headers={"Retry-After": "Fri, 20 Nov 2020 10:00:00 GMT", "Date": "Fri, 20 Nov 2020 10:00:00 GMT"}
    ),
    "429 bare": 429,
    "500": 500,
    "502": 502,
    "503": 503,
    "cut": Reply(200, b"{", length=999),
}


HEADS = ("head", "has blob", "place blob")  # have no body that could be cut


@pytest.mark.parametrize(
    ("call", "fault"), [(call, fault) for call in CALLS for fault in PASSING if fault != "cut" or call not in HEADS]
)
def test_a_failure_that_passes_is_waited_for_by_every_call(call: str, fault: str) -> None:
    operation, good = CALLS[call]
    with registry(each(PASSING[fault], good)) as (client, server):
        result = operation(client)
        assert len(server.asked) == 2
    with registry(each(good)) as (client, _):
        assert operation(client) == result  # the same as without


@pytest.mark.parametrize("call", CALLS)
def test_a_failure_that_does_not_pass_is_one_line_for_every_call(call: str) -> None:
    for status, kind in ((429, RateLimited), (503, RegistryError), (403, AccessRefused)):
        with registry(each(status)) as (client, _), pytest.raises(kind) as caught:
            CALLS[call][0](client)
        text = str(caught.value)
        assert text.startswith("r.example/a/b") and f"({status})" in text and "; " in text


def test_a_manifest_is_checked_and_comes_as_it_is() -> None:
    with registry(at({"GET /v2/a/b/manifests/1": CALLS["get"][1]})) as (client, _):
        assert client.get_manifest("a/b", "1") == IMAGE
        with pytest.raises(NotFound, match=r"^r\.example/a/b:2: not found"):
            client.get_manifest("a/b", "2")
    with registry(each(CALLS["get"][1])) as (client, _), pytest.raises(DigestMismatch):
        client.get_manifest("a/b", "sha256:" + "0" * 64)


@pytest.mark.parametrize("kind", SCHEMA_1)
def test_schema_1_is_asked_for_so_that_it_can_be_refused_by_name(kind: str) -> None:
    def old(asked: Asked) -> Reply | int:
        return Reply(200, b"{}", {"Content-Type": kind}) if kind in asked.headers["accept"] else 404

    with registry(old) as (client, _), pytest.raises(RegistryError) as caught:
        client.get_manifest("a/b", "sha256:" + "0" * 64)
    assert "Docker schema 1" in str(caught.value) and "skopeo copy --format v2s2" in str(caught.value)


@pytest.mark.parametrize("length", ["", "many", "-1", "7"])
def test_a_head_without_a_length_is_no_failure(length: str) -> None:
    headers = {"Docker-Content-Digest": IMAGE.digest, "Content-Type": OCI_MANIFEST, "Content-Length": length}
    with registry(each(Reply(200, headers=headers))) as (client, _):
        found = client.head_manifest("a/b", "1")
    assert found == Descriptor(OCI_MANIFEST, IMAGE.digest, 7 if length == "7" else 0)


def test_a_head_without_a_digest_is_followed_by_the_bytes() -> None:
    with registry(lambda asked: CALLS["get"][1] if asked.method == "GET" else 200) as (client, _):
        assert client.head_manifest("a/b", "1") == Descriptor(OCI_MANIFEST, IMAGE.digest, len(CONTENT))


@pytest.mark.parametrize("noted", [True, False])
def test_a_put_tells_whether_the_registry_took_note_of_the_subject(noted: bool) -> None:
    headers = {"Docker-Content-Digest": IMAGE.digest, **({"OCI-Subject": IMAGE.digest} if noted else {})}
    with registry(each(Reply(201, headers=headers))) as (client, _):
        assert client.put_manifest("a/b", IMAGE.digest, IMAGE) is noted


def test_a_put_that_the_registry_keeps_under_another_digest_is_a_mismatch() -> None:
    other = Reply(201, headers={"Docker-Content-Digest": "sha256:" + "0" * 64})
    with registry(each(other)) as (client, _), pytest.raises(DigestMismatch, match="the registry keeps sha256:000"):
        client.put_manifest("a/b", "1", IMAGE)


def test_tags_are_read_page_by_page_wherever_the_next_one_is() -> None:
    pages = {
        "GET /v2/a/b/tags/list?n=1000": Reply.of({"tags": ["1"]}, Link='</v2/a/b/tags/list?last=1>; rel="next"'),
        "GET /v2/a/b/tags/list?last=1": Reply.of({"tags": None}, Link='<list?last=2>; rel="next"'),
        "GET /v2/a/b/tags/list?last=2": Reply.of({"tags": ["3"]}),
    }
    with registry(at(pages)) as (client, _):
        assert list(client.tags("a/b")) == ["1", "3"]


@pytest.mark.parametrize("body", [b"", b"[]", b"{}", b'{"tags": 1}'])
def test_what_is_no_list_of_tags_is_an_error_of_ours(body: bytes) -> None:
    with registry(each(Reply(200, body))) as (client, _), pytest.raises(RegistryError, match="no list of tags"):
        list(client.tags("a/b"))


def test_a_list_that_leads_back_to_itself_ends() -> None:
    with registry(each(Reply.of({"tags": ["1"]}, Link='<x>; rel="next"'))) as (client, server):
        with pytest.raises(RegistryError, match="leads back"):
            list(client.tags("a/b"))
        assert len(server.asked) < 5


def test_referrers_are_read_page_by_page_with_their_types() -> None:
    item = {"mediaType": OCI_MANIFEST, "digest": BLOB.digest, "size": 4, "artifactType": "application/x"}
    path = f"/v2/a/b/referrers/{IMAGE.digest}"
    pages = {
        f"GET {path}": Reply.of({"manifests": [item]}, Content_Type=OCI_INDEX, Link=f'<{path}?p=2>; rel="next"'),
        f"GET {path}?p=2": Reply.of({"manifests": [item]}, Content_Type=OCI_INDEX),
    }
    with registry(at(pages)) as (client, _):
        found = client.referrers("a/b", IMAGE.digest)
    assert found == (Descriptor(OCI_MANIFEST, BLOB.digest, 4, artifact_type="application/x"),) * 2


@pytest.mark.parametrize("reply", [404, 400, 405, 406, 501, Reply(200, b"<html>", {"Content-Type": "text/html"})])
def test_a_registry_without_a_referrers_api_is_told_apart_from_an_empty_list(reply: Reply | int) -> None:
    with registry(each(reply)) as (client, _):
        assert client.referrers("a/b", IMAGE.digest) is None
    with registry(each(CALLS["referrers"][1])) as (client, _):
        assert client.referrers("a/b", IMAGE.digest) == ()


def upload(location: str, put: Reply | int = 201, mount: int = 202) -> Answer:
    def answer(asked: Asked) -> Reply | int:
        if asked.method == "HEAD":
            return 404
        if asked.method == "PUT":
            return put
        return Reply(mount if "mount=" in asked.path else 202, headers={"Location": location})

    return answer


@pytest.mark.parametrize(
    ("location", "put"),
    [
        ("/v2/a/b/blobs/uploads/7?_state=a%2Fb==", f"/v2/a/b/blobs/uploads/7?_state=a%2Fb==&digest={BLOB.digest}"),
        ("7", f"/v2/a/b/blobs/uploads/7?digest={BLOB.digest}"),
        ("/elsewhere", f"/elsewhere?digest={BLOB.digest}"),
    ],
)
def test_an_upload_goes_whole_to_where_the_registry_says(location: str, put: str) -> None:
    with registry(upload(location)) as (client, server):
        assert client.place_blob("a/b", BLOB, source) == "uploaded"
    assert server.lines[2:] == [f"PUT {put}"]
    assert server.asked[-1].body == b"blob"
    assert server.asked[-1].headers["content-length"] == "4"
    assert "transfer-encoding" not in server.asked[-1].headers and "content-range" not in server.asked[-1].headers


def test_a_mount_needs_no_question_before_it() -> None:
    with registry(upload("/u", mount=201)) as (client, server):
        assert client.place_blob("a/b", BLOB, source, mount="a/base") == "mounted"
    assert server.lines == [f"POST /v2/a/b/blobs/uploads/?mount={BLOB.digest}&from=a/base"]


def test_a_mount_that_is_declined_uses_the_upload_unless_the_blob_is_there() -> None:
    with registry(upload("/u")) as (client, server):
        assert client.place_blob("a/b", BLOB, source, mount="a/base") == "uploaded"
        assert [line.partition(" ")[0] for line in server.lines] == ["POST", "HEAD", "PUT"]
    there = upload("/u")
    with registry(lambda asked: 200 if asked.method == "HEAD" else there(asked)) as (client, server):
        assert client.place_blob("a/b", BLOB, source, mount="a/base") == "found"
        assert [line.partition(" ")[0] for line in server.lines] == ["POST", "HEAD"]


def test_a_question_is_spared_only_where_mounts_were_seen_to_work_and_the_blob_is_small() -> None:
    with registry(upload("/u", mount=201)) as (client, server):
        client.place_blob("a/b", BLOB, source)
        assert server.lines[0].startswith("HEAD ")  # nothing is known yet
        client.place_blob("a/b", BLOB, source, mount="a/base")
        server.asked.clear()
        assert client.place_blob("a/b", BLOB, source) == "found"
        assert server.lines == [f"POST /v2/a/b/blobs/uploads/?mount={BLOB.digest}&from=a/b"]
        server.asked.clear()
        with pytest.raises(RegistryError):
            client.place_blob("a/b", Descriptor("", BLOB.digest, 1 << 30), source)
        assert server.lines[0].startswith("HEAD ")


def test_a_token_that_expires_while_a_blob_is_sent_begins_a_new_upload() -> None:
    tokens: list[str] = []

    def answer(asked: Asked) -> Reply | int:
        if asked.path.startswith("/token"):
            tokens.append(f"t{len(tokens)}")
            return Reply.of({"token": tokens[-1], "expires_in": 300})
        realm = f'Bearer realm="http://{asked.headers["host"]}/token",service="s"'
        refused = Reply(401, headers={"WWW-Authenticate": realm})
        if asked.headers.get("authorization") != f"Bearer t{len(tokens) - 1}":
            return refused
        if asked.method == "PUT" and len(tokens) == 1:
            tokens.append("another one, so that the first is refused from now on")
            return refused
        return upload(f"/u{len(tokens)}")(asked)

    opened: list[int] = []

    @contextmanager
    def counted() -> Iterator[list[bytes]]:
        opened.append(1)
        yield [b"blob"]

    told: list[int] = []
    with registry(answer) as (client, server):
        assert client.place_blob("a/b", BLOB, counted, progress=told.append) == "uploaded"
    puts = [asked for asked in server.asked if asked.method == "PUT"]
    assert [asked.path.partition("?")[0] for asked in puts] == ["/u1", "/u3"]
    assert [asked.body for asked in puts] == [b"blob", b"blob"]
    assert len(opened) == 2 and sum(told) == 4
    assert server.cut == 0  # the spent body was not sent again


def bearer(inner: Answer) -> Answer:
    """Ask for a token before anything else."""

    def answer(asked: Asked) -> Reply | int:
        if asked.path.startswith("/token"):
            return Reply.of({"token": "the-token"})
        if asked.headers.get("authorization") != "Bearer the-token":
            realm = f'Bearer realm="http://{asked.headers["host"]}/token",service="s"'
            return Reply(401, headers={"WWW-Authenticate": realm})
        return inner(asked)

    return answer


def test_a_token_stays_at_its_origin_when_a_download_or_an_upload_leaves_it() -> None:
    # Another port of the same host is another origin.
    def storage_answers(asked: Asked) -> Reply | int:
        return Reply(200, b"blob") if asked.method == "GET" else 201

    with serving(storage_answers) as storage:

        def inner(asked: Asked) -> Reply | int:
            if asked.method == "GET":
                return Reply(307, headers={"Location": f"{storage.url}/stored?X-Signature=abc"})
            return 404 if asked.method == "HEAD" else Reply(202, headers={"Location": f"{storage.url}/up?s=1"})

        with registry(bearer(inner)) as (client, server):
            assert client.get_blob("a/b", BLOB.digest) == b"blob"
            assert client.place_blob("a/b", BLOB, source) == "uploaded"
    assert storage.lines == ["GET /stored?X-Signature=abc", f"PUT /up?s=1&digest={BLOB.digest}"]
    assert all("authorization" not in asked.headers for asked in storage.asked)
    assert any(asked.headers.get("authorization") == "Bearer the-token" for asked in server.asked)


def test_a_redirect_within_the_origin_keeps_the_token() -> None:
    def inner(asked: Asked) -> Reply | int:
        return Reply(200, b"blob") if asked.path == "/moved" else Reply(308, headers={"Location": "/moved"})

    with registry(bearer(inner)) as (client, server):
        assert client.get_blob("a/b", BLOB.digest) == b"blob"
    assert server.asked[-1].headers["authorization"] == "Bearer the-token"


def test_redirects_end() -> None:
    with registry(each(Reply(302, headers={"Location": "/again"}))) as (client, server):
        with pytest.raises(RegistryError, match="redirected more than 5 times"):
            client.has_blob("a/b", BLOB.digest)
        assert len(server.asked) == 6


@pytest.mark.parametrize("location", ["ftp://x/y", "http://", ""])
def test_a_redirect_to_nowhere_is_an_error_of_ours(location: str) -> None:
    with registry(each(Reply(307, headers={"Location": location}))) as (client, _), pytest.raises(RegistryError):
        client.get_blob("a/b", BLOB.digest)


def test_a_redirect_from_https_to_http_is_refused(tmp_path: Path) -> None:
    made = certificates(tmp_path)
    with serving(lambda _: Reply(200, b"blob")) as plain:
        away = Reply(307, headers={"Location": f"{plain.url}/x?secret=1"})
        with serving(lambda _: away, (made.server, made.server_key)) as secure:
            client = Registry(Access("r.example", secure.url, certificate_authority=made.authority))
            with pytest.raises(RegistryError, match="redirected from https to http") as caught:
                client.get_blob("a/b", BLOB.digest)
            client.close()
        assert plain.asked == [] and "secret" not in str(caught.value)


def test_an_answer_without_end_is_not_kept() -> None:
    def endless() -> Iterator[bytes]:
        while True:
            yield b"x" * (1 << 20)

    large = Reply(200, endless(), length=1 << 50)
    with registry(each(large)) as (client, _), pytest.raises(RegistryError, match="larger than 16 MiB"):
        client.get_manifest("a/b", "1")


@pytest.mark.parametrize("path", ["/token", "/registry/token"])
def test_nothing_is_wired_to_one_host_and_an_endpoint_may_have_a_path(path: str) -> None:
    # GitHub Enterprise: containers.HOST, or HOST itself.
    base = path.removesuffix("/token")
    with serving(at({f"HEAD {base}/v2/a/b/blobs/{BLOB.digest}": 200})) as server:
        client = Registry(Access("containers.github.example", server.url + base), Patience(attempts=1))
        assert client.has_blob("a/b", BLOB.digest)
        client.close()


def test_whoever_watches_is_told_the_allowance_of_every_answer_that_has_one() -> None:
    told: list[tuple[str, Mapping[str, str]]] = []
    seen = threading.Lock()

    def observe(host: str, headers: Mapping[str, str]) -> None:
        with seen:
            told.append((host, headers))

    limits = {"RateLimit-Limit": "100;w=21600", "RateLimit-Remaining": "7;w=21600"}
    answers = each(Reply(429, headers=limits), Reply(200, headers=limits), 200)
    with serving(answers) as server, Registries([Access("docker.io", server.url)], QUICK, observe=observe) as all_:
        all_.at("docker.io").has_blob("a/b", BLOB.digest)
        all_.at("docker.io").has_blob("a/b", BLOB.digest)
    assert [(host, headers["ratelimit-remaining"]) for host, headers in told] == [("docker.io", "7;w=21600")] * 2


QUICK = Patience(attempts=3, first=0.001)


def test_a_log_of_everything_holds_no_token_no_signature_and_no_secret(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)

    def inner(asked: Asked) -> Reply | int:
        if asked.path.startswith("/stored"):
            return Reply(200, b"blob")
        if asked.method == "GET":
            return Reply(307, headers={"Location": "/stored?X-Signature=abc"})
        return upload("/up?_state=session")(asked)

    with registry(bearer(inner)) as (client, _):
        client.get_blob("a/b", BLOB.digest)
        client.place_blob("a/b", BLOB, source)
    text = "\n".join(record.getMessage() for record in caplog.records)
    assert "GET /stored" in text and "PUT /up" in text  # there is a log to look at
    for secret in ("the-token", ME.secret, ME.basic, "X-Signature", "_state"):
        assert secret not in text


def test_a_cut_connection_names_the_place_and_no_query() -> None:
    away = Reply(307, headers={"Location": "/stored?X-Signature=abc"})

    def answer(asked: Asked) -> Reply | int:
        return Reply(200, b"x", length=9) if "stored" in asked.path else away

    with registry(answer) as (client, _), pytest.raises(Unreachable) as caught:
        client.get_blob("a/b", BLOB.digest)
    assert str(caught.value).startswith(f"r.example/a/b (blob {BLOB.digest}): the connection broke: http://")
    assert "Signature" not in str(caught.value)


def test_a_shared_token_that_opens_too_little_is_followed_by_one_for_the_repository_alone() -> None:
    def answer(asked: Asked) -> Reply | int:
        if asked.path.startswith("/token"):
            return Reply.of({"token": f"{asked.path.count('scope=')}-scopes"})
        token = asked.headers.get("authorization")
        if token is None:
            return Reply(401, headers={"WWW-Authenticate": f'Bearer realm="http://{asked.headers["host"]}/token"'})
        # This service opens the last of several scopes alone.
        good = token == "Bearer 1-scopes" or "a/c" in asked.path
        return Reply(200, headers={"Docker-Content-Digest": IMAGE.digest}) if good else 403

    with registry(answer) as (found, server):
        found.head_manifest("a/first", "1", push=True)
        found.expect(["a/a", "a/b", "a/c"])
        for name in ("a/a", "a/b", "a/c"):
            assert found.head_manifest(name, "1", push=True) is not None
    tokens = [each.path.count("scope=") for each in server.asked if each.path.startswith("/token")]
    assert tokens == [1, 3, 1, 1]


@pytest.mark.parametrize(
    ("push", "who"), [(None, ME), (Credential("pusher", "p"), Credential("pusher", "p"))], ids=["reader", "pusher"]
)
def test_a_target_is_looked_at_by_who_pushes_and_where_nobody_does_by_who_pulls(
    push: Credential | None, who: Credential
) -> None:
    """A stack that only requires its images has no credential that could write them."""

    def answer(asked: Asked) -> Reply:
        if asked.headers.get("authorization") != f"Basic {who.basic}":
            return Reply(401, headers={"WWW-Authenticate": 'Basic realm="r"'})
        return Reply(200, CONTENT, {"Content-Type": OCI_MANIFEST, "Docker-Content-Digest": IMAGE.digest})

    with serving(answer) as server:
        found = Registry(Access("r.example", server.url, pull=ME, push=push), Patience(attempts=1))
        try:
            assert found.head_manifest("a/b", "1", push=True) is not None
            assert found.get_manifest("a/b", "1", push=True) == IMAGE
            assert found.has_blob("a/b", BLOB.digest, push=True)
        finally:
            found.close()


def test_nobody_writes_with_a_credential_that_pulls() -> None:
    refuse = Reply(401, headers={"WWW-Authenticate": 'Basic realm="r"'})
    with serving(lambda _: refuse) as server:
        found = Registry(Access("r.example", server.url, pull=ME), Patience(attempts=1))
        with pytest.raises(AccessRefused):
            found.put_manifest("a/b", "1", IMAGE)
        found.close()
    assert all("authorization" not in each.headers for each in server.asked)
