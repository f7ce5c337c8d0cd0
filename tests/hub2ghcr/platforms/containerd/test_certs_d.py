"""Containerd's folders of a registry."""

from __future__ import annotations

import pytest

from hub2ghcr.platforms.containerd import Route
from hub2ghcr.platforms.containerd.certs_d import folders


@pytest.mark.parametrize(
    ("registry", "found"),
    [
        ("docker.io", ("docker.io",)),
        ("localhost:32000", ("localhost_32000_", "localhost:32000")),
        ("[2001:db8::1]:5000", ("[2001:db8::1]_5000_", "[2001:db8::1]:5000")),
    ],
)
def test_a_port_is_set_off_in_the_folder_that_is_looked_for_first(registry: str, found: tuple[str, ...]) -> None:
    assert folders(registry) == found
    assert Route(registry, "ghcr.io/acme", "https://ghcr.io", f"https://{registry}").folder == found[0]
