"""What stands around every answer: who is asking, how much is left, what goes wrong on demand."""

from __future__ import annotations

from dataclasses import asdict

import pytest

from lab.github_api import faults
from lab.github_api.faults import Fault
from tests.lab.github_api.conftest import SHOP, GitHub


def test_an_unknown_token_is_refused(github: GitHub) -> None:
    answer = github("GET", SHOP, token="wrong")
    assert (answer.status_code, answer.json()["message"]) == (401, "Bad credentials")


def test_an_expired_token_is_refused(github: GitHub) -> None:
    body = {"user": "acme-admin", "token": "lab-old", "scopes": ["repo"], "expires": "2020-01-01 00:00:00 UTC"}
    github.lab("POST", "tokens", body)
    assert github("GET", "/user", token="lab-old").status_code == 401


def test_an_answer_tells_scopes_expiry_and_what_is_left(github: GitHub) -> None:
    headers = github("GET", "/user").headers
    assert headers["x-oauth-scopes"] == "read:packages, repo, workflow"
    assert headers["github-authentication-token-expiration"].endswith(" UTC")
    assert headers["x-ratelimit-remaining"] == "5000"


def test_the_same_paths_answer_without_the_prefix_of_an_enterprise_server(github: GitHub) -> None:
    assert github.ask("GET", SHOP).json()["url"].endswith(f"8484{SHOP}")
    assert github.ask("GET", f"/api/v3{SHOP}").json()["url"].endswith(f"/api/v3{SHOP}")


def test_a_private_repository_is_not_found_by_strangers(github: GitHub) -> None:
    github.lab("POST", "repositories", {"owner": "acme", "name": "hidden", "private": True, "files": {"a": "b"}})
    assert github("GET", "/repos/acme/hidden", token="").status_code == 404
    assert github("GET", "/repos/acme/hidden").status_code == 200


def test_an_unchanged_answer_is_not_sent_again(github: GitHub) -> None:
    first = github("GET", SHOP)
    again = github.ask("GET", f"/api/v3{SHOP}", headers={**_login(), "If-None-Match": first.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    github.write("a.txt", "x" * 2048)
    changed = github.ask("GET", f"/api/v3{SHOP}", headers={**_login(), "If-None-Match": first.headers["etag"]})
    assert changed.status_code == 200


@pytest.mark.parametrize(
    "fault",
    [
        faults.BAD_CREDENTIALS,
        faults.NO_SSO,
        faults.NOT_FOUND,
        faults.CONFLICT,
        faults.INVALID,
        faults.SECONDARY_LIMIT,
        faults.UNAVAILABLE,
        faults.SECONDARY_LIMIT_403,
        faults.SERVER_ERROR,
        faults.BAD_GATEWAY,
        faults.primary_limit(),
        faults.no_sso("beta"),
    ],
    ids=lambda fault: str(fault.status),
)
def test_a_fault_happens_as_often_as_asked_and_no_more(github: GitHub, fault: Fault) -> None:
    github.lab("POST", "faults", {**asdict(fault), "method": "GET", "path": "^/user$", "count": 2})
    assert github("GET", SHOP).status_code == 200
    for _ in range(2):
        answer = github("GET", "/user")
        assert (answer.status_code, answer.json()["message"]) == (fault.status, fault.message)
        assert fault.headers.items() <= {k: answer.headers.get(k) for k in fault.headers}.items()
    assert github("GET", "/user").status_code == 200
    assert github.lab("GET", "faults") == []


def test_a_call_may_be_carried_out_though_its_answer_is_lost(github: GitHub) -> None:
    lost = {**asdict(faults.BAD_GATEWAY), "method": "PUT", "after": True}
    github.lab("POST", "faults", lost)
    assert github("PUT", f"{SHOP}/contents/a.txt", {"message": "m", "content": ""}).status_code == 502
    assert github("GET", f"{SHOP}/contents/a.txt").status_code == 200


def test_every_call_is_logged_with_its_operation_status_and_user(github: GitHub) -> None:
    github.ok("GET", SHOP)
    assert github("GET", "/no/such", token="").status_code == 404
    assert github("GET", SHOP, token="wrong").status_code == 401
    github.lab("POST", "faults", {**asdict(faults.UNAVAILABLE), "path": "^/user$"})
    assert github("GET", "/user").status_code == 503
    assert [tuple(one.values()) for one in github.lab("GET", "calls")] == [
        ("GET", "/repos/{owner}/{repo}", SHOP, 200, "acme-admin"),
        ("GET", "/no/such", "/no/such", 404, ""),
        ("GET", SHOP, SHOP, 401, ""),
        ("GET", "/user", "/user", 503, ""),
    ]
    github.lab("DELETE", "calls")
    assert github.lab("GET", "calls") == []


def test_a_fault_that_is_none_is_refused(github: GitHub) -> None:
    assert github.ask("POST", "/_lab/faults", {"path": "("}).status_code == 400
    assert github.ask("POST", "/_lab/faults", {"kind": "?"}).status_code == 400


def test_a_body_that_is_no_object_is_refused(github: GitHub) -> None:
    assert github("POST", f"{SHOP}/pulls", [1]).status_code == 400


def test_calls_are_counted_by_operation_and_unknown_ones_by_path(github: GitHub) -> None:
    github.ok("GET", SHOP)
    assert github("GET", "/no/such").status_code == 404
    assert github.lab("GET", "counters") == {"GET /no/such": 1, "GET /repos/{owner}/{repo}": 1}


def test_graphql_names_the_caller_and_says_what_it_cannot_do(github: GitHub) -> None:
    path = "/api/graphql"
    known = github.ask("POST", path, {"query": "query { viewer { login } }"}, _login())
    assert known.json()["data"]["viewer"]["login"] == "acme-admin"
    assert "errors" in github.ask("POST", path, {"query": "query { enterprise }"}, _login()).json()
    assert github.ask("POST", path, {"query": "query { viewer { login } }"}).status_code == 401


def test_a_reset_forgets_what_was_done(github: GitHub) -> None:
    github.write("a.txt", "x")
    github.lab("POST", "reset")
    assert github("GET", f"{SHOP}/contents/a.txt").status_code == 404
    assert github("GET", SHOP).status_code == 200


def _login() -> dict[str, str]:
    return {"Authorization": "token lab-github-admin-0b6d5f13"}
