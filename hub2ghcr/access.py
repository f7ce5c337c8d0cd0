"""The registries that commands talk to: endpoints, and values of credentials, with or without a stack's settings."""

from __future__ import annotations

import threading
from collections.abc import Callable, Collection, Iterable, Mapping
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from .credentials import Credential, from_environment, stored, variable
from .errors import CredentialError, Hub2GhcrError, raise_all
from .reference import endpoint_of, one_host
from .registry import Access, Observe, Patience, Registries, Registry

if TYPE_CHECKING:
    from .settings import RegistrySettings, Settings


def registries(
    settings: Settings,
    environ: Mapping[str, str],
    *,
    push: Collection[str] = (),
    patience: Patience | None = None,
    observe: Observe | None = None,
) -> Registries:
    """Return the registries of a stack, opened with what the environment holds, or Docker's or podman's files.

    A credential without a value anywhere reads anonymously; the hosts in ``push`` must have one to write with.
    ``observe`` is told of pull allowances, see `Registries`.

    Raises:
        Problems: values that are malformed, and hosts of ``push`` without a credential.
    """
    hosts = (*settings.registries, *push)
    return Registries(
        _all(hosts, lambda host: _access(settings, host, environ, host in push)), patience, observe=observe
    )


def undeclared(
    hosts: Collection[str],
    environ: Mapping[str, str],
    *,
    endpoints: Mapping[str, str],
    push: Collection[str] = (),
    patience: Patience | None = None,
    observe: Observe | None = None,
) -> Registries:
    """Return registries that no stack declares, opened with what Docker's or podman's files hold.

    ``endpoints`` are URLs by host, of hosts that are not reached at ``https://HOST``; the rest as for `registries`.

    Raises:
        Problems: see `registries`.
    """
    named = {one_host(host): url for host, url in endpoints.items()}

    def access(host: str) -> Access:
        found = stored(host, environ)
        if host in push and not (found.credential or found.paths):
            raise _no_credential(host, f"`docker login {host}`")
        return Access(host, named.get(host) or endpoint_of(host), found.credential, found.credential, paths=found.paths)

    return Registries(_all((*hosts, *push), access), patience, observe=observe)


def _all(hosts: Iterable[str], access: Callable[[str], Access]) -> list[Access]:
    problems: list[Hub2GhcrError] = []
    accesses = []
    for host in sorted({one_host(each) for each in hosts}):
        try:
            accesses.append(access(host))
        except Hub2GhcrError as error:
            problems.append(error)
    raise_all(problems)
    return accesses


def reader(settings: Settings, name: str | None, environ: Mapping[str, str]) -> Registries:
    """Return the registries that images move to, as they answer whoever has one named credential, or none.

    Raises:
        CredentialError: the environment has no value for it.
    """
    credential = None
    if name is not None:
        credential = _value(settings, name, environ)
        if credential is None:
            remedy = f"set {variable(settings.credentials[name].secretKey)}"
            raise CredentialError("its value is not here, so what it can pull is not known", name, remedy=remedy)
    return Registries([_opened(settings, host, credential) for host in sorted(settings.homes)])


def puller(settings: Settings, opened: ExitStack) -> Callable[[str, Credential | None], Registry]:
    """Return what opens a registry as somebody, or nobody (None), is answered; each once, until ``opened`` ends."""
    found: dict[tuple[str, Credential | None], Registry] = {}
    lock = threading.Lock()

    def at(host: str, credential: Credential | None) -> Registry:
        with lock:
            if (host, credential) not in found:
                registries = opened.enter_context(Registries([_opened(settings, host, credential)]))
                found[host, credential] = registries.at(host)
            return found[host, credential]

    return at


def pusher(settings: Settings, host: str, credential: Credential) -> Registries:
    """Return a registry as whoever pushes with a credential is answered."""
    return Registries([replace(_opened(settings, host, None), push=credential)])


def push_credential(settings: Settings, host: str, repository: str, environ: Mapping[str, str]) -> Credential:
    """Return what pushes to a repository: the value that the stack names, or what Docker's or podman's files hold.

    Raises:
        CredentialError: there is none.
    """
    found = _access(settings, host, environ, push=True)
    below = (each for path, each in found.paths if f"{host}/{repository}/".startswith(f"{path.rstrip('/')}/"))
    credential = found.push or next(below, None)
    if credential is None:
        raise _no_credential(host, f"`docker login {host}`")
    return credential


def _access(settings: Settings, host: str, environ: Mapping[str, str], push: bool) -> Access:
    declared = _declared(settings, host)
    found = stored(host, environ)
    puller = _value(settings, declared.pull if declared else None, environ)
    pusher = _value(settings, declared.push if declared else None, environ)
    if push and not (pusher or found.credential or found.paths):
        name = declared.push if declared else None
        setting = f"set {variable(settings.credentials[name].secretKey)}, or " if name else ""
        raise _no_credential(host, f"{setting}`docker login {host}`")
    # a credential that the stack names is meant for all of the registry
    paths = () if puller or pusher else found.paths
    # who may push may pull, and what was published lies where nobody else may
    opened = _opened(settings, host, puller or found.credential or pusher)
    return replace(opened, push=pusher or found.credential, paths=paths)


def _opened(settings: Settings, host: str, pull: Credential | None) -> Access:
    declared = _declared(settings, host)
    endpoint = (declared and declared.endpoint) or endpoint_of(host)
    authority = Path(declared.certificateAuthority) if declared and declared.certificateAuthority else None
    return Access(host, endpoint, pull, certificate_authority=authority)


def _declared(settings: Settings, host: str) -> RegistrySettings | None:
    return next((each for name, each in settings.registries.items() if one_host(name) == host), None)


def _no_credential(host: str, remedy: str) -> CredentialError:
    return CredentialError("no credential to push with", host, remedy=remedy)


def _value(settings: Settings, name: str | None, environ: Mapping[str, str]) -> Credential | None:
    if name is None:
        return None
    found = settings.credentials[name]
    return from_environment(found.username, found.secretKey, environ)
