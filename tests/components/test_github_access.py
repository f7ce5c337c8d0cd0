from __future__ import annotations

import json
from collections.abc import Iterator

import pytest

from components import provider_process
from components.github_access import github
from hub2ghcr.errors import CredentialError


@pytest.fixture(autouse=True)
def configuration() -> Iterator[None]:
    credentials = {name: {"username": name, "secretKey": name} for name in ("admin", "other", "none")}
    provider_process.know(
        {"hub2ghcr:credentials": json.dumps(credentials), "hub2ghcr:admin": "a", "hub2ghcr:other": "b"}
    )
    yield
    provider_process.know({})


def test_all_that_ask_as_one_user_share_a_client_so_that_they_wait_together() -> None:
    first = github("http://127.0.0.1:1", "admin")
    assert github("http://127.0.0.1:1", "admin") is first
    assert github("http://127.0.0.1:1", "other") is not first
    assert github("http://127.0.0.1:2", "admin") is not first


def test_a_credential_without_a_value_is_named() -> None:
    with pytest.raises(CredentialError, match="none"):
        github("http://127.0.0.1:1", "none")
