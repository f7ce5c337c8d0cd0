"""The keys of ``hub2ghcr:github``: repositories that publish images, and the packages they publish to."""

from __future__ import annotations

import re
from posixpath import normpath
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, Field, model_validator

from .fields import Model, Name, Owner, PackageName, Platform, RepositoryName, SecretName, Text, Url, matching


def _inside_repository(value: str) -> str:
    """Return a path in its shortest spelling; it becomes part of a URL and of a workflow."""
    allowed = re.fullmatch(r"[\w.@+,()' /-]+", value)
    if not allowed or value.startswith(("/", " ")) or value.endswith(" ") or ".." in value.split("/"):
        raise ValueError("must be a path inside the repository, such as services/shop")
    return normpath(value)


def _once(value: tuple[str, ...]) -> tuple[str, ...]:
    if len(set(value)) < len(value):
        raise ValueError("must name each platform once")
    return value


RepositoryPath = Annotated[str, Field(min_length=1), AfterValidator(_inside_repository)]
HubRepository = Annotated[
    str,
    matching(r"[a-z0-9]+(?:[._-]+[a-z0-9]+)*/[a-z0-9]+(?:[._-]+[a-z0-9]+)*", "an image such as acme/shop, lower case"),
]
HubAccount = Annotated[str, matching(r"[a-z0-9][a-z0-9_-]*", "a Docker Hub account's name, lower case")]


class HubSettings(Model):
    """An image on Docker Hub that is pushed besides until the stack is sealed, and which Actions secrets sign in."""

    image: HubRepository
    passwordSecret: SecretName
    username: HubAccount | None = None
    usernameSecret: SecretName | None = None


FileDelivery = Literal["pull-request", "commit"]
EnvironmentName = Annotated[str, matching(r"\S(?:.{0,253}\S)?", "an environment's name, at most 255 characters")]
RepositoryPattern = Annotated[
    str, matching(r"(?!/)(?!.*(?:^|/)\.\.(?:/|$)).+", "a path in the repository, such as *.md")
]


class WorkflowSettings(Model):
    """The publish workflow of a repository: where it is written, and what it builds: `hub2ghcr.publishing.Publish`.

    ``image`` is a package's name without its owner (None: the repository's name, lower-cased).
    """

    path: Annotated[str, matching(r"\.github/workflows/[\w.-]+\.ya?ml", "a file in .github/workflows/")] = (
        ".github/workflows/docker-publish.yml"
    )
    image: PackageName | None = None
    flavour: Literal["token", "pat"] = "token"
    context: RepositoryPath = "."
    dockerfile: RepositoryPath = "Dockerfile"
    testStage: Annotated[str, matching(r"[A-Za-z][\w.-]*", "the name of a Dockerfile's stage")] | None = None
    platforms: Annotated[tuple[Platform, ...], AfterValidator(_once)] = ()
    semver: bool = False
    attest: Literal["public", "always", "never"] = "public"
    hub: HubSettings | None = None

    def package(self, repository: str) -> str:
        """Return the package that a repository publishes to, without its owner."""
        return self.image or repository.lower()


class RemovedSecretSettings(Model):
    """An Actions secret that goes at seal. GitHub gives none back: its value is a credential's, or lost for good."""

    credential: Name | None = None
    lostForGood: bool = False

    @model_validator(mode="after")
    def _restorable(self) -> Self:
        if (self.credential is None) == (not self.lostForGood):
            raise ValueError("needs `credential`, which the way back writes again, or `lostForGood: true`")
        return self


class RepositorySettings(Model):
    """One GitHub repository.

    ``secrets``, ``dependabotSecrets`` and those of its ``environments`` are names -> credentials. ``removeAtSeal`` are
    Actions secrets that nothing needs any more. ``delivery`` (None: that of the owner's repositories) is how files come
    to the default branch: the publish ``workflow``, and what ``alsoRewrite`` names, where references to the old image
    stand.
    """

    secrets: dict[SecretName, Name] = Field(default_factory=dict)
    dependabotSecrets: dict[SecretName, Name] = Field(default_factory=dict)
    environments: dict[EnvironmentName, dict[SecretName, Name]] = Field(default_factory=dict)
    removeAtSeal: dict[SecretName, RemovedSecretSettings] = Field(default_factory=dict)
    delivery: FileDelivery | None = None
    alsoRewrite: tuple[RepositoryPattern, ...] = ()
    workflow: WorkflowSettings | None = None


class OrganizationSecretSettings(Model):
    """An Actions secret of an organisation: its credential, and which repositories may read it."""

    credential: Name
    visibility: Literal["all", "private", "selected"] = "selected"
    repositories: tuple[RepositoryName, ...] = ()

    @model_validator(mode="after")
    def _selected(self) -> Self:
        if (self.visibility == "selected") != bool(self.repositories):
            raise ValueError("`repositories` belong to `visibility: selected`, which needs them")
        return self


class OrganizationSettings(Model):
    """What belongs to the owner as a whole: its Actions secrets."""

    secrets: dict[SecretName, OrganizationSecretSettings] = Field(default_factory=dict)


class RetentionSettings(Model):
    """What the report of `hub2ghcr retention` counts as kept, besides what is in use.

    ``keepVersions`` is how many of the newest tagged versions their tags keep (None: every tag keeps its version),
    ``keepDays`` for how many days every version is kept, tagged or not.
    """

    keepVersions: Annotated[int, Field(ge=1)] | None = None
    keepDays: Annotated[int, Field(ge=0)] | None = None


class PackageSettings(Model):
    """What a package should be. No API sets any of it: it is compared, and told.

    ``repository`` is the one that it is linked to; ``access`` who may do what, which no API shows either: it is told
    with the page that shows it. ``enforce`` is whether a difference is a warning or ends the run.
    """

    visibility: Literal["public", "private", "internal"] | None = None
    repository: RepositoryName | None = None
    access: dict[Text, Literal["read", "write", "admin"]] = Field(default_factory=dict)
    enforce: Literal["warn", "fail"] = "warn"
    retention: RetentionSettings = RetentionSettings()


class GitHubSettings(Model):
    """The GitHub side: an owner, the credential that administers it, its repositories and packages.

    ``followSeconds`` is how long a run waits, in all, for workflows that it has set off.
    """

    owner: Owner
    credential: Name
    endpoint: Url = "https://api.github.com/"
    delivery: FileDelivery = "pull-request"
    followSeconds: Annotated[int, Field(ge=0, le=3600)] = 120
    organization: OrganizationSettings = OrganizationSettings()
    repositories: dict[RepositoryName, RepositorySettings] = Field(default_factory=dict)
    packages: dict[PackageName, PackageSettings] = Field(default_factory=dict)
