from __future__ import annotations

import ssl
import threading
import time
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path

import httpx
import pytest

from hub2ghcr import kubeconfig
from hub2ghcr.cluster.link import ATTEMPTS, LONGEST, RESTARTING, Link
from hub2ghcr.errors import ClusterError, Unavailable
from hub2ghcr.kubeconfig import Access
from tests.hub2ghcr.answering import answering

OK = httpx.Response(200, json={"kind": "Thing"})
Answer = httpx.Response | Exception


@pytest.fixture
def pauses(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    slept: list[float] = []
    monkeypatch.setattr("time.sleep", slept.append)
    return slept


def link(*answers: Answer, renew: Callable[[], Access] | None = None) -> tuple[Link, list[httpx.Request]]:
    asked: list[httpx.Request] = []

    def handler(request: httpx.Request) -> httpx.Response:
        asked.append(request)
        answer = answers[min(len(asked), len(answers)) - 1]
        if isinstance(answer, Exception):
            raise answer
        return answer

    made = Link("demo", access("old"), "server https://server", renew)
    made._client = httpx.Client(transport=httpx.MockTransport(handler))
    return made, asked


def access(token: str) -> Access:
    return Access("https://server", ssl.create_default_context(), {"Authorization": f"Bearer {token}"})


BUSY = httpx.Response(429, headers={"Retry-After": "3"})
CUT = httpx.RemoteProtocolError("closed")


@pytest.mark.parametrize("passing", [httpx.Response(503), httpx.Response(500), BUSY, CUT, httpx.ReadError("cut")])
def test_what_passes_is_asked_again(pauses: list[float], passing: Answer) -> None:
    made, asked = link(passing, passing, OK)
    assert made.ask("GET", "/x", "get x") == {"kind": "Thing"}
    assert len(asked) == 3 and len(pauses) == 2


def test_the_server_says_how_long_to_wait_within_bounds(pauses: list[float]) -> None:
    made, _ = link(BUSY, httpx.Response(429, headers={"Retry-After": "999"}), OK)
    made.ask("GET", "/x", "get x")
    assert pauses == [3.0, LONGEST]


@pytest.mark.parametrize("passing", [httpx.Response(503), BUSY, CUT])
def test_patience_ends(pauses: list[float], passing: Answer) -> None:
    made, asked = link(passing)
    with pytest.raises(ClusterError):
        made.ask("GET", "/x", "get x")
    assert len(asked) == ATTEMPTS


@pytest.mark.parametrize(("passing", "times"), [(httpx.Response(500), 1), (CUT, 1), (BUSY, 2)])
def test_what_may_have_arrived_is_not_sent_twice(pauses: list[float], passing: Answer, times: int) -> None:
    made, asked = link(passing, OK)
    try:
        made.ask("POST", "/x", "create x", body={}, repeatable=False)
    except ClusterError:
        pass
    assert len(asked) == times


@pytest.mark.parametrize("error", [httpx.ConnectError("refused"), httpx.ReadTimeout("slow")])
def test_who_does_not_answer_at_all_is_asked_once(pauses: list[float], error: Exception) -> None:
    made, asked = link(error)
    with pytest.raises(ClusterError, match=r"is unreachable .*; is server https://server the right one"):
        made.ask("GET", "/x", "get x")
    assert len(asked) == 1


REFUSED = httpx.ConnectError("refused")


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_a_server_that_restarts_is_waited_for(pauses: list[float], method: str) -> None:
    """Nothing arrived where nobody listens, so that anything may be sent again; what it says first may be 503."""
    made, _ = link(OK, *[REFUSED] * 4, BUSY, httpx.Response(503), OK)
    made.ask("GET", "/x", "get x")
    if method == "POST":
        with pytest.raises(Unavailable, match="answered 503"):
            made.ask("POST", "/x", "create x", body={}, repeatable=False)
    else:
        assert made.ask("GET", "/x", "get x") == {"kind": "Thing"}
    assert pauses[:5] == [0.2, 0.4, 0.8, 1.6, 3.2]


def test_one_that_does_not_come_back_is_waited_for_once(pauses: list[float]) -> None:
    made, asked = link(OK, REFUSED)
    made.ask("GET", "/x", "get x")
    for times in (1 + RESTARTING, 1 + RESTARTING + 1):
        with pytest.raises(Unavailable, match="is unreachable"):
            made.ask("GET", "/x", "get x")
        assert len(asked) == times
    assert 10 < sum(pauses) < 15


def test_a_certificate_that_is_not_the_clusters_own_is_not_waited_for(pauses: list[float]) -> None:
    made, asked = link(OK, httpx.ConnectError("[SSL: CERTIFICATE_VERIFY_FAILED] self-signed"))
    made.ask("GET", "/x", "get x")
    with pytest.raises(ClusterError, match="certificate authority of server https://server") as caught:
        made.ask("GET", "/x", "get x")
    assert not isinstance(caught.value, Unavailable)
    assert len(asked) == 2


def test_a_server_that_goes_away_and_comes_back_is_asked_again() -> None:
    """On the loopback; one that never answered is given up at once."""
    with answering({"/x": {"kind": "Thing"}}) as server:
        port = int(server.url.rpartition(":")[2])
        made = Link("demo", replace(access("t"), server=server.url), "server")
        made.ask("GET", "/x", "get x")
    began = time.monotonic()
    with pytest.raises(Unavailable):
        Link("demo", replace(access("t"), server=server.url), "server").ask("GET", "/x", "get x")
    assert time.monotonic() - began < 2
    back = ExitStack()
    returns = threading.Timer(0.5, lambda: back.enter_context(answering({"/x": {"kind": "Thing"}}, port)))
    returns.start()
    with back:
        assert made.ask("GET", "/x", "get x") == {"kind": "Thing"}
        returns.join()


def test_a_refused_token_is_renewed_once() -> None:
    made, asked = link(httpx.Response(401), OK, renew=lambda: access("new"))
    made.ask("GET", "/x", "get x")
    assert [each.headers["Authorization"] for each in asked] == ["Bearer old", "Bearer new"]
    made, asked = link(httpx.Response(401), renew=lambda: access("new"))
    with pytest.raises(ClusterError, match="refuses the credential"):
        made.ask("GET", "/x", "get x")
    assert len(asked) == 2


def test_a_token_that_stays_the_same_is_not_tried_again() -> None:
    made, asked = link(httpx.Response(401), renew=lambda: access("old"))
    with pytest.raises(ClusterError, match="refuses the credential"):
        made.ask("GET", "/x", "get x")
    assert len(asked) == 1


@pytest.mark.parametrize("body", [b"<html>", b"[]", b""])
def test_an_answer_that_is_no_object_is_an_error(body: bytes) -> None:
    made, _ = link(httpx.Response(200, content=body))
    with pytest.raises(ClusterError, match="answered 200"):
        made.ask("GET", "/x", "get x")


@pytest.mark.parametrize(
    ("url", "token", "told"),
    [
        ("http://server", "t", "must be an https:// URL"),
        ("${SERVER}", "t", "variable is not set"),
        ("https://server", "", "the token is empty"),
        ("https://server", "two words", "the token is empty, or no token"),
        ("https://server", "tök", "the token is empty, or no token"),
    ],
)
def test_a_server_needs_a_url_and_a_token_that_is_never_shown(url: str, token: str, told: str) -> None:
    with pytest.raises(ClusterError, match=told) as caught:
        kubeconfig.server(url, token)
    assert not token or token == "t" or token not in str(caught.value)


def test_an_authority_must_be_a_file_of_certificates(tmp_path: Path) -> None:
    with pytest.raises(ClusterError, match="certificate authority cannot be read: No such file"):
        kubeconfig.server("https://server", "t", tmp_path / "none.pem")
    (tmp_path / "ca.pem").write_text("no certificate")
    with pytest.raises(ClusterError, match="holds a certificate that does not parse"):
        kubeconfig.server("https://server", "t", tmp_path / "ca.pem")


def test_a_text_is_given_line_by_line() -> None:
    made, [*_] = link(httpx.Response(200, text="one\ntwo\n"))
    assert list(made.lines("/log", "get the log", query={"follow": "true"})) == ["one", "two"]


def test_a_text_that_is_cut_off_ends() -> None:
    made, _ = link(CUT)
    assert list(made.lines("/log", "get the log")) == []


def test_a_text_that_is_refused_is_told() -> None:
    made, _ = link(httpx.Response(403, json={"kind": "Status", "message": "no", "reason": "Forbidden"}))
    with pytest.raises(ClusterError, match="no"):
        list(made.lines("/log", "get the log", "Pod shop/p"))


def test_a_text_of_a_server_that_is_gone_is_told() -> None:
    made, _ = link(httpx.ConnectError("refused"))
    with pytest.raises(ClusterError, match="unreachable"):
        list(made.lines("/log", "get the log"))
