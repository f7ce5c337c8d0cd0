"""Connections: which host, which proxy, which certificates, and how long is too long."""

from __future__ import annotations

import socket
import ssl
import threading
import time
from collections.abc import Iterator
from contextlib import nullcontext
from pathlib import Path
from typing import cast

import pytest
from urllib3 import HTTPResponse

from hub2ghcr.errors import RegistryError, Unreachable
from hub2ghcr.registry import Access, Patience, Registry
from hub2ghcr.registry.connections import Connections, Origin, TooSlow, split
from lab.certificates import Certificates, certificates
from tests.hub2ghcr.registry.serving import Asked, Reply, Serving, serving

QUICK = Patience(attempts=2, first=0.001)
DIGEST = "sha256:" + "1" * 64


@pytest.fixture(autouse=True)
def plain_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "https_proxy", "all_proxy", "no_proxy", "SSL_CERT_FILE", "SSL_CERT_DIR"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)


@pytest.fixture(scope="module")
def tls(tmp_path_factory: pytest.TempPathFactory) -> Certificates:
    return certificates(tmp_path_factory.mktemp("tls"))


@pytest.fixture
def secure(tls: Certificates) -> Iterator[Serving]:
    with serving(lambda _: 200, (tls.server, tls.server_key)) as found:
        yield found


def ask(endpoint: str, *, authority: Path | None = None, patience: Patience = QUICK) -> bool:
    registry = Registry(Access("r.example", endpoint, certificate_authority=authority), patience)
    try:
        return registry.has_blob("a/b", DIGEST)
    finally:
        registry.close()


@pytest.mark.parametrize(
    ("url", "origin", "target"),
    [
        ("https://ghcr.io", "https://ghcr.io", "/"),
        ("https://ghcr.io:443/v2/?a=b#c", "https://ghcr.io", "/v2/?a=b"),
        ("http://h:5000/x?d=sha256:1&_state=a%2Fb==", "http://h:5000", "/x?d=sha256:1&_state=a%2Fb=="),
        ("http://[::1]:5000/x", "http://[::1]:5000", "/x"),
        ("HTTPS://GHCR.io/X", "https://ghcr.io", "/X"),
    ],
)
def test_a_url_is_an_origin_and_what_is_below_it(url: str, origin: str, target: str) -> None:
    found, below = split(url)
    assert (str(found), below) == (origin, target)


@pytest.mark.parametrize("url", ["", "ghcr.io", "ftp://h", "https://", "https://h:port/", "https:///x"])
def test_what_is_no_url_has_no_origin(url: str) -> None:
    with pytest.raises(ValueError):
        split(url)


def test_another_port_is_another_origin() -> None:
    assert Origin("http", "h", 80) != Origin("http", "h", 81)


def test_an_unknown_authority_is_answered_with_what_to_name(secure: Serving) -> None:
    with pytest.raises(Unreachable) as caught:
        ask(secure.url)
    assert str(caught.value).startswith("r.example: its certificate is not trusted (")
    assert "certificateAuthority, or SSL_CERT_FILE" in str(caught.value)
    assert secure.asked == []


def test_an_authority_is_trusted_where_the_access_names_it(secure: Serving, tls: Certificates) -> None:
    assert ask(secure.url, authority=tls.authority)


def test_an_authority_is_trusted_where_the_environment_names_it(
    secure: Serving, tls: Certificates, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(tls.authority))
    assert ask(secure.url)


