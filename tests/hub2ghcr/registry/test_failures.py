"""What goes wrong at a registry, in one line each."""

from __future__ import annotations

import json

import pytest
from urllib3 import HTTPHeaderDict

from hub2ghcr.credentials import Credential
from hub2ghcr.errors import AccessRefused, BudgetSpent, NotFound, RateLimited, RegistryError
from hub2ghcr.registry import failures
from hub2ghcr.registry.answer import Answer
from hub2ghcr.registry.failures import Passing

ME = Credential("me", "the-secret")
PLACE = "docker.io/acme/shop:1"


def answer(status: int, body: object = b"", **headers: str) -> Answer:
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    return Answer(status, HTTPHeaderDict({k.replace("_", "-"): v for k, v in headers.items()}), content)


def told(code: str, message: str = "") -> object:
    return {"errors": [{"code": code, "message": message}]}


@pytest.mark.parametrize(
    ("given", "kind", "words"),
    [
        (answer(404, told("MANIFEST_UNKNOWN", "none")), NotFound, "not found (404: MANIFEST_UNKNOWN none); check"),
        (answer(429), RateLimited, "too many requests (429); try again later, with fewer --jobs"),
        (answer(407), RegistryError, "docker.io: the proxy asks for a login (407); give the proxy's variable"),
        (answer(416), RegistryError, "too large in one piece (416)"),
        (answer(400, b"<html>"), RegistryError, "unexpected answer (400)"),
        (
            answer(400, b"Client sent an HTTP request to an HTTPS server."),
            RegistryError,
            "the server speaks HTTPS (400); write https:// in its endpoint",
        ),
        (
            answer(429, told("TOOMANYREQUESTS", "You have reached your pull rate limit."), RateLimit_Limit="100;w=9"),
            BudgetSpent,
            "wait for the next window (limit 100)",
        ),
    ],
)
def test_an_answer_is_an_error_with_its_remedy(given: Answer, kind: type[RegistryError], words: str) -> None:
    found = failures.answered(PLACE, given, ME)
    assert type(found) is kind
    assert str(found).startswith("docker.io") and words in str(found)


@pytest.mark.parametrize("status", [408, 425, 429, 500, 502, 503, 504])
@pytest.mark.parametrize(
    ("headers", "asked"),
    [
        ({}, None),
        ({"Retry_After": "3"}, 3.0),
        ({"Retry_After": "880µs, allowed: 44000/minute"}, pytest.approx(880e-6)),
        ({"Retry_After": "Fri, 20 Nov 2020 10:00:07 GMT", "Date": "Fri, 20 Nov 2020 10:00:00 GMT"}, 7.0),
    ],
)
def test_what_may_pass_asks_for_the_pause_of_its_registry(status: int, headers: dict[str, str], asked: object) -> None:
    found = failures.of(PLACE, answer(status, **headers), ME)
    assert isinstance(found, Passing)
    assert found.asked == asked


@pytest.mark.parametrize(
    ("given", "passes"),
    [
        (answer(400, told("DIGEST_INVALID")), True),
        (answer(404, told("MANIFEST_BLOB_UNKNOWN")), True),
        (answer(400, told("MANIFEST_INVALID")), False),
        (answer(404, told("MANIFEST_UNKNOWN")), False),
        (answer(400, {"errors": ["DIGEST_INVALID"]}), False),
    ],
)
def test_a_registry_that_is_just_storing_the_same_for_somebody_else_is_asked_again(given: Answer, passes: bool) -> None:
    assert isinstance(failures.of(PLACE, given, None), Passing) == passes


def test_the_registrys_words_are_shortened_printable_and_without_the_secret() -> None:
    words = f"no \x1b[31m {ME.secret} {ME.basic} " + "x" * 999
    text = str(failures.answered(PLACE, answer(400, told("DENIED", words)), ME))
    assert "\x1b" not in text and ME.secret not in text and ME.basic not in text
    assert "DENIED" in text and len(text) < 300


@pytest.mark.parametrize("body", [b"\xff\xfe", b"[]", b"[1]", b'{"errors": 1}', b'{"errors": [1]}', b"{", b"null"])
def test_any_body_is_a_line(body: bytes) -> None:
    assert "unexpected answer (418)" in str(failures.answered(PLACE, answer(418, body), None))


@pytest.mark.parametrize(
    ("status", "who", "scopes", "words"),
    [
        (401, None, ("repository:a:pull",), "refused to anonymous (401); give this registry a credential"),
        (401, ME, ("repository:a:pull",), "refused to me (401); check the token"),
        (403, ME, ("repository:a:pull",), "read:packages"),
        (403, ME, ("repository:a:pull,push",), "write:packages"),
    ],
)
def test_a_refusal_says_who_was_refused_and_what_is_needed(
    status: int, who: Credential | None, scopes: tuple[str, ...], words: str
) -> None:
    found = failures.refused(PLACE, answer(status), who, scopes)
    assert type(found) is AccessRefused and words in str(found)
