"""The GitHub side of a plan."""

from __future__ import annotations

from collections.abc import Mapping

from .. import workflow
from ..errors import Hub2GhcrError, SettingsError
from ..package_page import settings_page
from ..settings import GitHubSettings
from .nouns import CredentialRef, GitHub, Package, Repository


def github_side(
    settings: GitHubSettings, registry: str, credentials: Mapping[str, CredentialRef], problems: list[Hub2GhcrError]
) -> GitHub:
    """Return repositories with secrets and workflows, and packages of a registry.

    What contradicts goes to ``problems``.
    """
    repositories = []
    for name, each in sorted(settings.repositories.items()):
        secrets = {secret: credentials[used] for secret, used in sorted(each.secrets.items())}
        text = None
        if each.workflow is not None:
            signer = secrets.get(workflow.PAT_SECRET)
            if each.workflow.flavour == "pat" and signer is None:
                path = f"github.repositories.{name}.workflow.flavour"
                remedy = f"add secrets.{workflow.PAT_SECRET}, or use flavour token"
                problems.append(SettingsError(f"pat needs the secret {workflow.PAT_SECRET}", path, "pat", remedy))
            text = workflow.render(
                owner=settings.owner,
                image=each.workflow.image,
                registry=registry,
                flavour=each.workflow.flavour,
                username=signer.username if signer else "",
                context=each.workflow.context,
                dockerfile=each.workflow.dockerfile,
            )
        repositories.append(
            Repository(settings.owner, name, secrets, each.workflow.path if each.workflow else None, text)
        )
    packages = tuple(
        Package(
            settings.owner,
            name,
            each.visibility,
            settings_page(registry, f"{settings.owner}/{name}"),
        )
        for name, each in sorted(settings.packages.items())
    )
    return GitHub(settings.owner, settings.endpoint, credentials[settings.credential], tuple(repositories), packages)
