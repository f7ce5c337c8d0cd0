from __future__ import annotations

import pytest

from hub2ghcr.credentials import Credential
from hub2ghcr.errors import GitHubError
from hub2ghcr.github import GitHub, api_root
from tests.hub2ghcr.answering import answering

WHO = Credential("admin", "the-secret-token")


@pytest.mark.parametrize(
    ("endpoint", "root"),
    [
        ("https://api.github.com/", "https://api.github.com"),
        ("https://api.github.com", "https://api.github.com"),
        ("https://github.example.com/", "https://github.example.com/api/v3"),
        ("https://github.example.com/api/v3/", "https://github.example.com/api/v3"),
        ("http://127.0.0.1:80", "http://127.0.0.1:80/api/v3"),
    ],
)
def test_the_rest_api_begins_where_github_serves_it(endpoint: str, root: str) -> None:
    assert api_root(endpoint) == root


def test_what_is_there_is_told_from_what_is_not() -> None:
    answers: dict[str, object] = {
        "/api/v3/users/acme": {},
        "/api/v3/repos/acme/shop": {},
    }
    with answering(answers) as server, GitHub(server.url, WHO) as github:
        assert github.has_owner("acme") and not github.has_owner("other")
        assert github.has_repository("acme", "shop") and not github.has_repository("acme", "other")


@pytest.mark.parametrize(
    ("status", "told"),
    [
        (401, "GitHub refuses the token of admin (401)"),
        (403, "GitHub refuses admin (403)"),
        (502, "GitHub answered 502"),
    ],
)
def test_a_refusal_is_one_line_without_the_token(status: int, told: str) -> None:
    answers = {"/api/v3/users/acme": status}
    with (
        answering(answers) as server,
        GitHub(server.url, WHO, sleep=lambda _: None) as github,
        pytest.raises(GitHubError) as caught,
    ):
        github.has_owner("acme")
    assert str(caught.value).startswith(told)
    assert WHO.secret not in repr(caught.value)
    assert "\n" not in str(caught.value)


def test_an_unreachable_github_is_one_line() -> None:
    with (
        GitHub("http://127.0.0.1:1", WHO, sleep=lambda _: None) as github,
        pytest.raises(GitHubError, match="GitHub is unreachable"),
    ):
        github.has_owner("acme")


def test_an_unset_variable_in_the_endpoint_is_refused() -> None:
    with pytest.raises(GitHubError, match="variable is not set"):
        GitHub("${LAB_GITHUB_URL}", WHO)
