"""What goes wrong at a registry, each as one line: place, what it answered, and what to do about it."""

from __future__ import annotations

import json
import re
import ssl
from typing import Any, Final

from urllib3.exceptions import ConnectTimeoutError, HTTPError, ProxyError, SSLError, TimeoutError

from ..credentials import Credential
from ..errors import AccessRefused, BudgetSpent, NotFound, RateLimited, RegistryError, Unreachable
from .answer import Answer
from .connections import TooSlow
from .patience import retry_after

TRANSIENT: Final = frozenset({408, 425, 429, 500, 502, 503, 504})
"""Statuses after which the same request may succeed."""
UNSETTLED: Final = frozenset({"DIGEST_INVALID", "MANIFEST_BLOB_UNKNOWN"})
"""Codes of a registry that is just storing the same blob for somebody else; what we send has been checked by us."""
PULL_LIMIT: Final = "pull rate limit"
"""Words of Docker Hub's long 429: its window is hours, so waiting is no remedy. Its abuse 429 is bare."""

_LOOKS_THE_SAME: Final = (
    "check name and tag: renamed, deleted, or private, which looks the same; on Docker Hub so may too many logins"
)
_PROXY_LOGIN: Final = "give the proxy's variable a user and a password: http://USER:PASSWORD@HOST:PORT"
_SECURE: Final = "write https:// in its endpoint"
_NEEDS_TLS: Final = re.compile("HTTP request .*HTTPS (server|port)")  # what programs in Go and nginx say
_UNKNOWN_AUTHORITY: Final = frozenset({18, 19, 20, 21})  # X509_V_ERR: self-signed, or no issuer that is known
_NO_TLS: Final = frozenset({"WRONG_VERSION_NUMBER", "HTTP_REQUEST", "PACKET_LENGTH_TOO_LONG", "RECORD_LAYER_FAILURE"})


class Passing(Exception):
    """A failure that may pass: the error to raise when it does not, and the pause in seconds the registry asks for."""

    def __init__(self, error: RegistryError, asked: float | None = None) -> None:
        super().__init__(str(error))
        self.error = error
        self.asked = asked


def refused(place: str, answer: Answer, credential: Credential | None, scopes: tuple[str, ...]) -> AccessRefused:
    """Return the error for 401 and 403."""
    pushes = any("push" in scope.rpartition(":")[2] for scope in scopes)
    if credential is None:
        remedy = "give this registry a credential, or check the name: a private image looks the same from outside"
    elif answer.status == 401:
        remedy = "check the token: expired, revoked, or of another account"
    else:
        need = "write:packages and access to this package" if pushes else "read:packages and access to this package"
        remedy = f"check that the token is still valid; on GHCR it is a classic one with {need}"
    who = credential.username if credential else "anonymous"
    return AccessRefused(f"refused to {who} ({_answer(answer, credential)})", place, remedy=remedy)


def answered(place: str, answer: Answer, credential: Credential | None) -> RegistryError:
    """Return the error for any other status that was not expected."""
    what = _answer(answer, credential)
    match answer.status:
        case 404:
            return NotFound(f"not found ({what})", place, remedy=_LOOKS_THE_SAME)
        case 407:
            return RegistryError(f"the proxy asks for a login ({what})", host_of(place), remedy=_PROXY_LOGIN)
        case 429:
            kind = BudgetSpent if spent(answer) else RateLimited
            return kind(f"too many requests ({what})", place, remedy=_limit_remedy(answer))
        case 416:
            return RegistryError(f"the upload was refused as too large in one piece ({what})", place)
        case 400 if _NEEDS_TLS.search(answer.text):
            return RegistryError(f"the server speaks HTTPS ({what})", host_of(place), remedy=_SECURE)
        case status if status >= 500:
            return RegistryError(f"the registry failed ({what})", place, remedy="try again later")
    return RegistryError(f"unexpected answer ({what})", place)


def of(place: str, answer: Answer, credential: Credential | None) -> RegistryError | Passing:
    """Return what an unexpected answer means: an error, or one that may pass."""
    error = answered(place, answer, credential)
    if (answer.status in TRANSIENT and not spent(answer)) or str(_first(answer).get("code")) in UNSETTLED:
        return Passing(error, retry_after(answer.headers.get("retry-after"), answer.headers.get("date")))
    return error


