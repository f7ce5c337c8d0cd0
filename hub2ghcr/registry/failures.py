"""What goes wrong at a registry, each as one line: place, what it answered, and what to do about it."""

from __future__ import annotations

import json
from typing import Final

import httpx

from ..credentials import Credential
from ..errors import AccessRefused, NotFound, RateLimited, RegistryError, Unreachable
from .patience import retry_after

TRANSIENT: Final = frozenset({408, 425, 429, 500, 502, 503, 504})
"""Statuses after which the same request may succeed."""
PULL_LIMIT: Final = "pull rate limit"
"""Words of Docker Hub's long 429: its window is hours, so waiting is no remedy. Its abuse 429 is bare."""


class Passing(Exception):
    """A failure that may pass: the error to raise when it does not, and the pause in seconds the registry asks for."""

    def __init__(self, error: RegistryError, asked: float | None = None) -> None:
        super().__init__(str(error))
        self.error = error
        self.asked = asked


def refused(
    place: str, response: httpx.Response, credential: Credential | None, scopes: tuple[str, ...]
) -> AccessRefused:
    """Return the error for 401 and 403."""
    pushes = any("push" in scope.rpartition(":")[2] for scope in scopes)
    if credential is None:
        remedy = "give this registry a credential, or check the name: a private image looks the same from outside"
    elif response.status_code == 401:
        remedy = "check the token: expired, revoked, or of another account"
    else:
        need = "write:packages and access to this package" if pushes else "read:packages and access to this package"
        remedy = f"check that the token is still valid; on GHCR it is a classic one with {need}"
    who = credential.username if credential else "anonymous"
    return AccessRefused(f"refused to {who} ({_answer(response, credential)})", place, remedy=remedy)


def answered(place: str, response: httpx.Response, credential: Credential | None) -> RegistryError:
    """Return the error for any other status that was not expected."""
    what = _answer(response, credential)
    match response.status_code:
        case 404:
            return NotFound(f"not found ({what})", place, remedy="check name and tag; a private image looks the same")
        case 429:
            return RateLimited(f"too many requests ({what})", place, remedy=_limit_remedy(response))
        case 416:
            return RegistryError(f"the upload was refused as too large in one piece ({what})", place)
        case status if status >= 500:
            return RegistryError(f"the registry failed ({what})", place, remedy="try again later")
    return RegistryError(f"unexpected answer ({what})", place)


def of(place: str, response: httpx.Response, credential: Credential | None) -> RegistryError | Passing:
    """Return what an unexpected answer means: an error, or one that may pass."""
    error = answered(place, response, credential)
    if response.status_code in TRANSIENT and not spent(response):
        return Passing(error, retry_after(response.headers.get("retry-after")))
    return error


def unanswered(place: str, endpoint: str, error: httpx.TransportError) -> Unreachable:
    """Return the error for a request without a whole answer: refused connection, cut, timeout, unknown host."""
    if isinstance(error, httpx.ConnectError):
        # The same for every image of this host: named by the host, so that it is reported once.
        what, place = f"cannot connect ({error or 'no route'})", host_of(place)
    else:
        what = "no answer in time" if isinstance(error, httpx.TimeoutException) else "the connection broke"
    return Unreachable(f"{what}: {endpoint}", place, remedy="check the endpoint and that the registry is up")


def host_of(place: str) -> str:
    """Return the registry host that a place begins with."""
    return place.partition("/")[0]


def spent(response: httpx.Response) -> bool:
    """Tell whether this 429 is a pull limit that stays spent for hours."""
    return response.status_code == 429 and PULL_LIMIT in response.text.lower()


def _limit_remedy(response: httpx.Response) -> str:
    if spent(response):
        limit = response.headers.get("ratelimit-limit", "")
        note = f" (limit {limit.partition(';')[0]})" if limit else ""
        return f"wait for the next window{note}, or pull with an account that has more pulls"
    return "try again later, with fewer --jobs"


def _answer(response: httpx.Response, credential: Credential | None) -> str:
    """Return status and the registry's own words, shortened, without the secret should it have echoed it."""
    words = ""
    try:
        body = json.loads(response.text)
        if isinstance(body, dict):
            errors = body.get("errors") or [body]
            first = errors[0] if isinstance(errors, list) and errors and isinstance(errors[0], dict) else {}
            words = " ".join(str(first[name]) for name in ("code", "message", "details") if first.get(name))
    except (ValueError, httpx.ResponseNotRead):
        pass
    words = "".join(c if c.isprintable() else " " for c in words)[:160].strip()
    if credential is not None:
        words = credential.redact(words)
    return f"{response.status_code}{': ' if words else ''}{words}"
