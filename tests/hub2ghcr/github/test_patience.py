"""How the client of GitHub bears limits, failures and pages."""

from __future__ import annotations

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from hub2ghcr.credentials import Credential
from hub2ghcr.errors import GitHubError
from hub2ghcr.github import GitHub
from hub2ghcr.github.limits import Hold, limit_of
from hub2ghcr.github.token import Token, token_of
from hub2ghcr.registry import Patience
from tests.hub2ghcr.github.scripted import Said, Scripted, scripted

WHO = Credential("admin", "the-secret-token")
DONE = Said(200, {"login": "acme"})
EXACT = Patience(spread=lambda low, _: low, longest=900.0)


class Clock:
    """Time that passes by sleeping alone."""

    def __init__(self) -> None:
        self.slept: list[float] = []
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.slept.append(round(seconds, 1))
        self.now += seconds


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    found = Clock()
    monkeypatch.setattr("hub2ghcr.github.client.Hold", lambda sleep: Hold(sleep, found))
    return found


def client(server: Scripted, clock: Clock, told: Callable[[str], object] | None = None) -> GitHub:
    return GitHub(server.url, WHO, patience=EXACT, told=told, sleep=clock.sleep)


def resets(seconds: int, status: int = 403) -> Said:
    moment = {"Date": "Sat, 21 Nov 2026 12:00:00 GMT", "X-RateLimit-Reset": str(1795262400 + seconds)}
    return Said(status, {"message": "API rate limit exceeded"}, {"X-RateLimit-Remaining": "0", **moment})


@pytest.mark.parametrize(
    ("answer", "seconds"),
    [
        (resets(57), 58.0),
        (resets(57, 429), 58.0),
        (Said(403, {"message": "You have exceeded a secondary rate limit."}, {"Retry-After": "17"}), 17.0),
        (Said(429, {"message": "slow down"}, {"Retry-After": "17"}), 17.0),
        (Said(403, {"message": "You have exceeded a secondary rate limit."}), 60.0),
        (Said(429), 60.0),
    ],
)
@pytest.mark.parametrize("method", ["GET", "PUT"])
def test_what_github_limits_is_asked_again_when_it_says_whatever_it_is_and_the_wait_is_told(
    clock: Clock, answer: Said, seconds: float, method: str
) -> None:
    told: list[str] = []
    with scripted(answer, DONE) as server, client(server, clock, told.append) as github:
        assert github.send(method, "users", "acme") == {"login": "acme"}
    assert server.asked == [f"{method} /users/acme"] * 2
    assert clock.slept == [seconds]
    [line] = told
    assert f"waiting {seconds:.0f} s, until " in line and "rate limit holds admin up" in line


def test_a_secondary_limit_that_says_nothing_is_waited_for_longer_each_time(clock: Clock) -> None:
    with scripted(Said(429), Said(429), Said(429), DONE) as server, client(server, clock) as github:
        assert github.has_owner("acme")
    assert clock.slept == [60.0, 120.0, 240.0]


def test_a_limit_that_lasts_too_long_ends_the_run_and_says_until_when(clock: Clock) -> None:
    with scripted(resets(1800)) as server, client(server, clock) as github, pytest.raises(GitHubError) as caught:
        github.has_owner("acme")
    assert clock.slept == []
    assert caught.value.status == 403
    line = str(caught.value)
    assert line.startswith("GitHub's primary rate limit holds admin up (403): API rate limit exceeded")
    assert "it takes calls again at 20" in line


def test_while_github_limits_one_thread_no_other_asks(clock: Clock) -> None:
    told: list[str] = []
    answers = [Said(429, None, {"Retry-After": "30"})] * 2 + [DONE] * 4
    with scripted(*answers) as server, client(server, clock, told.append) as github, ThreadPoolExecutor(2) as pool:
        assert list(pool.map(github.has_owner, ["a", "b"])) == [True, True]
    assert clock.now <= 1062
    assert len(told) <= 2


@pytest.mark.parametrize("failure", [Said(500), Said(502), Said(503), Said(504), Said(0)])
def test_what_fails_for_a_moment_is_read_again(clock: Clock, failure: Said) -> None:
    with scripted(failure, failure, DONE) as server, client(server, clock) as github:
        assert github.has_owner("acme")
    assert clock.slept == [0.1, 0.3]


