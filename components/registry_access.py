"""The registries of the stack, as its configuration in this provider process declares them."""

import os
import re
import threading
from collections.abc import Mapping
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

from hub2ghcr.allowance import Budget
from hub2ghcr.archives import Archives
from hub2ghcr.copying import Copier
from hub2ghcr.credentials import Credential
from hub2ghcr.errors import CredentialError
from hub2ghcr.manifest_store import ManifestStore, default_folder
from hub2ghcr.reference import endpoint_of
from hub2ghcr.registry import Access, Patience, Registries, Registry

from .provider_process import configuration, section
from .secret_value import NAMESPACE


@cache
def copier() -> Copier:
    """Return the one copier of this process: it remembers which blobs the target has, and what may be pulled.

    Raises:
        CredentialError: a named credential has no value.
        Problems: archives that cannot be read.
    """
    images = section("images") or {}
    pulls = images.get("pullBudget")
    budget = Budget(None if pulls is None else int(pulls))
    manifests = ManifestStore(default_folder(os.environ), budget)
    archives = Archives(map(Path, images.get("archives") or ()))
    return Copier(registries(budget), manifests=manifests, archives=archives)


def registries(budget: Budget, patience: Patience | None = None) -> Registries:
    """Return the registries that the stack declares; what they tell of pulls corrects a budget.

    Raises:
        CredentialError: a named credential has no value.
    """
    declared = section("registries") or {}
    accesses = [_access(host, each or {}) for host, each in declared.items()]
    return Registries(accesses, patience, observe=budget.observe)


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
    return Credential(str(entry["username"]), str(value), str(entry.get("email") or ""))


def credentials(names: Mapping[str, str]) -> dict[str, Credential]:
    """Return credentials with their values by registry host; ``names`` are theirs by the same.

    Raises:
        CredentialError: as `credential`.
    """
    return {host: credential(name) for host, name in names.items()}


def reader(host: str, pull: Credential | None) -> Registry:
    """Return the client of one registry as one pull credential, or nobody (None), opens it; the same for the same."""
    with _lock:
        if (host, pull) not in _readers:
            _readers[host, pull] = Registries([_asked(host, pull)]).at(host)
        return _readers[host, pull]


def pusher(host: str, push: Credential) -> Registry:
    """Return a client of one registry as whoever pushes with a credential is answered."""
    entry = (section("registries") or {}).get(host) or {}
    access = replace(_access(host, {**entry, "pull": None, "push": None}), push=push)
    return Registries([access]).at(host)


def opened(host: str, pull: Credential | None, budget: Budget, patience: Patience) -> Registry:
    """Return a client of one registry as somebody, or nobody (None), opens it; a budget hears of the pulls left."""
    return Registries([_asked(host, pull)], patience, observe=budget.observe).at(host)


def _asked(host: str, pull: Credential | None) -> Access:
    """Return how a host is asked as somebody; under a further name of a registry that is where its entry says."""
    declared = section("registries") or {}
    home = next((each for each, entry in declared.items() if host in ((entry or {}).get("aliases") or ())), host)
    entry = {**(declared.get(home) or {}), "pull": None, "push": None}
    return replace(_access(home, entry), host=host, pull=pull)


def _access(host: str, entry: dict[str, Any]) -> Access:
    pull, push = (credential(entry[use]) if entry.get(use) else None for use in ("pull", "push"))
    authority = entry.get("certificateAuthority")
    trusted = Path(expanded(authority)) if authority else None
    return Access(host, expanded(entry.get("endpoint") or endpoint_of(host)), pull, push, trusted)


def expanded(written: str) -> str:
    """Return a text of the configuration with its ``${NAME}`` from the environment.

    An unset or empty variable stays as it is written, and is refused by whoever connects.
    """
    return re.sub(r"\$\{(\w+)\}", lambda each: os.environ.get(each[1]) or each[0], written)


_lock = threading.Lock()
_readers: dict[tuple[str, Credential | None], Registry] = {}
