"""Who a token belongs to: the lab's fixed accounts, and those that a test adds."""

from __future__ import annotations

import base64
import binascii
from datetime import UTC, datetime, timedelta
from typing import Any

from lab.accounts import Account, known_at
from lab.github_api.exchange import Refusal
from lab.github_api.store import Store

LIFE = timedelta(days=90)
"""How long the fixed tokens are valid, from the lab's first start on."""

_KEY = ("lab", "tokens")
_TIME = "%Y-%m-%d %H:%M:%S UTC"


def seed(store: Store) -> None:
    """Give every fixed account its user and its token's last moment, unless it has them."""
    for account in known_at("ghcr", "github"):
        store.write({"login": account.user}, "users", account.user)
    if store.read(*_KEY) is None:
        store.write({"expires": (datetime.now(UTC) + LIFE).strftime(_TIME), "added": {}}, *_KEY)


def add(store: Store, user: str, token: str, scopes: list[str], expires: str = "") -> None:
    """Add a user's token; ``expires`` as GitHub writes it in its header, empty for never."""
    document = _document(store)
    document["added"][token] = {"user": user, "scopes": sorted(scopes), "expires": expires}
    store.write({"login": user}, "users", user)
    store.write(document, *_KEY)


def authenticate(store: Store, header: str) -> tuple[Account | None, str]:
    """The account of an ``Authorization`` header and when its token expires; nobody for none.

    Refuses, as GitHub does, any token that it does not know or that has expired.
    """
    token = _token(header)
    if not token:
        return None, ""
    document = _document(store)
    fixed = {account.token: account for account in known_at("ghcr", "github")}
    if token in document["added"]:
        kept = document["added"][token]
        account = Account(kept["user"], token, frozenset({"github"}), scopes=tuple(kept["scopes"]))
        expires = str(kept["expires"])
    elif token in fixed:
        account, expires = fixed[token], str(document["expires"])
    else:
        raise Refusal(401, "Bad credentials")
    if expires and datetime.strptime(expires, _TIME).replace(tzinfo=UTC) <= datetime.now(UTC):
        raise Refusal(401, "Bad credentials")
    return account, expires


def _document(store: Store) -> dict[str, Any]:
    return store.read(*_KEY) or {"expires": "", "added": {}}


def _token(header: str) -> str:
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