def test_what_goes_on_failing_is_one_line_and_its_longer_waits_were_told(clock: Clock) -> None:
    told: list[str] = []
    patience = Patience(spread=lambda _, high: high, first=2.0, attempts=4)
    with scripted(*[Said(502)] * 4) as server:
        github = GitHub(server.url, WHO, patience=patience, told=told.append, sleep=clock.sleep)
        with github, pytest.raises(GitHubError, match=r"^GitHub answered 502: .*run again later"):
            github.has_owner("acme")
    assert clock.slept == [2.0, 4.0, 8.0]
    assert [line.partition(", until")[0] for line in told] == [
        "GitHub answered 502: waiting 4 s",
        "GitHub answered 502: waiting 8 s",
    ]


@pytest.mark.parametrize("failure", [Said(502), Said(0)])
def test_what_may_have_been_written_is_not_written_again(clock: Clock, failure: Said) -> None:
    with scripted(failure, DONE) as server, client(server, clock) as github, pytest.raises(GitHubError):
        github.send("POST", "repos", "acme", "shop", "pulls", body={})
    assert server.asked == ["POST /repos/acme/shop/pulls"]


def test_what_was_not_sent_is_sent_again_whatever_it_is(clock: Clock) -> None:
    with GitHub("http://127.0.0.1:1", WHO, patience=EXACT, sleep=clock.sleep) as github, pytest.raises(GitHubError):
        github.send("PUT", "x")
    assert len(clock.slept) == EXACT.attempts - 1


@pytest.mark.parametrize("endpoint", ["ftp://127.0.0.1", "http://[", "nothing"])
def test_an_endpoint_that_is_none_is_not_tried_again(clock: Clock, endpoint: str) -> None:
    with pytest.raises((GitHubError, ValueError)), GitHub(endpoint, WHO, sleep=clock.sleep) as github:
        github.has_owner("acme")
    assert clock.slept == []


REFUSALS = [
    (
        Said(
            403, {"message": "Resource protected"}, {"X-GitHub-SSO": "required; url=https://github.com/orgs/a/sso?x=1"}
        ),
        "GitHub refuses admin (403): Resource protected",
        "authorise the token for the organisation's single sign-on: https://github.com/orgs/a/sso?x=1",
    ),
    (
        Said(
            403,
            {"message": "You need at least read:packages scope"},
            {"X-OAuth-Scopes": "repo", "X-Accepted-OAuth-Scopes": "read:packages, write:packages"},
        ),
        "GitHub refuses admin (403): You need at least read:packages scope",
        "the token needs the scope read:packages or write:packages, and has repo",
    ),
    (
        Said(404, {"message": "Not Found"}, {"X-OAuth-Scopes": "", "X-Accepted-OAuth-Scopes": "repo"}),
        "GitHub answered 404: Not Found",
        "the token needs the scope repo, and has none",
    ),
    (
        Said(
            403,
            {"message": "Resource not accessible by personal access token"},
            {"X-Accepted-GitHub-Permissions": "contents=write; contents=write,workflows=write"},
        ),
        "GitHub refuses admin (403): Resource not accessible by personal access token",
        "the token needs the permissions contents=write or contents=write,workflows=write",
    ),
    (
        Said(403, {"message": "Must have admin rights"}, {"X-OAuth-Scopes": "repo", "X-Accepted-OAuth-Scopes": "repo"}),
        "GitHub refuses admin (403): Must have admin rights",
        "a classic token with repo",
    ),
    (
        Said(403, {"message": "Repository was archived so is read-only."}),
        "GitHub refuses admin (403): Repository was archived so is read-only.",
        "unarchive it, or take it out of the settings",
    ),
    (Said(401, {"message": "Bad credentials"}), "GitHub refuses the token of admin (401): Bad credentials", "set a"),
    (Said(404, {"message": "Not Found"}), "GitHub answered 404: Not Found", "may the token write there"),
    (Said(409, {"message": "is at abc"}), "GitHub answered 409: is at abc", "somebody changed it meanwhile"),
    (
        Said(
            422,
            {"message": "Validation Failed", "errors": [{"field": "head", "code": "invalid"}, {"message": "b"}, "c"]},
        ),
        "GitHub answered 422: Validation Failed: head invalid: b: c",
        "",
    ),
    (Said(422, ["no object"]), "GitHub answered 422: ", ""),
    (Said(500, {"message": "Server Error"}), "GitHub answered 500: Server Error", "look whether it was done"),
]


