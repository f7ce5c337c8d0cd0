"""Tokens: one for each scope, renewed in time, and never sent to the wrong place."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
from urllib3 import HTTPHeaderDict

from hub2ghcr.credentials import Credential
from hub2ghcr.errors import AccessRefused, RegistryError
from hub2ghcr.registry.answer import Answer
from hub2ghcr.registry.tokens import Authority, scope
from tests.hub2ghcr.registry.serving import Reply

PULL, PUSH = Credential("puller", "pull-secret"), Credential("pusher", "push-secret")
HUB = 'Bearer realm="https://auth.docker.io/token?x=1",service="registry.docker.io"'
READ = (scope("acme/shop"),)
WRITE = (scope("acme/shop", push=True),)


class Service:
    """A token service whose tokens are numbered; the clock is set by the test."""

    def __init__(self, **answer: Any) -> None:
        self.answer = answer
        self.asked: list[tuple[list[tuple[str, str]], str]] = []
        self.status = 200
        self.now = 1000.0
        self._lock = threading.Lock()

    def __call__(self, url: str, headers: Mapping[str, str], place: str) -> Answer:
        with self._lock:
            self.asked.append((parse_qsl(urlsplit(url).query), headers.get("Authorization", "")))
            token = f"t{len(self.asked)}"
        body = Reply.of({"token": token, **self.answer}).body
        assert isinstance(body, bytes)
        return Answer(self.status, HTTPHeaderDict(), body)

    def authority(self, challenge: str = HUB, *, secure: bool = True, pull: Credential | None = PULL) -> Authority:
        found = Authority(self, secure, pull, PUSH, clock=lambda: self.now)
        assert found.authorization(READ, "docker.io/acme/shop") is None
        found.challenged([challenge], READ, None)
        return found


def test_a_scope_has_one_token_however_many_ask_at_once() -> None:
    service = Service(expires_in=300)
    authority = service.authority()
    with ThreadPoolExecutor(8) as pool:
        found = set(pool.map(lambda _: authority.authorization(READ, "p"), range(50)))
    assert found == {"Bearer t1"}
    assert service.asked == [
        ([("x", "1"), ("service", "registry.docker.io"), ("scope", READ[0])], f"Basic {PULL.basic}")
    ]


def test_writing_speaks_with_the_credential_that_pushes() -> None:
    service = Service()
    authority = service.authority()
    authority.authorization(WRITE, "p")
    assert service.asked[-1][1] == f"Basic {PUSH.basic}"
    # Whoever may push may read, where nobody else is named.
    alone = Service()
    alone.authority(pull=None).authorization(READ, "p")
    assert alone.asked[-1][1] == f"Basic {PUSH.basic}"


@pytest.mark.parametrize(
    ("answer", "fresh", "stale"),
    [
        ({"expires_in": 300}, 284, 286),
        ({"expires_in": 10}, 7, 9),
        ({}, 44, 50),
        # The service's clock is of no interest: neither a date far away nor one to come changes how long a token lives.
        ({"expires_in": 300, "issued_at": "2001-01-01T00:00:00Z"}, 284, 286),
        ({"expires_in": 300, "issued_at": "2099-01-01T00:00:00Z"}, 284, 286),
    ],
)
def test_a_token_is_renewed_shortly_before_it_runs_out(answer: dict[str, Any], fresh: float, stale: float) -> None:
    service = Service(**answer)
    authority = service.authority()
    assert authority.authorization(READ, "p") == "Bearer t1"
    service.now += fresh
    assert authority.authorization(READ, "p") == "Bearer t1"
    service.now += stale - fresh
    assert authority.authorization(READ, "p") == "Bearer t2"


def test_a_refused_token_is_forgotten_unless_another_thread_has_a_newer_one() -> None:
    service = Service(expires_in=300)
    authority = service.authority()
    old = authority.authorization(READ, "p")
    assert authority.challenged([HUB], READ, old)
    assert authority.authorization(READ, "p") == "Bearer t2"
    assert authority.challenged([HUB], READ, old)
    assert authority.authorization(READ, "p") == "Bearer t2"


def test_a_registry_behind_another_name_gets_the_scope_that_it_asks_for() -> None:
    service = Service()
    authority = service.authority(HUB + ',scope="repository:mirror/acme/shop:pull repository:acme/shop:pull"')
    authority.authorization(READ, "p")
    assert [value for name, value in service.asked[-1][0] if name == "scope"] == [
        READ[0],
        "repository:mirror/acme/shop:pull",
    ]


@pytest.mark.parametrize("realm", ["http://auth.docker.io/token", "ftp://x/y", "token", "https://", "https://h:port/"])
def test_a_credential_is_sent_to_no_token_service_that_is_less_safe_than_its_registry(realm: str) -> None:
    service = Service()
    authority = service.authority(f'Bearer realm="{realm}"')
    with pytest.raises(RegistryError, match=r"^docker\.io/acme/shop: the token service .*; check the endpoint$"):
        authority.authorization(READ, "docker.io/acme/shop")
    assert service.asked == []


def test_a_plain_registry_may_have_a_plain_token_service() -> None:
    service = Service()
    assert service.authority('Bearer realm="http://h/token"', secure=False).authorization(READ, "p") == "Bearer t1"


@pytest.mark.parametrize("token", ["", "a\r\nX: y", "ü", 7, None])
def test_what_is_no_token_is_never_sent(token: object) -> None:
    with pytest.raises(AccessRefused, match="answered without a token"):
        Service(token=token).authority().authorization(READ, "p")


def test_a_login_that_fails_is_named_by_its_host_and_a_scope_that_is_denied_by_its_image() -> None:
    service = Service()
    authority = service.authority()
    service.status = 401
    with pytest.raises(AccessRefused, match=r"^docker\.io: refused to puller \(401\)"):
        authority.authorization(READ, "docker.io/acme/shop:1")
    service.status = 403
    with pytest.raises(AccessRefused, match=r"^docker\.io/acme/shop:1: refused to puller \(403\)"):
        authority.authorization(READ, "docker.io/acme/shop:1")


def test_basic_authentication_needs_no_token() -> None:
    service = Service()
    authority = service.authority('Basic realm="x"')
    assert authority.authorization(READ, "p") == f"Basic {PULL.basic}"
    assert service.asked == []


def test_repositories_below_a_path_speak_with_its_own_credential() -> None:
    team, all_of_acme = Credential("team", "team-secret"), Credential("acme", "acme-secret")
    authority = Authority(Service(), True, PULL, PUSH, (("acme/shop", team), ("acme", all_of_acme)))

    def who(repository: str, push: bool = False) -> Credential | None:
        return authority.credential((scope(repository, push=push), scope("acme/shop")))

    assert who("acme/shop") == who("acme/shop/web", push=True) == team
    assert who("acme/shopping") == all_of_acme
    assert (who("acmes/x"), who("acmes/x", push=True)) == (PULL, PUSH)


MANY = [(scope(f"acme/{number:02}", push=True),) for number in range(30)]


def _scopes(asked: list[tuple[str, str]]) -> list[str]:
    return [value for name, value in asked if name == "scope"]


def test_scopes_that_are_expected_share_tokens() -> None:
    service = Service()
    authority = service.authority()
    authority.expect(MANY)
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(lambda each: authority.authorization(each, "p"), MANY))
    assert [len(_scopes(asked)) for asked, _ in sorted(service.asked, key=lambda each: -len(each[0]))] == [20, 10]
    assert len(set(found)) == 2
    # Negative control: what nobody expected costs a question each
    authority.authorization(READ, "p")
    authority.authorization(WRITE, "p")
    assert len(service.asked) == 4


def test_a_shared_token_that_the_service_refuses_is_asked_for_one_by_one() -> None:
    service = Service()

    def refusing(url: str, headers: Mapping[str, str], place: str) -> Answer:
        answer = service(url, headers, place)
        return replace(answer, status=403) if len(_scopes(parse_qsl(urlsplit(url).query))) > 1 else answer

    authority = Authority(refusing, True, PULL, PUSH)
    authority.challenged([HUB], READ, None)
    authority.expect(MANY[:3])
    assert len({authority.authorization(each, "p") for each in MANY[:3]}) == 3
    assert [len(_scopes(asked)) for asked, _ in service.asked] == [3, 1, 1, 1]


def test_a_shared_token_that_the_registry_refuses_makes_way_for_one_of_its_own() -> None:
    service = Service()
    authority = service.authority()
    authority.expect(MANY[:3])
    shared = authority.authorization(MANY[0], "p")
    assert authority.challenged([HUB], MANY[0], shared)  # 401
    assert authority.alone(MANY[1])  # 403
    assert not authority.alone(MANY[1])
    own = {authority.authorization(each, "p") for each in MANY[:2]}
    assert len(own | {shared}) == 3
    assert authority.authorization(MANY[2], "p") == shared


def test_repositories_with_a_credential_of_their_own_share_no_token_with_others() -> None:
    service = Service()
    authority = Authority(service, True, PULL, PUSH, (("acme/00", PULL),))
    authority.challenged([HUB], READ, None)
    authority.expect(MANY[:3])
    for each in MANY[:3]:
        authority.authorization(each, "p")
    assert [(len(_scopes(asked)), who) for asked, who in service.asked] == [
        (1, f"Basic {PULL.basic}"),
        (2, f"Basic {PUSH.basic}"),
    ]
