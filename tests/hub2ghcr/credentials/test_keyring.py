"""What the kubelet reads of a pull Secret: cases that Kubernetes' own code answered."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub2ghcr.credentials import Credential, docker_config_json
from hub2ghcr.credentials.keyring import Entry, entries, location, lookup
from hub2ghcr.errors import CredentialError

# "lookup": [keys, repository, keys in the order they are tried]; "entries": [text, old type, entries, or null where it
# is refused]: what pkg/credentialprovider of Kubernetes 1.34.4 answered, its own table of URLs among the lookups
CASES: dict[str, list[list[Any]]] = json.loads((Path(__file__).parent / "keyring_cases.json").read_text("utf-8"))
SECRET = "s3cr3t-value-nobody-may-see"


def test_the_entry_for_an_image_is_the_one_that_the_kubelet_takes() -> None:
    assert [[keys, repository, [*lookup(keys, repository)]] for keys, repository, _ in CASES["lookup"]] == CASES[
        "lookup"
    ]


@pytest.mark.parametrize("case", CASES["entries"], ids=lambda case: f"{case[0][:40]}-{case[1]}")
def test_a_secret_is_read_or_refused_as_the_kubelet_does(case: list[Any]) -> None:
    text, old, expected = case
    if expected is None:
        with pytest.raises(CredentialError):
            entries(text, "secret", old=old)
    else:
        found = entries(text, "secret", old=old)
        assert {key: [entry.username, entry.secret, entry.email] for key, entry in found.items()} == expected


@pytest.mark.parametrize(
    ("key", "opens"),
    [
        ("https://index.docker.io/v1/", True),
        ("index.docker.io", True),
        ("https://index.docker.io/v2/", True),
        ("docker.io", True),
        ("https://docker.io/", True),
        ("index.docker.io/v1", False),  # a path, since its last slash is missing
        ("https://index.docker.io/library", False),
        ("registry-1.docker.io", False),
        ("https://registry.hub.docker.com", False),
        ("hub.docker.com", False),
        ("Docker.io", False),
    ],
)
def test_docker_hub_opens_by_two_of_the_names_that_people_write(key: str, opens: bool) -> None:
    assert bool(lookup([key], "docker.io/library/nginx")) is opens


def test_another_key_for_docker_hub_hides_the_one_that_docker_writes() -> None:
    keys = ["https://index.docker.io/v1/", "docker.io/acme"]
    assert lookup(keys, "docker.io/acme/shop") == ("docker.io/acme",)
    assert lookup(keys, "docker.io/library/nginx") == ("https://index.docker.io/v1/",)


def test_what_we_write_for_docker_hub_and_others_the_kubelet_finds() -> None:
    hosts = ["docker.io", "ghcr.io", "quay.io/acme"]
    found = entries(docker_config_json({host: Credential("u", SECRET, "e@x") for host in hosts}), "secret")
    assert {Entry("u", SECRET, "e@x")} == set(found.values())
    for image in ("docker.io/library/nginx", "ghcr.io/acme/shop", "quay.io/acme/x"):
        assert len(lookup(found, image)) == 1
    assert lookup(found, "quay.io/other/x") == ()


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (" ", "secret: is empty; write it anew: `hub2ghcr secret make`"),
        (f'{{"auths": "{SECRET}', "secret: is not JSON (line 1)"),
        (f'{{"auths": ["{SECRET}"]}}', "secret: auths: must be an object"),
        (f'{{"auths": {{"ghcr.io": "{SECRET}"}}}}', "secret: auths[ghcr.io]: must be an object"),
        (
            f'{{"auths": {{"ghcr.io": {{"auth": "{SECRET}"}}}}}}',
            "secret: auths[ghcr.io]: auth is not base64; the kubelet then reads nothing of the Secret",
        ),
        (f'{{"auths": {{"ghcr.io": {{"password": ["{SECRET}"]}}}}}}', "auths[ghcr.io]: password must be a string"),
    ],
)
def test_what_it_cannot_read_is_one_line_without_a_value(text: str, message: str) -> None:
    with pytest.raises(CredentialError) as caught:
        entries(text, "secret")
    assert message in str(caught.value)
    assert SECRET not in str(caught.value)
    assert SECRET not in repr(Entry("u", SECRET, SECRET))


@given(st.text(max_size=40), st.sampled_from(["docker.io/library/nginx", "ghcr.io/acme/shop", "a.b:5/x"]))
def test_any_key_is_understood_or_ignored(key: str, repository: str) -> None:
    assert set(lookup([key], repository)) <= {key}
    assert (location(key) is not None) or lookup([key], repository) == ()
