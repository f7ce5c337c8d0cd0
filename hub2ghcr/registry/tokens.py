"""Authentication at one registry: which credential speaks, and one token per scope, renewed before it runs out.

Distribution's token specification: a 401 names the token service; it is asked with Basic authentication (or nothing)
and answers ``token`` or ``access_token``, ``expires_in`` (seconds, default 60).
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlsplit

import httpx

from ..credentials import Credential
from ..errors import AccessRefused, RegistryError
from . import failures
from .challenge import Challenge, parse

DEFAULT_LIFE: Final = 60.0
"""Seconds that a token lives when the service does not say (token specification)."""
MARGIN: Final = 15.0
"""Seconds before its end at which a token is renewed; at most a fifth of its life."""

Scopes = tuple[str, ...]


def scope(repository: str, *, push: bool = False) -> str:
    """Return the scope of a repository: ``repository:NAME:pull`` or ``repository:NAME:pull,push``."""
    return f"repository:{repository}:pull{',push' if push else ''}"


@dataclass(frozen=True, slots=True)
class _Token:
    value: str
    renew: float


class Authority:
    """The tokens of one registry, shared by all threads.

    Reading speaks with the ``pull`` credential and else with ``push``; writing with ``push`` alone.
    """

    def __init__(
        self,
        client: httpx.Client,
        endpoint: str,
        pull: Credential | None,
        push: Credential | None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._client = client
        self._secure = urlsplit(endpoint).scheme == "https"
        self._pull = pull or push
        self._push = push
        self._clock = clock
        self._challenge: Challenge | None = None
        self._extra: dict[Scopes, Scopes] = {}
        self._tokens: dict[Scopes, _Token] = {}
        self._locks: dict[Scopes, threading.Lock] = {}
        self._lock = threading.Lock()

    def credential(self, scopes: Scopes) -> Credential | None:
        """Return who speaks for these scopes; None is anonymous."""
        return self._push if any(each.endswith("push") for each in scopes) else self._pull

    def authorization(self, scopes: Scopes, place: str) -> str | None:
        """Return the ``Authorization`` to send; None while the registry has not asked for any.

        Raises:
            AccessRefused, Unreachable, failures.Passing: the token service gives none.
        """
        challenge = self._challenge
        if challenge is None:
            return None
        if challenge.scheme == "basic":
            credential = self.credential(scopes)
            return f"Basic {credential.basic}" if credential else None
        with self._lock:
            lock = self._locks.setdefault(scopes, threading.Lock())
        with lock:
            token = self._tokens.get(scopes)
            if token is None or self._clock() >= token.renew:
                token = self._tokens[scopes] = self._fetch(challenge, scopes, place)
        return f"Bearer {token.value}"

    def challenged(self, response: httpx.Response, scopes: Scopes, used: str | None) -> bool:
        """Learn from a 401, and forget the token that was refused; True when another try makes sense."""
        challenge = parse(response.headers.get_list("www-authenticate"))
        if challenge is None:
            return False
        self._challenge = challenge
        with self._lock:
            # A registry behind another name may want other scopes than those we know of.
            self._extra[scopes] = tuple(sorted(set(challenge.scopes) - set(scopes)))
            token = self._tokens.get(scopes)
            if token is not None and used == f"Bearer {token.value}":
                del self._tokens[scopes]
        return challenge.scheme == "bearer" or used is None

    def _fetch(self, challenge: Challenge, scopes: Scopes, place: str) -> _Token:
        credential = self.credential(scopes)
        realm = urlsplit(challenge.realm)
        if realm.scheme != "https" and (self._secure or realm.scheme != "http"):
            raise RegistryError(
                "the token service must be https where the registry is", place, challenge.realm, "check the endpoint"
            )
        wanted = [("scope", each) for each in (*scopes, *_uncovered(self._extra.get(scopes, ()), scopes))]
        service = [("service", challenge.service)] if challenge.service else []
        headers = {"Authorization": f"Basic {credential.basic}"} if credential else {}
        asked_at = self._clock()
        url = httpx.URL(challenge.realm).copy_merge_params(httpx.QueryParams([*service, *wanted]))
        try:
            response = self._client.get(url, headers=headers)
        except httpx.TransportError as error:
            service_url = f"{realm.scheme}://{realm.netloc}"
            raise failures.Passing(failures.unanswered(place, service_url, error)) from None
        if response.status_code in (401, 403):
            # A login that fails does so for every image; a scope that is denied, for this one.
            bad_login = response.status_code == 401 and credential is not None
            raise failures.refused(failures.host_of(place) if bad_login else place, response, credential, scopes)
        if response.status_code != 200:
            raise failures.of(place, response, credential)
        return _token(response, asked_at, place)


def _uncovered(extra: Scopes, scopes: Scopes) -> Scopes:
    """Drop what a challenge asks for in a repository that our own scope already covers with more actions."""
    return tuple(each for each in extra if not any(own.startswith(each.rpartition(":")[0] + ":") for own in scopes))


def _token(response: httpx.Response, asked_at: float, place: str) -> _Token:
    try:
        body = response.json()
        value = body.get("token") or body.get("access_token")
        life = float(body.get("expires_in") or DEFAULT_LIFE)
    except (AttributeError, TypeError, ValueError):
        value, life = None, DEFAULT_LIFE
    if not isinstance(value, str) or not value.isascii() or not value.isprintable():
        raise AccessRefused("the token service answered without a token", place, remedy="check the endpoint")
    return _Token(value, asked_at + life - min(MARGIN, life / 5))
