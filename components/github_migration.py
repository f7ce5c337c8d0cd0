"""The GitHub side: how its API is reached, the repositories that publish images, the packages they publish to."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import pulumi
import pulumi_github as github

from hub2ghcr.plan import GitHub
from hub2ghcr.reference import Reference

from .expected_repositories import ExpectedRepositories
from .package_foretelling import foretell_packages
from .package_settings import PackageSettings, PackageSettingsArgs
from .repository_migration import RepositoryMigration, RepositoryMigrationArgs
from .secret_value import secret_value


@dataclass
class GitHubMigrationArgs:
    """GitHub's part of the plan, and by its target every image copy: the first one brings a package into being."""

    github: GitHub
    mirrors: Mapping[str, pulumi.Resource] = field(default_factory=dict)


class GitHubMigration(pulumi.ComponentResource):
    """Repositories at once, packages after the copies that make them. One provider, with the stack's own token."""

    def __init__(self, name: str, args: GitHubMigrationArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("hub2ghcr:index:GitHubMigration", name, {}, opts)
        plan = args.github
        if plan.packages and pulumi.runtime.is_dry_run():
            foretell_packages(plan)
        self.provider = github.Provider(
            name,
            base_url=plan.endpoint,
            owner=plan.owner,
            token=secret_value(plan.credential),
            opts=pulumi.ResourceOptions(parent=self),
        )
        expected = ExpectedRepositories(
            name,
            owner=plan.owner,
            endpoint=plan.endpoint,
            credential=plan.credential.name,
            repositories=plan.repositories,
            opts=pulumi.ResourceOptions(parent=self),
        )
        for repository in plan.repositories:
            RepositoryMigration(
                f"{repository.owner}/{repository.name}",
                RepositoryMigrationArgs(
                    repository.name, dict(repository.secrets), repository.workflow_path, repository.workflow
                ),
                pulumi.ResourceOptions(parent=self, providers={"github": self.provider}, depends_on=[expected]),
            )
        for package in plan.packages:
            PackageSettings(
                f"{package.owner}/{package.name}",
                PackageSettingsArgs(
                    package.owner,
                    package.name,
                    plan.endpoint,
                    plan.credential.name,
                    package.registry,
                    package.visibility,
                    package.repository,
                    package.enforce,
                ),
                pulumi.ResourceOptions(
                    parent=self, depends_on=[expected, *_of(package.owner, package.name, args.mirrors)]
                ),
            )
        self.register_outputs({})


def _of(owner: str, name: str, mirrors: Mapping[str, pulumi.Resource]) -> list[pulumi.Resource]:
    """Return the copies that land in a package."""
    repository = f"{owner}/{name}".lower()
    return [each for target, each in sorted(mirrors.items()) if Reference.parse(target).repository == repository]