def test_a_certificate_of_another_host_is_refused_whoever_signed_it(
    tls: Certificates, secure: Serving, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = socket.getaddrinfo
    monkeypatch.setattr(socket, "getaddrinfo", lambda _, *more, **named: real("127.0.0.1", *more, **named))
    with pytest.raises(Unreachable, match=r"not trusted \(.*other\.example.*\).*check the endpoint, and the server's"):
        ask(secure.url.replace("127.0.0.1", "other.example"), authority=tls.authority)
    assert ask(secure.url.replace("127.0.0.1", "localhost"), authority=tls.authority)  # negative control


@pytest.mark.parametrize(("content", "words"), [("x", "no certificate in it"), (None, "No such file")])
def test_an_authority_that_cannot_be_read_is_named_by_its_file(tmp_path: Path, content: str | None, words: str) -> None:
    path = tmp_path / "ca.pem"
    if content:
        path.write_text(content)
    with pytest.raises(RegistryError) as caught:
        ask("https://127.0.0.1:9", authority=path)
    assert str(caught.value).startswith(f"{path}: the certificate authority cannot be read: {words}")


def test_a_server_without_tls_is_named_with_the_endpoint_to_declare() -> None:
    with serving(lambda _: 200) as plain:
        where = plain.url.removeprefix("http://")
        with pytest.raises(Unreachable) as caught:
            ask(f"https://{where}")
        assert str(caught.value).startswith(
            f"r.example: server gave HTTP response to HTTPS client: https://{where}; if it is meant to"
        )
        assert f"`endpoint: http://{where}`" in str(caught.value)
        assert ask(f"http://{where}")  # the remedy


def test_a_connection_that_is_refused_is_named_by_its_host() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))  # nobody listens
        url = f"http://127.0.0.1:{taken.getsockname()[1]}"
        with pytest.raises(Unreachable) as caught:
            ask(url)
    assert str(caught.value) == (
        f"r.example: cannot connect (Connection refused): {url}; check the endpoint and that the registry is up"
    )


def test_an_unknown_host_is_named_without_the_librarys_words(monkeypatch: pytest.MonkeyPatch) -> None:
    def unknown(*_: object, **__: object) -> object:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", unknown)
    with pytest.raises(
        Unreachable, match=r"^r\.example: cannot connect \(Name or service not known\): http://r\.invalid"
    ):
        ask("http://r.invalid")


def test_plain_requests_go_through_the_proxy_with_its_login(monkeypatch: pytest.MonkeyPatch) -> None:
    with serving(lambda _: 200) as proxy:
        monkeypatch.setenv("HTTP_PROXY", proxy.url.replace("//", "//me:secret@"))
        assert ask("http://r.example:5000")
        (asked,) = proxy.asked
        assert asked.path == f"http://r.example:5000/v2/a/b/blobs/{DIGEST}"
        assert asked.headers["host"] == "r.example:5000"
        assert asked.headers["proxy-authorization"] == "Basic bWU6c2VjcmV0"


def test_a_host_that_needs_no_proxy_is_never_asked_through_it(monkeypatch: pytest.MonkeyPatch) -> None:
    with serving(lambda _: 200) as registry, serving(lambda _: 502) as proxy:
        monkeypatch.setenv("HTTP_PROXY", proxy.url)
        assert ask(registry.url)  # the loopback
        assert proxy.asked == []
        with pytest.raises(RegistryError, match="502"):  # negative control
            ask("http://r.example")
        assert proxy.asked


