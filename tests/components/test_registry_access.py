"""Where a provider's process reaches a registry under each of its names."""

from __future__ import annotations

from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from components import registry_access
from components.way_back import WayBackProvider
from hub2ghcr.allowance import Budget
from hub2ghcr.errors import Unreachable
from hub2ghcr.registry import Patience
from hub2ghcr.registry.content import OCI_INDEX
from tests.components.test_providers import configured
from tests.hub2ghcr.conftest import DIGEST
from tests.hub2ghcr.listening import listening

ONCE = Patience(attempts=1, silence=1)


class Heads(BaseHTTPRequestHandler):
    """A registry without TLS that has whatever is asked for."""

    def do_HEAD(self) -> None:
        self.send_response(200)
        for name, value in (("Docker-Content-Digest", DIGEST), ("Content-Type", OCI_INDEX), ("Content-Length", "1")):
            self.send_header(name, value)
        self.end_headers()

    def log_message(self, *_: Any) -> None:
        pass


@pytest.mark.parametrize("host", ["localhost:32000", "10.255.255.1:32000"])
def test_a_further_name_of_a_registry_is_asked_for_where_its_entry_says(host: str) -> None:
    """Nodes pull by the names of manifests; from here the registry may be reached in one way alone."""
    with ThreadingHTTPServer(("127.0.0.1", 0), Heads) as server, listening(server):
        entry = {"endpoint": f"http://127.0.0.1:{server.server_port}", "aliases": ["10.255.255.1:32000"]}
        configured(WayBackProvider, registries={"ghcr.io": None, "localhost:32000": entry})
        found = registry_access.opened(host, None, Budget(), ONCE).head_manifest("shop", "1")
    assert found is not None and found.digest == DIGEST


def test_a_host_that_nobody_declared_is_asked_for_by_its_own_name() -> None:
    configured(WayBackProvider, registries={"localhost:32000": {"aliases": ["10.255.255.1:32000"]}})
    with pytest.raises(Unreachable, match=r"127\.0\.0\.1:1"):
        registry_access.opened("127.0.0.1:1", None, Budget(), ONCE).head_manifest("shop", "1")
