"""Both registries of a lab, seeded, once for all tests that ask for them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import httpx
import pytest

from lab import images, registries, registry_admin, toolchain
from lab.accounts import Account
from lab.errors import LabError
from lab.registry_config import Place


@dataclass(frozen=True)
class Registries:
    """The running pair: their state folder, and how a client would speak to them."""

    state: Path

    def url(self, place: Place, path: str = "") -> str:
        return registries.endpoints(self.state)[place] + path

    def get_token(self, place: Place, scope: str, account: Account | None = None) -> httpx.Response:
        login = httpx.BasicAuth(account.user, account.token) if account else None
        return httpx.get(self.url(place, "/token"), params={"scope": scope}, auth=login, trust_env=False, verify=False)

    def client(self, place: Place, scope: str = "", account: Account | None = None) -> httpx.Client:
        """A client with the token that this account gets for this scope; without a scope none at all."""
        headers = {"Accept": "application/vnd.oci.image.index.v1+json, application/vnd.oci.image.manifest.v1+json"}
        if scope:
            answer = self.get_token(place, scope, account)
            assert answer.status_code == 200, answer.text
            headers["Authorization"] = f"Bearer {answer.json()['token']}"
        return httpx.Client(base_url=self.url(place), headers=headers, trust_env=False, verify=False, timeout=10)


@pytest.fixture(scope="session")
def running_registries(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Registries]:
    """Started and seeded once; skips only where the registry's binary cannot be had."""
    try:
        tools = toolchain.resolve(["registry"])
    except LabError as error:
        pytest.skip(f"the registry's binary cannot be had: {error.what}")
    state = tmp_path_factory.mktemp("lab")
    try:
        registries.up(state, tools)
        images.seed(state)
        yield Registries(state)
    finally:
        registries.down(state)


@pytest.fixture
def pair(running_registries: Registries) -> Iterator[Registries]:
    """The registries as they were after the seed, but for what tests pushed.

    Rules, limits, faults, and the visibility of what is there are put back.
    """
    _reset(running_registries.state)
    before = registry_admin.visibility(running_registries.state, "ghcr")
    yield running_registries
    _reset(running_registries.state)
    after = registry_admin.visibility(running_registries.state, "ghcr")
    for name, seen in before.items():
        if after.get(name) != seen:
            wanted: Literal["public", "private"] = "public" if seen == "public" else "private"
            registry_admin.set_visibility(running_registries.state, "ghcr", name, wanted)


def _reset(state: Path) -> None:
    for place in registries.endpoints(state):
        registry_admin.clear_faults(state, place)
        registry_admin.reset_counters(state, place)
        registry_admin.reset_rules(state, place)
    registry_admin.set_limit(state, "hub", anonymous=100, account=200, window=21600)