def test_secure_requests_ask_the_proxy_for_a_tunnel_and_the_proxys_refusal_is_told(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with serving(lambda _: 407) as proxy:
        monkeypatch.setenv("HTTPS_PROXY", proxy.url.replace("//", "//me:secret@"))
        with pytest.raises(Unreachable) as caught:
            ask("https://r.example")
        assert proxy.lines[0] == "CONNECT r.example:443"
        assert proxy.asked[0].headers["proxy-authorization"] == "Basic bWU6c2VjcmV0"
    text = str(caught.value)
    assert text.startswith(f"r.example: cannot connect through the proxy {proxy.url} (")
    assert "407" in text and "check HTTPS_PROXY" in text
    assert "secret" not in text


def test_a_secure_registry_is_reached_through_a_tunnel(
    secure: Serving, tls: Certificates, monkeypatch: pytest.MonkeyPatch
) -> None:
    with tunnel(secure.url) as proxy:
        monkeypatch.setenv("HTTPS_PROXY", proxy)
        # The proxy alone knows where this is, and the certificate is for localhost.
        monkeypatch.setattr("hub2ghcr.registry.proxies._direct", lambda *_: False)
        assert ask("https://localhost:1", authority=tls.authority)
    assert secure.lines == [f"HEAD /v2/a/b/blobs/{DIGEST}"]
    assert "proxy-authorization" not in secure.asked[0].headers


def test_a_proxy_that_is_down_is_named_without_its_password(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTPS_PROXY", "http://me:secret@127.0.0.1:9")
    with pytest.raises(Unreachable, match=r"through the proxy http://127\.0\.0\.1:9 \(Connection refused\)") as caught:
        ask("https://r.example")
    assert "secret" not in str(caught.value) + repr(caught.value)


def test_connections_are_used_again() -> None:
    ports = set()

    def answer(asked: Asked) -> Reply:
        ports.add(threading.get_ident())  # the server has a thread for each connection
        return Reply()

    with serving(answer) as server:
        registry = Registry(Access("r.example", server.url), QUICK)
        for _ in range(5):
            registry.has_blob("a/b", DIGEST)
            registry.tags("a/b")
        registry.close()
    assert len(ports) == 1


def test_a_body_that_trickles_is_given_up() -> None:
    def trickle() -> Iterator[bytes]:
        for _ in range(300):
            time.sleep(0.01)
            yield b"x"

    with serving(lambda _: Reply(body=trickle(), length=1 << 40)) as server:
        slow = Patience(attempts=2, first=0.001, silence=0.2, slowest=10**6)
        registry = Registry(Access("r.example", server.url), slow)
        with pytest.raises(Unreachable, match=r"^r\.example/a/b \(blob .*the answer comes too slowly \(\d+ bytes in "):
            registry.get_blob("a/b", DIGEST)
        assert len(server.asked) == 2  # it may have passed
        registry.close()


class Clock:
    """A clock, and an answer whose pieces take seconds of it."""

    def __init__(self, *takes: float) -> None:
        self.now, self._takes = 0.0, list(takes)

    def monotonic(self) -> float:
        return self.now

    def read1(self, amount: int, decode_content: bool) -> bytes:
        if not self._takes:
            return b""
        self.now += self._takes.pop(0)
        return b"x" * 100


@pytest.mark.parametrize(
    ("takes", "reader", "whole"),
    [
        ((9.0, 9.0, 9.0), 0.0, True),
        ((20.0,) * 9, 0.0, False),
        ((9.0,) * 9, 1000.0, True),  # the time that a reader takes is not the server's
        ((0.0, 0.0, 0.0, 30.0, 9.0), 0.0, True),  # a pause after a good start
        ((0.0, 0.0, 0.0, 30.0, 20.0), 0.0, False),  # what was good then does not count for ever
    ],
)
def test_a_body_is_given_up_where_it_comes_slower_than_is_borne(
    monkeypatch: pytest.MonkeyPatch, takes: tuple[float, ...], reader: float, whole: bool
) -> None:
    clock = Clock(*takes)
    monkeypatch.setattr("hub2ghcr.registry.connections.time", clock)
    got = 0
    pieces = Connections(Patience(silence=20, slowest=10)).pieces(cast(HTTPResponse, clock))
    with nullcontext() if whole else pytest.raises(TooSlow):
        for piece in pieces:
            got += len(piece)
            clock.now += reader
    assert (got == 100 * len(takes)) == whole


def test_a_server_that_falls_silent_is_given_up() -> None:
    gone = threading.Event()

    def silent(_: Asked) -> int:
        gone.wait(20)
        return 200

    with serving(silent) as server:
        with pytest.raises(Unreachable, match="no answer in time"):
            ask(server.url, patience=Patience(attempts=1, silence=0.1))
        gone.set()


class tunnel:
    """A proxy that connects every tunnel to one server."""

    def __init__(self, url: str) -> None:
        self._to = split(url)[0]

    def __enter__(self) -> str:
        self._server = socket.create_server(("127.0.0.1", 0))
        threading.Thread(target=self._serve, daemon=True).start()
        return f"http://127.0.0.1:{self._server.getsockname()[1]}"

    def __exit__(self, *_: object) -> None:
        self._server.close()

    def _serve(self) -> None:
        here, _ = self._server.accept()
        while not here.recv(4096).endswith(b"\r\n\r\n"):
            pass
        here.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
        there = socket.create_connection((self._to.host, self._to.port))
        for source, target in ((here, there), (there, here)):
            threading.Thread(target=_pump, args=(source, target), daemon=True).start()


def _pump(source: socket.socket, target: socket.socket) -> None:
    try:
        while data := source.recv(65536):
            target.sendall(data)
    except (OSError, ssl.SSLError):
        pass
    finally:
        target.close()
