"""The registries of the stack, as its configuration in this provider process declares them."""

import os
import re
from functools import cache
from typing import Any

from hub2ghcr.copying import Copier
from hub2ghcr.credentials import Credential
from hub2ghcr.errors import CredentialError
from hub2ghcr.reference import endpoint_of
from hub2ghcr.registry import Access, Registries

from .provider_process import configuration, section
from .secret_value import NAMESPACE


@cache
def copier() -> Copier:
    """Return the one copier of this process: it remembers which blobs the target has."""
    return Copier(registries())


@cache
def registries() -> Registries:
    """Return the registries that the stack declares.

    Raises:
        CredentialError: a named credential has no value.
    """
    return Registries([_access(host, each or {}) for host, each in (section("registries") or {}).items()])


def credential(name: str) -> Credential:
    """Return a named credential with its value.

    Raises:
        CredentialError: it is not declared, or has no value.
    """
    entry = (section("credentials") or {}).get(name)
    key = f"{NAMESPACE}:{entry['secretKey']}" if entry else ""
    value = configuration().get(key)
    if not entry or not value:
        raise CredentialError("the credential has no value", name, remedy=f"pulumi config set --secret {key or name}")
    return Credential(str(entry["username"]), str(value))


def _access(host: str, entry: dict[str, Any]) -> Access:
    pull, push = (credential(entry[use]) if entry.get(use) else None for use in ("pull", "push"))
    # an unset variable stays as it is written, and is refused by whoever connects
    written = entry.get("endpoint") or endpoint_of(host)
    endpoint = re.sub(r"\$\{(\w+)\}", lambda each: os.environ.get(each[1], each[0]), written)
    return Access(host, endpoint, pull, push)
