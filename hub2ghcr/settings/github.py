"""The keys of ``hub2ghcr:github``: repositories that publish images, and the packages they publish to."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from .fields import Model, Name, Owner, PackageName, RepositoryName, SecretName, Text, Url, matching


class WorkflowSettings(Model):
    """The publish workflow of a repository: where it is written, and the image it builds."""

    path: Annotated[str, matching(r"\.github/workflows/[\w.-]+\.ya?ml", "a file in .github/workflows/")]
    image: PackageName
    flavour: Literal["pat", "token"] = "pat"
    context: Text = "."
    dockerfile: Text = "Dockerfile"


class RepositorySettings(Model):
    """One GitHub repository: Actions secrets (name -> credential) and its publish workflow."""

    secrets: dict[SecretName, Name] = Field(default_factory=dict)
    workflow: WorkflowSettings | None = None


class PackageSettings(Model):
    """The visibility that a package should have. No API sets it: it is checked."""

    visibility: Literal["public", "private", "internal"]


class GitHubSettings(Model):
    """The GitHub side: an owner, the credential that administers it, its repositories and packages."""

    owner: Owner
    credential: Name
    endpoint: Url = "https://api.github.com/"
    repositories: dict[RepositoryName, RepositorySettings] = Field(default_factory=dict)
    packages: dict[PackageName, PackageSettings] = Field(default_factory=dict)
