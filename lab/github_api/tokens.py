"""Who a token belongs to: the lab's fixed accounts, and those that a test adds."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from lab.accounts import known_at
from lab.github_api.exchange import Refusal
from lab.github_api.store import Store
from lab.github_api.token import KINDS, LEVELS, Token, kind

LIFE = timedelta(days=90)
"""How long the fixed tokens are valid, from the lab's first start on."""

_KEY = ("lab", "tokens")
_TIME = "%Y-%m-%d %H:%M:%S UTC"
_TEXTS = ("scopes", "repositories", "unauthorized")


def seed(store: Store) -> None:
    """Give every fixed account its user and its token's last moment, unless it has them."""
    for account in known_at("ghcr", "github"):
        store.write({"login": account.user}, "users", account.user)
    if store.read(*_KEY) is None:
        store.write({"expires": (datetime.now(UTC) + LIFE).strftime(_TIME), "added": {}}, *_KEY)


def add(store: Store, text: str, told: Mapping[str, Any]) -> None:
    """Add a token, as the fields of ``token.Token`` tell it, ``grants`` as a mapping of patterns to actions.

    The kind is what the token looks like unless it is told. Refuses (422) what no token can be.
    """
    document = _document(store)
    kept: dict[str, Any] = {
        "user": told["user"],
        "kind": told.get("kind") or kind(text),
        "permissions": dict(told.get("permissions") or {}),
        "grants": {pattern: sorted(actions) for pattern, actions in (told.get("grants") or {}).items()},
        "expires": told.get("expires") or "",
        **{name: sorted(told.get(name) or ()) for name in _TEXTS},
    }
    if kept["kind"] not in KINDS or not {*kept["permissions"].values()} <= {*LEVELS}:
        raise Refusal(422, f"no such kind or permission: {kept['kind']}, {kept['permissions']}")
    document["added"][text] = kept
    store.write({"login": kept["user"]}, "users", kept["user"])
    store.write(document, *_KEY)


def remove(store: Store, text: str) -> None:
    """Revoke a token that was added."""
    document = _document(store)
    document["added"].pop(text, None)
    store.write(document, *_KEY)


def known(store: Store, text: str) -> Token:
    """The token of this text. Refuses, as GitHub does, any that it does not know or that has expired."""
    document = _document(store)
    kept = document["added"].get(text)
    account = next((one for one in known_at("ghcr", "github") if one.token == text), None)
    if kept is not None:
        found = Token(
            kept["user"],
            kept["kind"],
            permissions=kept["permissions"],
            grants=tuple((pattern, frozenset(actions)) for pattern, actions in kept["grants"].items()),
            expires=kept["expires"],
            **{name: tuple(kept[name]) for name in _TEXTS},
        )
    elif account is not None:
        found = Token(account.user, scopes=account.scopes, grants=account.grants, expires=str(document["expires"]))
    else:
        raise Refusal(401, "Bad credentials")
    if found.expires and datetime.strptime(found.expires, _TIME).replace(tzinfo=UTC) <= datetime.now(UTC):
        raise Refusal(401, "Bad credentials")
    return found


def authenticate(store: Store, header: str) -> Token | None:
    """The token of an ``Authorization`` header, None where there is none. Refuses as ``known`` does."""
    text = _text(header)
    return known(store, text) if text else None


def _document(store: Store) -> dict[str, Any]:
    return store.read(*_KEY) or {"expires": "", "added": {}}


def _text(header: str) -> str:
    scheme, _, value = header.strip().partition(" ")
    if scheme.lower() in ("bearer", "token"):
        return value.strip()
    if scheme.lower() == "basic":
        try:
            return base64.b64decode(value).decode().partition(":")[2]
        except (binascii.Error, UnicodeDecodeError):
            raise Refusal(401, "Bad credentials") from None
    if header:
        raise Refusal(401, "Bad credentials")
    return ""
