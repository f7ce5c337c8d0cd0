"""Which proxy the environment names."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub2ghcr.errors import RegistryError
from hub2ghcr.registry.proxies import Proxy, proxy_for

ALL = {"HTTPS_PROXY": "http://p:3128", "HTTP_PROXY": "http://q:3128"}


@pytest.mark.parametrize(
    ("scheme", "environ", "expected"),
    [
        ("https", ALL, "http://p:3128"),
        ("http", ALL, "http://q:3128"),
        ("https", {"https_proxy": "http://small:1", "HTTPS_PROXY": "http://large:1"}, "http://small:1"),
        ("https", {"HTTP_PROXY": "http://q:3128"}, None),
        ("https", {"ALL_PROXY": "http://a:1"}, "http://a:1"),
        ("http", {"all_proxy": "http://a:1", "HTTP_PROXY": "http://q:2"}, "http://q:2"),
        ("https", {"HTTPS_PROXY": "p:3128"}, "http://p:3128"),
        ("https", {"HTTPS_PROXY": "https://p"}, "https://p:443"),
        ("https", {"HTTPS_PROXY": "http://[::1]:3128/"}, "http://[::1]:3128"),
        ("https", {"HTTPS_PROXY": ""}, None),
        ("https", {}, None),
    ],
)
def test_the_proxy_is_that_of_the_scheme(scheme: str, environ: dict[str, str], expected: str | None) -> None:
    found = proxy_for(scheme, "ghcr.io", 443, environ)
    assert (found and found.url) == expected


@pytest.mark.parametrize(
    ("host", "port", "exceptions", "direct"),
    [
        ("ghcr.io", 443, "ghcr.io", True),
        ("ghcr.io", 443, "other.io, GHCR.IO", True),
        ("ghcr.io", 443, "io", True),
        ("ghcr.io", 443, "cr.io", False),
        ("docker.corp.example", 443, ".corp.example", True),
        ("docker.corp.example", 443, "*.corp.example", True),
        ("docker.corp.example", 443, "corp.example", True),
        ("corp.example", 443, ".corp.example", True),
        ("notcorp.example", 443, "corp.example", False),
        ("ghcr.io", 443, "*", True),
        ("ghcr.io", 443, "", False),
        ("ghcr.io", 443, " , ", False),
        ("ghcr.io", 443, "ghcr.io:443", True),
        ("ghcr.io", 8443, "ghcr.io:443", False),
        ("10.1.2.3", 5000, "10.0.0.0/8", True),
        ("11.1.2.3", 5000, "10.0.0.0/8", False),
        ("10.1.2.3", 5000, "10.1.2.3", True),
        ("10.1.2.3", 5000, "10.1.2.3:5000", True),
        ("10.1.2.3", 5001, "10.1.2.3:5000", False),
        ("10.1.2.3", 5000, "3", False),
        ("fd00::1", 443, "fd00::/8", True),
        ("fd00::1", 443, "[fd00::1]:443", True),
        ("localhost", 80, "", True),
        ("registry.localhost", 80, "", True),
        ("127.0.0.1", 80, "", True),
        ("127.9.9.9", 80, "", True),
        ("::1", 80, "", True),
    ],
)
def test_exceptions_and_the_own_loopback_are_reached_directly(
    host: str, port: int, exceptions: str, direct: bool
) -> None:
    found = proxy_for("https", host, port, {**ALL, "NO_PROXY": exceptions})
    assert (found is None) == direct


def test_a_proxys_password_is_sent_and_never_shown() -> None:
    found = proxy_for("https", "ghcr.io", 443, {"HTTPS_PROXY": "http://me:s%40cret@p:3128"})
    assert found == Proxy("http://p:3128", "Basic bWU6c0BjcmV0")
    assert "cret" not in repr(found) and "Basic" not in repr(found)


@pytest.mark.parametrize("value", ["socks5://me:secret@p:1080", "http://", "http://me:secret@p:port", "http://["])
def test_a_proxy_that_cannot_be_used_is_named_by_its_variable_alone(value: str) -> None:
    with pytest.raises(RegistryError, match=r"^HTTPS_PROXY: the proxy is no http or https URL; write ") as caught:
        proxy_for("https", "ghcr.io", 443, {"HTTPS_PROXY": value})
    assert "secret" not in str(caught.value)


@given(st.text(), st.text())
def test_no_environment_ends_the_program(proxy: str, exceptions: str) -> None:
    try:
        proxy_for("https", "ghcr.io", 443, {"HTTPS_PROXY": proxy, "NO_PROXY": exceptions})
    except RegistryError:
        pass
