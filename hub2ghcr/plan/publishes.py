"""What the publish workflow of a repository does, as its stack's settings and phase have it."""

from __future__ import annotations

import re
from typing import Final
from urllib.parse import urlsplit

from ..credential_ref import CredentialRef
from ..errors import Hub2GhcrError, SettingsError
from ..publishing import PAT_SECRET, Attest, HubImage, Publish
from ..settings import GitHubSettings, HubSettings, WorkflowSettings
from .nouns import Phase

GITHUB: Final = "api.github.com"
"""The host of the API of GitHub itself; any other is a GitHub Enterprise's."""

_LOGIN = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]*(?:\[bot\])?")


def publish_of(
    settings: GitHubSettings,
    repository: str,
    registry: str,
    phase: Phase,
    signer: CredentialRef | None,
    problems: list[Hub2GhcrError],
) -> Publish | None:
    """Return what a repository's workflow publishes, None where it has none.

    Until ``seal`` it pushes to Docker Hub, too: clusters that have not moved yet, and the way back, pull from there.

    Args:
        settings: the section ``github``.
        repository: the repository's name, one of those in ``settings``.
        registry: the host that packages are published on.
        phase: the stack's.
        signer: the credential of the repository's ``CR_PAT``, None without one.
        problems: gets what contradicts.
    """
    wanted = settings.repositories[repository].workflow
    if wanted is None:
        return None
    path = f"github.repositories.{repository}.workflow"
    if wanted.flavour == "pat":
        problems += _signing(path, signer)
    return Publish(
        f"{registry}/{settings.owner}/{wanted.package(repository)}".lower(),
        wanted.flavour,
        signer.username if signer and wanted.flavour == "pat" else "",
        wanted.context,
        wanted.dockerfile,
        wanted.testStage or "",
        wanted.platforms,
        wanted.semver,
        _attest(settings, wanted, path, problems),
        _hub(wanted.hub) if wanted.hub and phase != "seal" else None,
        f"{settings.owner}/{repository}",
    )


def _signing(path: str, signer: CredentialRef | None) -> list[Hub2GhcrError]:
    if signer is None:
        remedy = f"add secrets.{PAT_SECRET}, or use flavour token"
        return [SettingsError(f"pat needs the secret {PAT_SECRET}", f"{path}.flavour", "pat", remedy)]
    if not _LOGIN.fullmatch(signer.username):
        what = f"must be a GitHub account's name: the workflow of {path} signs in with it"
        return [SettingsError(what, f"credentials.{signer.name}.username", signer.username)]
    return []


def _attest(settings: GitHubSettings, wanted: WorkflowSettings, path: str, problems: list[Hub2GhcrError]) -> Attest:
    if urlsplit(settings.endpoint).hostname == GITHUB:
        return wanted.attest
    if wanted.attest == "always":
        what = "there are no attestations on GitHub Enterprise Server"
        problems.append(SettingsError(what, f"{path}.attest", "always", "leave it out"))
    return "never"


def _hub(hub: HubSettings) -> HubImage:
    return HubImage(hub.image, hub.passwordSecret, hub.username or "", hub.usernameSecret or "")
