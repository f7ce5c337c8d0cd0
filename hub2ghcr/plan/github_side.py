"""The GitHub side of a plan."""

from __future__ import annotations

from collections.abc import Mapping

from ..credential_ref import CredentialRef
from ..errors import Hub2GhcrError
from ..mapping import Mapping as ImageMapping
from ..publishing import PAT_SECRET, render
from ..settings import GitHubSettings
from .github_nouns import GitHub, OrganizationSecret, Package, RemovedSecret, Repository
from .nouns import Phase
from .publishes import publish_of


def github_side(
    settings: GitHubSettings,
    registry: str,
    phase: Phase,
    credentials: Mapping[str, CredentialRef],
    problems: list[Hub2GhcrError],
    mapping: ImageMapping,
) -> GitHub:
    """Return repositories with secrets and the workflows of a phase, and packages of a registry.

    What contradicts goes to ``problems``.
    """
    repositories = []
    for name, each in sorted(settings.repositories.items()):
        secrets = _named(each.secrets, credentials)
        publish = publish_of(settings, name, registry, phase, secrets.get(PAT_SECRET), problems)
        repositories.append(
            Repository(
                settings.owner,
                name,
                secrets,
                each.workflow.path if each.workflow else None,
                render(publish) if publish else None,
                publish,
                publish.image if publish else f"{registry}/{settings.owner}/{name}".lower(),
                _named(each.dependabotSecrets, credentials),
                {named: _named(kept, credentials) for named, kept in sorted(each.environments.items())},
                tuple(
                    RemovedSecret(gone, credentials[found.credential] if found.credential else None)
                    for gone, found in sorted(each.removeAtSeal.items())
                ),
                each.delivery or settings.delivery,
                each.alsoRewrite,
            )
        )
    organization = tuple(
        OrganizationSecret(name, credentials[one.credential], one.visibility, tuple(sorted(one.repositories)))
        for name, one in sorted(settings.organization.secrets.items())
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
    return GitHub(
        settings.owner,
        settings.endpoint,
        credentials[settings.credential],
        tuple(repositories),
        packages,
        organization,
        settings.followSeconds,
        mapping,
    )


def _named(used: Mapping[str, str], credentials: Mapping[str, CredentialRef]) -> dict[str, CredentialRef]:
    return {secret: credentials[name] for secret, name in sorted(used.items())}
