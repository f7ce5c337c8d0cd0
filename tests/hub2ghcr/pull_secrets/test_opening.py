"""What the entries of a pull Secret open, in words."""

from __future__ import annotations

import base64

import pytest

from hub2ghcr.credentials import HUB_KEY
from hub2ghcr.credentials.keyring import Entry
from hub2ghcr.errors import Hub2GhcrError
from hub2ghcr.pull_secrets.opening import check, doubt, openings
from hub2ghcr.pull_secrets.secret import TYPE, PullSecret

TOKEN = "ghp_" + "Abc123" * 6


def holding(*keys: str, user: str = "u", token: str = TOKEN) -> PullSecret:
    return PullSecret("shop", "pull", TYPE, {key: Entry(user, token) for key in keys})


@pytest.mark.parametrize(
    ("keys", "opens", "against"),
    [
        (("ghcr.io",), "ghcr.io", ""),
        (("https://ghcr.io/v1/",), "ghcr.io", ""),
        (("ghcr.io/acme",), "ghcr.io, what begins with acme", ""),
        (("*.example:5000",), "*.example:5000", ""),
        ((HUB_KEY,), "Docker Hub", ""),
        (("docker.io/acme",), "Docker Hub, what begins with acme", ""),
        ((HUB_KEY, "docker.io"), "nothing", "docker.io is taken before it"),
        ((HUB_KEY, "docker.io/acme"), "Docker Hub", "for what it begins with, docker.io/acme is taken before it"),
        (("registry-1.docker.io",), "nothing", f"the kubelet knows Docker Hub by {HUB_KEY} alone"),
        (("index.docker.io/v1",), "nothing", f"the kubelet knows Docker Hub by {HUB_KEY} alone"),
        (("GHCR.io",), "nothing", "the host is not written in lower case"),
        (("ghcr.io:x",), "nothing", "the kubelet ignores this key: it is no host"),
    ],
)
def test_an_entry_opens_what_the_kubelet_makes_of_its_key(keys: tuple[str, ...], opens: str, against: str) -> None:
    found = next(each for each in openings(holding(*keys)) if each.key == keys[0])
    assert (found.opens, found.doubt) == (opens, against)
    assert (found.user, found.kind) == ("u", "classic token ghp_…")


@pytest.mark.parametrize(
    ("host", "user", "token", "expected"),
    [
        ("ghcr.io", "u", TOKEN, ""),
        ("ghcr.io/acme", "u", "github_pat_x", "takes no fine-grained token: make a classic one with read:packages"),
        ("ghcr.io", "u", "ghs_x", "this token ends within hours"),
        ("ghcr.io", "u", "dckr_pat_x", "this is a token of Docker Hub"),
        ("quay.io", "acme+robot", "github_pat_x", ""),
        ("quay.io", "", "", "names nobody: what is pulled so is pulled anonymously"),
        ("quay.io", "u", "", "names nobody"),
    ],
)
def test_what_speaks_against_a_credential_is_seen_by_its_shape(host: str, user: str, token: str, expected: str) -> None:
    found = doubt(host, user, token)
    assert found == expected if not expected else expected in found


def test_nothing_of_a_token_is_in_the_words_wherever_it_stands() -> None:
    encoded = base64.b64encode(TOKEN.encode()).decode()
    words = repr(openings(holding("ghcr.io", user=TOKEN)) + openings(holding("ghcr.io", token=encoded)))
    assert TOKEN not in words
    assert encoded not in words
    assert TOKEN[:8] not in words


@pytest.mark.parametrize(
    "asked", ["ghcr.io", "https://ghcr.io/", "ghcr.io/acme/shop:1", "docker.io", HUB_KEY, "nginx:1"]
)
def test_a_check_takes_a_host_or_an_image(asked: str) -> None:
    check([holding("quay.io"), holding("ghcr.io", HUB_KEY)], asked)


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        ("quay.io", "quay.io: no entry opens it for a kubelet; what is opened: ghcr.io, what begins with acme"),
        ("ghcr.io", "ghcr.io: no entry opens it for a kubelet; what is opened: ghcr.io, what begins with acme"),
        ("nginx:1.27", "nginx:1.27: no entry opens it"),
        ("Not An Image", "malformed"),
    ],
)
def test_a_check_that_fails_says_what_is_opened(asked: str, expected: str) -> None:
    with pytest.raises(Hub2GhcrError) as caught:
        check([holding("ghcr.io/acme")], asked)
    assert expected in str(caught.value)


def test_an_entry_without_a_value_passes_no_check() -> None:
    with pytest.raises(Hub2GhcrError, match="what is opened: nothing"):
        check([holding("ghcr.io", user="", token="")], "ghcr.io")