def unanswered(place: str, url: str, error: HTTPError, proxy: str | None = None) -> RegistryError | Passing:
    """Return what it means that a request had no whole answer: an error, or one that may pass.

    ``url`` is whom it was sent to, ``proxy`` through whom. What is the same for every image of a host is named by the
    host, so that it is reported once.
    """
    host = host_of(place)
    if isinstance(error, ProxyError) and proxy:
        what = f"cannot connect through the proxy {proxy} ({_reason(error.original_error)}): {url}"
        return Passing(Unreachable(what, host, remedy="check HTTPS_PROXY and HTTP_PROXY, or name the host in NO_PROXY"))
    if isinstance(error, SSLError):
        return untrusted(host, url, error)
    remedy = "check the endpoint and that the registry is up"
    if isinstance(error, ConnectTimeoutError):
        return Passing(Unreachable(f"cannot connect ({_reason(error)}): {url}", host, remedy=remedy))
    if isinstance(error, TooSlow):
        what = f"the answer comes too slowly ({error})"
    else:
        what = "no answer in time" if isinstance(error, TimeoutError) else "the connection broke"
    return Passing(Unreachable(f"{what}: {url}", place, remedy=remedy))


def untrusted(host: str, url: str, error: SSLError) -> RegistryError | Passing:
    """Return the error for a connection that TLS did not allow; only one that was cut may pass."""
    cause = error.args[0] if error.args else None
    if isinstance(cause, ssl.SSLCertVerificationError):
        why = str(cause.verify_message).rstrip(".")
        known = "name its authority's PEM file (certificateAuthority, or SSL_CERT_FILE)"
        remedy = (
            known if cause.verify_code in _UNKNOWN_AUTHORITY else "check the endpoint, and the server's certificate"
        )
        return Unreachable(f"its certificate is not trusted ({why}): {url}", host, remedy=remedy)
    if isinstance(cause, ssl.SSLError) and cause.reason in _NO_TLS:
        plain = url.replace("https:", "http:", 1)
        return Unreachable(
            f"server gave HTTP response to HTTPS client: {url}",
            host,
            remedy=f"if it is meant to speak plain HTTP, say so in its registry's entry: `endpoint: {plain}`",
        )
    reason = getattr(cause, "reason", None) or "cut"
    return Passing(Unreachable(f"no TLS connection ({reason}): {url}", host, remedy="check the endpoint"))


def host_of(place: str) -> str:
    """Return the registry host that a place begins with."""
    return place.partition("/")[0]


def spent(answer: Answer) -> bool:
    """Tell whether this 429 is a pull limit that stays spent for hours."""
    return answer.status == 429 and PULL_LIMIT in answer.text.lower()


def _reason(error: BaseException) -> str:
    """Return the system's own words for why there is no connection, which hold no URL and so no secret."""
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, OSError):
            return str(cause.strerror or cause)
        cause = cause.__cause__
    return "no answer" if isinstance(error, TimeoutError) else "no route"


def _limit_remedy(answer: Answer) -> str:
    if spent(answer):
        limit = answer.headers.get("ratelimit-limit", "")
        note = f" (limit {limit.partition(';')[0]})" if limit else ""
        return f"wait for the next window{note}, or pull with an account that has more pulls"
    return "try again later, with fewer --jobs"


def _answer(answer: Answer, credential: Credential | None) -> str:
    """Return status and the registry's own words, shortened, without the secret should it have echoed it."""
    first = _first(answer)
    words = " ".join(str(first[name]) for name in ("code", "message", "details") if first.get(name))
    words = "".join(c if c.isprintable() else " " for c in words)[:160].strip()
    if credential is not None:
        words = credential.redact(words)
    return f"{answer.status}{': ' if words else ''}{words}"


def _first(answer: Answer) -> dict[str, Any]:
    """Return the first error that an answer names, of any shape that registries and token services have."""
    try:
        body = json.loads(answer.text)
    except ValueError:
        return {}
    errors = (body.get("errors") or [body]) if isinstance(body, dict) else []
    return errors[0] if isinstance(errors, list) and errors and isinstance(errors[0], dict) else {}
