"""From settings to registries that commands can talk to: endpoints, and the values of the named credentials."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from .credentials import Credential, from_docker, from_environment, variable
from .errors import CredentialError, Hub2GhcrError, raise_all
from .reference import endpoint_of, one_host
from .registry import Access, Patience, Registries
from .settings import Settings


def registries(
    settings: Settings, environ: Mapping[str, str], *, push: Collection[str] = (), patience: Patience | None = None
) -> Registries:
    """Return the registries of a stack, opened with what the environment or Docker's ``config.json`` holds.

    A credential without a value anywhere reads anonymously; the hosts in ``push`` must have one to write with.

    Raises:
        Problems: values that are malformed, and hosts of ``push`` without a credential.
    """
    problems: list[Hub2GhcrError] = []
    accesses = []
    for host in sorted({one_host(each) for each in (*settings.registries, *push)}):
        try:
            accesses.append(_access(settings, host, environ, host in push))
        except Hub2GhcrError as error:
            problems.append(error)
    raise_all(problems)
    return Registries(accesses, patience)


def _access(settings: Settings, host: str, environ: Mapping[str, str], push: bool) -> Access:
    declared = next((each for name, each in settings.registries.items() if one_host(name) == host), None)
    endpoint = (declared and declared.endpoint) or endpoint_of(host)
    stored = from_docker(host, environ)
    puller = _value(settings, declared.pull if declared else None, environ) or stored
    pusher = _value(settings, declared.push if declared else None, environ) or stored
    if push and pusher is None:
        name = declared.push if declared else None
        setting = f"set {variable(settings.credentials[name].secretKey)}, or " if name else ""
        raise CredentialError("no credential to push with", host, remedy=f"{setting}`docker login {host}`")
    return Access(host, endpoint, puller, pusher)


def _value(settings: Settings, name: str | None, environ: Mapping[str, str]) -> Credential | None:
    if name is None:
        return None
    found = settings.credentials[name]
    return from_environment(found.username, found.secretKey, environ)
