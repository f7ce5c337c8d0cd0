"""Credentials whose value stands in the environment."""

from __future__ import annotations

import re
from collections.abc import Mapping

from ..errors import CredentialError
from .credential import Credential

_PREFIX = "HUB2GHCR_SECRET_"
_HUMP = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")


def variable(secret_key: str) -> str:
    """Name the environment variable that holds the value of ``secret_key``.

    >>> variable("ghcrPushToken")
    'HUB2GHCR_SECRET_GHCR_PUSH_TOKEN'
    """
    return _PREFIX + re.sub(r"[^A-Z0-9]+", "_", _HUMP.sub("_", secret_key).upper())


def from_environment(username: str, secret_key: str, environ: Mapping[str, str]) -> Credential | None:
    """Return the credential whose secret stands in the environment, None when it does not.

    Raises:
        CredentialError: the variable is set, and empty or malformed.
    """
    name = variable(secret_key)
    if name not in environ:
        return None
    try:
        return Credential(username, environ[name])
    except CredentialError as error:
        raise error.at(name) from None
