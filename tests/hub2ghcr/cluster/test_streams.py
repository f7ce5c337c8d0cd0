"""What goes into a container and comes out of it, against a server of the test's own."""

from __future__ import annotations

import json
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
from websockets.http11 import Request, Response
from websockets.sync.server import ServerConnection, serve

from hub2ghcr.cluster import Cluster
from hub2ghcr.cluster.streams import PROTOCOL
from hub2ghcr.errors import ClusterError, Refused, Unavailable
from hub2ghcr.kubeconfig import Access

SUCCESS = b"\x03" + json.dumps({"status": "Success"}).encode()
FAILURE = b"\x03" + json.dumps({"status": "Failure", "message": "exit code 1", "reason": "NonZeroExitCode"}).encode()
Behaviour = Callable[[ServerConnection], None]


@contextmanager
def server(behaves: Behaviour, refusal: int = 0) -> Iterator[tuple[Cluster, list[Request]]]:
    """A cluster whose server opens streams and behaves so, or refuses them."""
    asked: list[Request] = []

    def process(connection: ServerConnection, request: Request) -> Response | None:
        asked.append(request)
        if not refusal:
            return None
        told = {"kind": "Status", "message": 'User "u" cannot get resource "pods/exec"', "reason": "Forbidden"}
        return connection.respond(refusal, json.dumps(told))

    with serve(behaves, "127.0.0.1", 0, process_request=process, subprotocols=[PROTOCOL]) as listening:  # type: ignore[list-item]
        thread = threading.Thread(target=listening.serve_forever, daemon=True)
        thread.start()
        port = listening.socket.getsockname()[1]
        headers = {"Authorization": "Bearer the-token"}
        reached = Access(f"http://127.0.0.1:{port}", ssl.create_default_context(), headers)
        with Cluster("demo", reached, "the test") as cluster:
            yield cluster, asked
        listening.shutdown()
        thread.join(5)


def feed(cluster: Cluster, *content: bytes) -> None:
    cluster.feed("shop", "p", "c", ["sh", "-c", "cat >x"], content)


def test_content_goes_to_standard_input_and_the_command_is_waited_for() -> None:
    got: list[bytes] = []

    def behaves(connection: ServerConnection) -> None:
        got.append(connection.recv(decode=False))
        got.append(connection.recv(decode=False))
        connection.send(b"\x01some output")
        connection.send(SUCCESS)

    with server(behaves) as (cluster, [*_]):
        feed(cluster, b"one", b"two")
    assert got == [b"\x00one", b"\x00two"]


def test_the_stream_is_asked_for_by_its_container_and_command_as_who_we_are() -> None:
    with server(lambda connection: connection.send(SUCCESS)) as (cluster, asked):
        feed(cluster)
    [request] = asked
    query = "container=c&command=sh&command=-c&command=cat+%3Ex&stdin=true&stdout=true&stderr=true"
    assert request.path == f"/api/v1/namespaces/shop/pods/p/exec?{query}"
    assert request.headers["Authorization"] == "Bearer the-token"


def test_a_command_that_fails_is_told_in_its_own_words() -> None:
    def behaves(connection: ServerConnection) -> None:
        connection.send(b"\x02first\nno space left\n")
        connection.send(FAILURE)

    with server(behaves) as (cluster, _), pytest.raises(Refused, match="failed: no space left") as caught:
        feed(cluster, *[b"x" * 1000] * 100)
    assert caught.value.path == "cluster demo: Pod shop/p"


def test_a_command_that_says_nothing_is_told_by_its_status() -> None:
    with (
        server(lambda connection: connection.send(FAILURE)) as (cluster, _),
        pytest.raises(Refused, match="exit code 1"),
    ):
        feed(cluster)


def test_a_stream_that_ends_before_its_command_is_no_success() -> None:
    with (
        server(lambda connection: connection.close()) as (cluster, _),
        pytest.raises(Unavailable, match="ended before"),
    ):
        feed(cluster)


def test_who_may_not_open_a_stream_is_told_which_right_is_missing() -> None:
    with server(lambda _: None, 403) as (cluster, _), pytest.raises(ClusterError, match="pods/exec"):
        feed(cluster)


def test_a_server_that_does_not_answer_is_told() -> None:
    with server(lambda _: None) as (cluster, _):
        pass
    with pytest.raises(ClusterError, match="unreachable"):
        feed(cluster)
