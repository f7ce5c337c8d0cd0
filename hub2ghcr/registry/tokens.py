"""Authentication at one registry: which credential speaks, and one token per scope, renewed before it runs out.

Distribution's token specification: a 401 names the token service; it is asked with Basic authentication (or nothing)
and answers ``token`` or ``access_token``, ``expires_in`` (seconds, default 60). ``scope`` may be there several times:
scopes that are known to be wanted share a token, and where that is refused, each gets its own.
"""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlencode

from ..credentials import Credential
from ..errors import AccessRefused, RegistryError
from . import failures
from .answer import Answer
from .challenge import Challenge, parse
from .connections import split

DEFAULT_LIFE: Final = 60.0
"""Seconds that a token lives when the service does not say (token specification)."""
MARGIN: Final = 15.0
"""Seconds before its end at which a token is renewed; at most a fifth of its life."""
TOGETHER: Final = 20
"""Scopes that share a token, at most: a token may list them, is sent with each request, and servers bound headers."""

Scopes = tuple[str, ...]
Fetch = Callable[[str, Mapping[str, str], str], Answer]
"""Sends a GET with the given headers to a URL, for what the place names."""


def scope(repository: str, *, push: bool = False) -> str:
    """Return the scope of a repository: ``repository:NAME:pull`` or ``repository:NAME:pull,push``."""
    return f"repository:{repository}:pull{',push' if push else ''}"


@dataclass(frozen=True, slots=True)
class _Token:
    header: str
    renew: float


class Authority:
    """The tokens of one registry, shared by all threads.

    Reading speaks with the ``pull`` credential and else with ``push``; writing with ``push`` alone; repositories below
    one of the ``paths`` (longest first) with its own. ``secure`` says that the registry is reached by https, so that
    its token service must be, too.
    """

    def __init__(
        self,
        fetch: Fetch,
        secure: bool,
        pull: Credential | None,
        push: Credential | None,
        paths: tuple[tuple[str, Credential], ...] = (),
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._ask = fetch
        self._secure = secure
        self._pull = pull or push
        self._push = push
        self._paths = paths
        self._clock = clock
        self._challenge: Challenge | None = None
        self._extra: dict[Scopes, Scopes] = {}
        self._tokens: dict[Scopes, _Token] = {}
        self._together: dict[Scopes, tuple[Scopes, ...]] = {}
        self._locks: dict[Scopes, threading.Lock] = {}
        self._lock = threading.Lock()

    def credential(self, scopes: Scopes) -> Credential | None:
        """Return who speaks for these scopes, the first of which decides; None is anonymous."""
        if self._paths:
            repository = scopes[0].split(":")[1] + "/"
            own = next((each for path, each in self._paths if repository.startswith(f"{path}/")), None)
            if own is not None:
                return own
        return self._push if any(each.endswith("push") for each in scopes) else self._pull

    def expect(self, scopes: Iterable[Scopes]) -> None:
        """Take note of scopes that will be asked for soon, so that those of one credential share tokens."""
        by_credential: dict[Credential | None, list[Scopes]] = {}
        for each in sorted(set(scopes)):
            by_credential.setdefault(self.credential(each), []).append(each)
        with self._lock:
            for found in by_credential.values():
                for begin in range(0, len(found), TOGETHER):
                    group = tuple(found[begin : begin + TOGETHER])
                    self._together.update(dict.fromkeys(group, group))

    def alone(self, scopes: Scopes) -> bool:
        """Let scopes have a token of their own from now on; True when they shared one: another try makes sense."""
        with self._lock:
            shared = self._together.pop(scopes, None) is not None
            if shared:
                self._tokens.pop(scopes, None)
        return shared

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
        token = self._tokens.get(scopes)
        if token is not None and self._clock() < token.renew:
            return token.header
        with self._lock:
            group = self._together.get(scopes, (scopes,))
            lock = self._locks.setdefault(group[0], threading.Lock())
        with lock:
            token = self._tokens.get(scopes)
            if token is None or self._clock() >= token.renew:
                token = self._shared(challenge, scopes, place) or self._fetch(challenge, scopes, place)
                self._tokens[scopes] = token
        return token.header

    def _shared(self, challenge: Challenge, scopes: Scopes, place: str) -> _Token | None:
        """Ask for one token for all scopes of a group; None where there is no group, or the service refuses it."""
        group = self._together.get(scopes, ())
        if len(group) < 2:
            return None
        try:
            token = self._fetch(challenge, tuple(each for member in group for each in member), place)
        except AccessRefused:
            token = None
        with self._lock:
            for member in group:
                if token is None:
                    self._together.pop(member, None)
                elif member in self._together:
                    self._tokens[member] = token
        return token

    def challenged(self, challenges: Iterable[str], scopes: Scopes, used: str | None) -> bool:
        """Learn from a 401's challenges, and forget the token that was refused; True when another try makes sense."""
        challenge = parse(challenges)
        if challenge is None:
            return False
        self._challenge = challenge
        with self._lock:
            # A registry behind another name may want other scopes than those we know of.
            self._extra[scopes] = tuple(sorted(set(challenge.scopes) - set(scopes)))
            self._together.pop(scopes, None)  # a shared token may lack what one of its own has
            token = self._tokens.get(scopes)
            if token is not None and used == token.header:
                del self._tokens[scopes]
        return challenge.scheme == "bearer" or used is None

    def _fetch(self, challenge: Challenge, scopes: Scopes, place: str) -> _Token:
        credential = self.credential(scopes)
        try:
            scheme = split(challenge.realm)[0].scheme
        except ValueError:
            raise RegistryError("the token service is no URL", place, challenge.realm, "check the endpoint") from None
        if self._secure and scheme != "https":
            raise RegistryError(
                "the token service must be https where the registry is", place, challenge.realm, "check the endpoint"
            )
        wanted = [("scope", each) for each in (*scopes, *_uncovered(self._extra.get(scopes, ()), scopes))]
        service = [("service", challenge.service)] if challenge.service else []
        headers = {"Authorization": f"Basic {credential.basic}"} if credential else {}
        asked_at = self._clock()
        url = f"{challenge.realm}{'&' if '?' in challenge.realm else '?'}{urlencode([*service, *wanted])}"
        answer = self._ask(url, headers, place)
        if answer.status in (401, 403):
            # A login that fails does so for every image; a scope that is denied, for this one.
            bad_login = answer.status == 401 and credential is not None
            raise failures.refused(failures.host_of(place) if bad_login else place, answer, credential, scopes)
        if answer.status != 200:
            raise failures.of(place, answer, credential)
        return _token(answer, asked_at, place)


def _uncovered(extra: Scopes, scopes: Scopes) -> Scopes:
    """Drop what a challenge asks for in a repository that our own scope already covers with more actions."""
    return tuple(each for each in extra if not any(own.startswith(each.rpartition(":")[0] + ":") for own in scopes))


def _token(answer: Answer, asked_at: float, place: str) -> _Token:
    try:
        body = json.loads(answer.body)
        value = body.get("token") or body.get("access_token")
        life = float(body.get("expires_in") or DEFAULT_LIFE)
    except (AttributeError, TypeError, ValueError):
        value, life = None, DEFAULT_LIFE
    if not isinstance(value, str) or not value.isascii() or not value.isprintable():
        raise AccessRefused("the token service answered without a token", place, remedy="check the endpoint")
    return _Token(f"Bearer {value}", asked_at + life - min(MARGIN, life / 5))
