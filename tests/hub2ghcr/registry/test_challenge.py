"""The challenge of a 401."""

from __future__ import annotations

import pytest

from hub2ghcr.registry.challenge import Challenge, parse

SCOPE = "repository:library/nginx:pull,push"
HUB = f'Bearer realm="https://auth.docker.io/token",service="registry.docker.io",scope="{SCOPE}",error="invalid_token"'


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        ([HUB], Challenge("bearer", "https://auth.docker.io/token", "registry.docker.io", (SCOPE,))),
        (
            ['Bearer realm="https://r", scope="a:b:pull c:d:pull"'],
            Challenge("bearer", "https://r", "", ("a:b:pull", "c:d:pull")),
        ),
        (["bearer REALM=https://r/t,service=s"], Challenge("bearer", "https://r/t", "s")),
        ([r'Bearer realm="https://r/\"t\"" , service = x'], Challenge("bearer", 'https://r/"t"', "x")),
        (['Basic realm="Registry"'], Challenge("basic", "Registry")),
        (['Basic realm="x"', 'Bearer realm="https://r"'], Challenge("bearer", "https://r")),
        (['Basic realm="x", Bearer realm="https://r",service="s"'], Challenge("bearer", "https://r", "s")),
        (["Negotiate"], None),
        (['Bearer service="s"'], None),
        ([""], None),
        ([], None),
    ],
)
def test_the_strongest_challenge_is_read_from_all_headers(headers: list[str], expected: Challenge | None) -> None:
    assert parse(headers) == expected