@pytest.mark.parametrize(("answer", "told", "remedy"), REFUSALS)
def test_a_refusal_is_told_in_githubs_words_with_what_its_headers_say_to_do(
    clock: Clock, answer: Said, told: str, remedy: str
) -> None:
    with scripted(answer) as server, client(server, clock) as github, pytest.raises(GitHubError) as caught:
        github.send("PUT", "repos", "acme", "shop", body={})
    assert str(caught.value).startswith(told)
    assert caught.value.remedy.startswith(remedy)
    assert caught.value.status == answer.status
    assert caught.value.at("x").status == answer.status
    assert WHO.secret not in repr(caught.value) and "\n" not in str(caught.value)
    assert clock.slept == []


def test_what_must_be_there_and_is_not_may_be_hidden(clock: Clock) -> None:
    missing = "it is not there, or admin may not see it"
    with (
        scripted(Said(404, {"message": "Not Found"})) as server,
        client(server, clock) as github,
        pytest.raises(GitHubError, match=missing),
    ):
        github.token()


def test_a_list_is_read_to_its_end() -> None:
    pages = [
        Said(200, [{"id": 1}, {"id": 2}], {"Link": '<{url}/api/v3/orgs/acme/packages?page=2>; rel="next"'}),
        Said(200, [{"id": 3}], {"Link": '<{url}/api/v3/orgs/acme/packages?page=1>; rel="prev"'}),
    ]
    with scripted(*pages) as server, GitHub(server.url, WHO) as github:
        found = list(github.pages("orgs", "acme", "packages", query={"package_type": "container"}))
    assert [each["id"] for each in found] == [1, 2, 3]
    assert server.asked == [
        "GET /orgs/acme/packages?per_page=100&package_type=container",
        "GET /orgs/acme/packages?page=2",
    ]


def test_a_list_may_lie_within_an_object_and_one_that_is_not_there_is_empty() -> None:
    with (
        scripted(Said(200, {"total_count": 1, "secrets": [{"name": "A"}]}), Said(404)) as server,
        GitHub(server.url, WHO) as github,
    ):
        assert [each["name"] for each in github.pages("x", key="secrets")] == ["A"]
        assert list(github.pages("x", key="secrets")) == []


@pytest.mark.parametrize(
    ("answers", "told"),
    [
        ([Said(200, {"a": 1})], "no list"),
        ([Said(200, [], {"Link": '<http://127.0.0.1:1/x>; rel="next"'})], "another host"),
        ([Said(200, [], {"Link": '<{url}/api/v3/x?a=1>; rel="next"'})] * 3, "leads back"),
    ],
)
def test_a_list_that_is_none_or_leads_elsewhere_is_an_error(answers: list[Said], told: str) -> None:
    with scripted(*answers) as server, GitHub(server.url, WHO) as github, pytest.raises(GitHubError, match=told):
        list(github.pages("x"))


def test_an_answer_that_is_not_json_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tests.hub2ghcr.github.scripted.json.dumps", lambda _: "<html>")
    with (
        scripted(Said(200, {})) as server,
        GitHub(server.url, WHO) as github,
        pytest.raises(GitHubError, match="without JSON"),
    ):
        github.send("GET", "x")


def test_a_tokens_scopes_and_end_are_told_by_the_headers() -> None:
    headers = {
        "X-OAuth-Scopes": "repo, read:packages",
        "GitHub-Authentication-Token-Expiration": "2026-12-01 12:00:00 UTC",
    }
    with scripted(Said(200, {}, headers), Said(200, {})) as server, GitHub(server.url, WHO) as github:
        found = github.token()
        assert found.scopes == frozenset(("repo", "read:packages"))
        assert found.expires is not None and found.expires.day == 1
        assert github.token() == Token(None, None)
    assert token_of({"x-oauth-scopes": ""}).scopes == frozenset()


@pytest.mark.parametrize(
    ("status", "headers", "said"),
    [(403, {}, "Must have admin rights"), (403, {"x-ratelimit-remaining": "10"}, ""), (500, {"retry-after": "1"}, "")],
)
def test_other_refusals_are_no_limits(status: int, headers: dict[str, Any], said: str) -> None:
    assert limit_of(status, headers, said, 1) is None


def test_a_primary_limit_without_its_moment_or_a_clock_is_still_one() -> None:
    found = limit_of(403, {"x-ratelimit-remaining": "0"}, "", 1)
    assert found is not None and found.seconds == 61
    found = limit_of(403, {"x-ratelimit-remaining": "0", "x-ratelimit-reset": str(int(time.time()) + 100)}, "", 1)
    assert found is not None and 98 <= found.seconds <= 102
