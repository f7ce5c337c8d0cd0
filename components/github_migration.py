"""The GitHub side: how its API is reached, the repositories that publish images, the packages they publish to."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import pulumi
import pulumi_github as github

from hub2ghcr.package_page import settings_page
from hub2ghcr.plan import GitHub, OrganizationSecret
from hub2ghcr.reference import Reference

from . import secret_absence, secret_drift
from .expected_repositories import ExpectedRepositories
from .package_foretelling import foretell_packages
from .package_settings import PackageSettings, PackageSettingsArgs
from .repository_looks import Looks, looks
from .repository_migration import SECRET_OUTPUTS, RepositoryMigration, RepositoryMigrationArgs, deadline
from .secret_value import secret_value


@dataclass
class GitHubMigrationArgs:
    """GitHub's part of the plan, and by its target every image copy: the first one brings a package into being.

    ``sealed``: Docker Hub is left for good, and what opens it goes. ``look`` tells what repositories lack.
    """

    github: GitHub
    mirrors: Mapping[str, pulumi.Resource] = field(default_factory=dict)
    sealed: bool = False
    look: Callable[[GitHub], Looks] = looks


class GitHubMigration(pulumi.ComponentResource):
    """Repositories at once, packages after the copies that make them. One provider, with the stack's own token.

    ``unseen`` has a line for each repository that could not be looked at: nothing is brought to it, and a run has to
    fail for it when all else is done. A preview warns: one of a fork has no credentials.
    """

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
            legacy_client=False,  # docs/adr/0009: many repositories at once, and waits when GitHub says so
            opts=pulumi.ResourceOptions(parent=self),
        )
        self.expected = ExpectedRepositories(name, plan=plan, opts=pulumi.ResourceOptions(parent=self))
        looked = args.look(plan)
        self.unseen = looked.unseen
        if pulumi.runtime.is_dry_run():
            for line in looked.unseen:
                pulumi.log.warn(line)
        until = deadline(plan.follow_seconds)
        providers: Mapping[str, pulumi.ProviderResource] = {"github": self.provider}
        self._absent = secret_absence.proven(plan)
        for secret in plan.organization_secrets:
            self._organization_secret(name, secret)
        for repository in plan.repositories:
            host, _, package = repository.image.partition("/")
            RepositoryMigration(
                f"{repository.owner}/{repository.name}",
                RepositoryMigrationArgs(
                    plan,
                    repository,
                    looked.seen.get(repository.name),
                    args.sealed,
                    settings_page(host, package),
                    until,
                    self.expected.former,
                    self._absent,
                ),
                pulumi.ResourceOptions(parent=self, providers=providers, depends_on=[self.expected]),
            )
        for each in plan.packages:
            PackageSettings(
                f"{each.owner}/{each.name}",
                PackageSettingsArgs(
                    owner=each.owner,
                    name=each.name,
                    endpoint=plan.endpoint,
                    credential=plan.credential.name,
                    registry=each.registry,
                    visibility=each.visibility,
                    repository=each.repository,
                    enforce=each.enforce,
                ),
                pulumi.ResourceOptions(
                    parent=self, depends_on=[self.expected, *_of(each.owner, each.name, args.mirrors)]
                ),
            )
        self.register_outputs({})

    def _organization_secret(self, name: str, secret: OrganizationSecret) -> None:
        after = pulumi.ResourceOptions(parent=self, provider=self.provider, depends_on=[self.expected])
        made = github.ActionsOrganizationSecret(
            f"{name}/{secret.name}",
            secret_name=secret.name,
            visibility=secret.visibility,
            value=secret_value(secret.credential),
            # by one write with the value: a resource of their own is not applied again when the value changes, and
            # GitHub takes a write without repositories for one that selects none
            selected_repository_ids=self.expected.numbers.apply(
                lambda numbers: [int(numbers[each]) for each in secret.repositories]
            )
            if secret.visibility == "selected"
            else None,
            opts=pulumi.ResourceOptions.merge(
                after, pulumi.ResourceOptions(additional_secret_outputs=SECRET_OUTPUTS, hooks=self._absent)
            ),
        )
        secret_drift.tell(made, name, secret.name, f"--org {name}")


def _of(owner: str, name: str, mirrors: Mapping[str, pulumi.Resource]) -> list[pulumi.Resource]:
    """Return the copies that land in a package."""
    repository = f"{owner}/{name}".lower()
    return [each for target, each in sorted(mirrors.items()) if Reference.parse(target).repository == repository]
