"""GitHub as commands reach it: a stack's endpoint, and the value of a credential from the environment."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from .credentials import Credential, from_environment, variable
from .errors import CredentialError, SettingsError
from .github import GitHub
from .package_page import is_github, site_of
from .reference import GHCR
from .settings import Settings

PUBLIC = "https://api.github.com"


def endpoint_of(settings: Settings, registry: str) -> str:
    """Return the API that knows the tokens of a registry, empty where none does that we know of."""
    if not is_github(registry):
        return ""
    if settings.github:
        return settings.github.endpoint
    named = settings.registries.get(registry)
    if named and named.endpoint:
        return ""  # a registry that stands elsewhere, as behind a proxy: nobody said where its API is
    return PUBLIC if registry == GHCR else f"https://{site_of(registry)}"


def declared(settings: Settings, environ: Mapping[str, str]) -> GitHub:
    """Return GitHub as the credential of the section ``github`` is answered there.

    Raises:
        SettingsError: there is no such section.
        CredentialError: its value is not here.
        GitHubError: the endpoint's variable is not set.
    """
    if settings.github is None:
        remedy = "name `owner` and `credential`: pull requests are made with it"
        raise SettingsError("is missing", "github", remedy=remedy)
    return GitHub(settings.github.endpoint, value_of(settings, settings.github.credential, environ))


def administrator(settings: Settings, environ: Mapping[str, str], told: Callable[[str], object]) -> GitHub:
    """Return GitHub as the credential of the section ``github`` is answered there, else that which pulls from GHCR.

    Raises:
        CredentialError: there is none, or its value is not here.
        GitHubError: the endpoint's variable is not set.
    """
    home = settings.registries.get(settings.home)
    name = (home.pull or home.push) if home else None
    if settings.github:
        name = settings.github.credential
    if name is None:
        raise CredentialError("no credential asks GitHub", "github.credential", remedy="name one with read:packages")
    endpoint = endpoint_of(settings, settings.home)
    if not endpoint:
        raise CredentialError("its API is not known", settings.home, remedy="set `github.endpoint`")
    return GitHub(endpoint, value_of(settings, name, environ), told=told)


def value_of(settings: Settings, name: str, environ: Mapping[str, str]) -> Credential:
    """Return a credential with its value.

    Raises:
        CredentialError: its value is not here, or malformed.
    """
    said = settings.credentials[name]
    found = from_environment(said.username, said.secretKey, environ)
    if found is None:
        raise CredentialError("its value is not here", name, remedy=f"set {variable(said.secretKey)}")
    return found
