from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub2ghcr.delivering.mentions import moved
from tests.hub2ghcr.delivering.conftest import MAPPING

TARGET = "ghcr.io/acme/shop"
DIGEST = "sha256:" + "a" * 64


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("docker pull acme/shop", "docker pull ghcr.io/acme/shop"),
        ("docker run --rm acme/shop:1.4 serve\n", "docker run --rm ghcr.io/acme/shop:1.4 serve\n"),
        ("Use `docker.io/acme/shop`.\r\n", "Use `ghcr.io/acme/shop`.\r\n"),
        ("It is acme/shop:1.4.", "It is ghcr.io/acme/shop:1.4."),
        (f"(acme/shop@{DIGEST})", f"(ghcr.io/acme/shop@{DIGEST})"),
        ("    image: acme/shop", "    image: ghcr.io/acme/shop"),
        ("[acme/shop:latest](x)", "[ghcr.io/acme/shop:latest](x)"),
        ("FROM acme/shop AS base", "FROM ghcr.io/acme/shop AS base"),
    ],
)
def test_a_whole_reference_moves(before: str, after: str) -> None:
    assert moved(before, MAPPING, TARGET) == after
    assert moved(after, MAPPING, TARGET) == after


@pytest.mark.parametrize(
    "text",
    [
        "See acme/shop for the sources.",
        "https://hub.docker.com/r/acme/shop",
        "docker pull ghcr.io/acme/shop:1",
        "docker pull quay.io/acme/shop:1",
        "docker pull acme/shop-api:1",
        "docker pull acme/shop/sub:1",
        "docker pull myacme/shop:1",
        "docker pull acme/other:1",
        "git clone git@github.com:acme/shop.git # docker",
        "docker run $REGISTRY/acme/shop:1",
        "docker run acme/shop:$TAG",
        "docker run acme/shop:${TAG}",
        "docker images at 10:30",
        "acme/shop#12 is about docker",
        "",
    ],
)
def test_everything_else_stays(text: str) -> None:
    assert moved(text, MAPPING, TARGET) == text


PARTS = st.sampled_from(
    ["docker pull ", "acme/shop", ":1.4", "ghcr.io/", "docker.io/", "`", " ", ".", "/", "#1", "\r\n", "é"]
)


@given(st.lists(PARTS, max_size=12).map("".join))
def test_what_has_moved_stays_moved_and_lines_end_as_they_did(text: str) -> None:
    once = moved(text, MAPPING, TARGET)
    assert moved(once, MAPPING, TARGET) == once
    assert once.count("\r\n") == text.count("\r\n")
