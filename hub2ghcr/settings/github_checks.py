"""What one key of ``github`` cannot say alone: the credentials that it names, and secrets that come and go."""

from __future__ import annotations

from collections.abc import Iterator

from ..errors import SettingsError
from .github import GitHubSettings


def credential_names(github: GitHubSettings) -> Iterator[tuple[str, str]]:
    """Yield the path and the name of each credential that is written as a secret, or restored as one."""
    for secret, each in github.organization.secrets.items():
        yield f"github.organization.secrets.{secret}.credential", each.credential
    for repository, wanted in github.repositories.items():
        place = f"github.repositories.{repository}"
        for secret, name in wanted.secrets.items():
            yield f"{place}.secrets.{secret}", name
        for secret, name in wanted.dependabotSecrets.items():
            yield f"{place}.dependabotSecrets.{secret}", name
        for environment, secrets in wanted.environments.items():
            yield from ((f"{place}.environments.{environment}.{secret}", name) for secret, name in secrets.items())
        for secret, removed in wanted.removeAtSeal.items():
            if removed.credential is not None:
                yield f"{place}.removeAtSeal.{secret}.credential", removed.credential


def repositories(github: GitHubSettings) -> Iterator[SettingsError]:
    """Require that no secret is both written and removed, and that what is named once is named once."""
    for name, wanted in github.repositories.items():
        place = f"github.repositories.{name}"
        for secret in sorted({*wanted.secrets} & {*wanted.removeAtSeal}):
            remedy = "keep it in one of `secrets` and `removeAtSeal`"
            yield SettingsError("is written by this stack", f"{place}.removeAtSeal.{secret}", remedy=remedy)
    lower: dict[str, str] = {}
    for name in sorted(github.repositories):
        if (other := lower.setdefault(name.lower(), name)) != name:
            remedy = "GitHub takes them for one: keep one"
            yield SettingsError(f"is {other} in another spelling", f"github.repositories.{name}", remedy=remedy)
