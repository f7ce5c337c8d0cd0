"""A daemon.json before, and with registries without TLS in it."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub2ghcr.errors import ManifestError
from hub2ghcr.platforms.microk8s.docker_daemon import KEY, merged

HOSTS = ["10.0.0.5:32000", "localhost:32000", "127.0.0.1:32000"]


def test_a_file_that_is_not_there_lists_what_docker_would_refuse() -> None:
    """The machine itself is insecure to Docker without being listed."""
    assert json.loads(merged("", HOSTS, "daemon.json")) == {KEY: ["10.0.0.5:32000"]}


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (
            '{\n\t"log-driver": "journald",\n\t"insecure-registries": ["a:1"]\n}\n',
            '{\n\t"log-driver": "journald",\n\t"insecure-registries": [\n\t\t"a:1",\n\t\t"10.0.0.5:32000"\n\t]\n}\n',
        ),
        ('{"debug": true}', '{\n  "debug": true,\n  "insecure-registries": [\n    "10.0.0.5:32000"\n  ]\n}\n'),
        ('{"insecure-registries": ["10.0.0.5:32000"]}', None),
        ('{"insecure-registries": ["10.0.0.0/8"]}', None),
        ('{"insecure-registries": ["not/anet", "10.0.0.5:32000"]}', None),
    ],
)
def test_every_other_key_stays_and_what_is_listed_is_not_listed_twice(before: str, after: str | None) -> None:
    assert merged(before, HOSTS, "daemon.json") == (before if after is None else after)


def test_a_name_is_listed_as_it_is() -> None:
    assert json.loads(merged("{}", ["registry.lan"], "daemon.json")) == {KEY: ["registry.lan"]}


@given(st.dictionaries(st.text().filter(lambda key: key != KEY), st.none() | st.booleans() | st.text(), max_size=4))
def test_nothing_is_lost(others: dict[str, Any]) -> None:
    found = json.loads(merged(json.dumps(others), HOSTS, "daemon.json"))
    assert found == {**others, KEY: ["10.0.0.5:32000"]}


@pytest.mark.parametrize(
    ("before", "what"),
    [
        ("{", "cannot be merged: "),
        ("[]", "cannot be merged: it is no object"),
        ('{"a": 1, "a": 2}', "cannot be merged: a key stands twice"),
        ('{"insecure-registries": "a"}', "insecure-registries: is no list of texts"),
        ('{"insecure-registries": [1]}', "insecure-registries: is no list of texts"),
    ],
)
def test_what_cannot_be_merged_is_refused(before: str, what: str) -> None:
    with pytest.raises(ManifestError, match=what):
        merged(before, HOSTS, "daemon.json")
