"""The GitHub side of a plan."""

from __future__ import annotations

from collections.abc import Mapping

from ..errors import Hub2GhcrError
from ..publishing import PAT_SECRET, render
from ..settings import GitHubSettings
from .nouns import CredentialRef, GitHub, Package, Phase, Repository
from .publishes import publish_of


def github_side(
    settings: GitHubSettings,
    registry: str,
    phase: Phase,
    credentials: Mapping[str, CredentialRef],
    problems: list[Hub2GhcrError],
) -> GitHub:
    """Return repositories with secrets and the workflows of a phase, and packages of a registry.

    What contradicts goes to ``problems``.
    """
    repositories = []
    for name, each in sorted(settings.repositories.items()):
        secrets = {secret: credentials[used] for secret, used in sorted(each.secrets.items())}
        publish = publish_of(settings, name, registry, phase, secrets.get(PAT_SECRET), problems)
        text = render(publish) if publish else None
        repositories.append(
            Repository(settings.owner, name, secrets, each.workflow.path if each.workflow else None, text, publish)
        )
    packages = tuple(
        Package(
            settings.owner,
            name,
            registry,
            each.visibility,
            f"{settings.owner}/{each.repository}" if each.repository else "",
            dict(sorted(each.access.items())),
            each.enforce,
        )
        for name, each in sorted(settings.packages.items())
    )
    return GitHub(settings.owner, settings.endpoint, credentials[settings.credential], tuple(repositories), packages)
