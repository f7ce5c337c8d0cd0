"""The ``auths`` of a Docker ``config.json``: what one is written for, and what is read of one.

Values are in no error: not those of ``auth``, ``password`` or ``identitytoken``, not the text that is no JSON.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from typing import Any, Final

from ..errors import CredentialError
from ..reference import HUB_HOSTS
from .credential import Credential

HUB_KEY: Final = "https://index.docker.io/v1/"
"""The key of Docker Hub in every ``config.json`` that Docker writes, and one that the kubelet knows."""


def key_of(host: str) -> str:
    """Return the key of a registry host in a pull Secret of ours: every host of Docker Hub has its one key."""
    return HUB_KEY if host in HUB_HOSTS else host


def docker_config_json(entries: Mapping[str, Credential]) -> str:
    """Return the text of a ``.dockerconfigjson`` that opens the given registry hosts: same entries, same bytes.

    Every host of Docker Hub is written under its one key. The shape is the one that ``kubectl create secret
    docker-registry`` makes.

    Raises:
        CredentialError: no entry at all, or two credentials for one key.
    """
    if not entries:
        raise CredentialError("a pull Secret needs at least one credential", remedy="name one in `pull`")
    auths: dict[str, dict[str, str]] = {}
    for host, credential in sorted(entries.items()):
        key = key_of(host)
        value = {"username": credential.username, "password": credential.secret, "auth": credential.basic}
        if credential.email:
            value["email"] = credential.email
        if auths.setdefault(key, value) != value:
            raise CredentialError("two credentials for one registry", value=key, remedy="keep one")
    return json.dumps({"auths": auths}, sort_keys=True, separators=(",", ":"))


def decode(text: str, place: str = "config.json") -> dict[str, Credential]:
    """Read the ``auths`` of a ``config.json``: key as written -> credential; entries without a value are left out.

    Raises:
        CredentialError: not JSON, not of this shape, ``auth`` not base64 of ``user:secret``. Values are never shown.
    """
    found = {}
    for key, entry in table(json_object(text, place), "auths", place).items():
        credential = credential_of(entry, f"{place}: auths[{key}]")
        if credential is not None:
            found[key] = credential
    return found


def credential_of(entry: Any, place: str) -> Credential | None:
    """Return the credential of one entry of ``auths``, None for an entry without a value.

    Raises:
        CredentialError: see `decode`; or the entry holds an identity token.
    """
    if not isinstance(entry, dict):
        raise CredentialError("must be an object", place)
    if entry.get("identitytoken") or entry.get("registrytoken"):
        raise identity_token(place)
    written = entry.get("email")
    email = written if isinstance(written, str) else ""
    if auth := entry.get("auth"):
        try:
            username, secret = split_auth(str(auth))
        except ValueError as error:
            raise CredentialError(str(error), place, remedy="`docker login` writes it anew") from None
        return credential(username, secret.rstrip("\0"), place, email)
    if "username" in entry or "password" in entry:
        return credential(entry.get("username"), entry.get("password"), place, email)
    return None  # `docker login` with a credsStore leaves {} behind


def split_auth(auth: str, errors: str = "strict") -> tuple[str, str]:
    """Return user name and secret of an ``auth``, padded or not; ``errors`` is about bytes that are no UTF-8.

    Raises:
        ValueError: it is not base64, or not of ``user:secret``; its text holds nothing of the value.
    """
    bare = auth.replace("\n", "").replace("\r", "")  # Go's decoder skips both
    padding = "" if bare.endswith("=") else "=" * (-len(bare) % 4)
    try:
        username, colon, secret = base64.b64decode(bare + padding, validate=True).decode(errors=errors).partition(":")
    except ValueError:
        raise ValueError("auth is not base64") from None
    if not colon:
        raise ValueError("auth is not base64 of user:secret")
    return username, secret


def credential(username: Any, secret: Any, place: str, email: str = "") -> Credential:
    """Return the credential of values that somebody else wrote.

    Raises:
        CredentialError: they are no strings, or no credential.
    """
    if not isinstance(username, str) or not isinstance(secret, str):
        raise CredentialError("user name and secret must be strings", place)
    try:
        return Credential(username, secret, email)
    except CredentialError as error:
        raise error.at(place) from None


def identity_token(place: str) -> CredentialError:
    """Return the refusal of a token that Docker's own client alone can use."""
    what = "holds an identity token, which opens no registry here: neither we nor the kubelet can use one"
    return CredentialError(what, place, remedy="make an access token, and `docker login` with it")


def json_object(text: str, place: str) -> dict[str, Any]:
    """Return the object that a text holds.

    Raises:
        CredentialError: it is empty, not JSON, or something else.
    """
    if not text.strip():
        raise CredentialError("is empty", place, remedy="expected JSON")
    try:
        found = json.loads(text)
    except (ValueError, RecursionError) as error:
        # The decoder's own message quotes nothing of the text, its `doc` does: so no chaining.
        where = f"line {error.lineno}" if isinstance(error, json.JSONDecodeError) else "text"
        raise CredentialError(f"is not JSON ({where})", place) from None
    if not isinstance(found, dict):
        raise CredentialError("must be a JSON object", place)
    return found


def table(config: Mapping[str, Any], name: str, place: str) -> dict[str, Any]:
    """Return an object inside another one, empty where it is missing.

    Raises:
        CredentialError: it is something else.
    """
    found = config.get(name) or {}
    if not isinstance(found, dict):
        raise CredentialError("must be an object", f"{place}: {name}")
    return found
