"""What GitHub tells of a token in the headers of its answers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from ..expiry import HEADER, expires


@dataclass(frozen=True, slots=True)
class Token:
    """A token, as the headers of an answer tell of it.

    Attributes:
        scopes: of a classic token; None for a token of another kind, which has permissions instead.
        expires: when, None where it does not, or GitHub does not say.
    """

    scopes: frozenset[str] | None
    expires: datetime | None


def token_of(headers: Mapping[str, str]) -> Token:
    """Return what an answer's headers tell of the token that asked."""
    written = headers.get("x-oauth-scopes")
    return Token(None if written is None else frozenset(listed(written)), expires(headers.get(HEADER)))


def listed(written: str) -> tuple[str, ...]:
    """Return the entries of a header that lists scopes.

    >>> listed("repo, read:packages")
    ('repo', 'read:packages')
    """
    return tuple(each for part in written.split(",") if (each := part.strip()))
