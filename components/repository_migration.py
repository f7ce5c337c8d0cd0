"""One GitHub repository: what its publish workflow needs, and the workflow."""

from dataclasses import dataclass, field

import pulumi
import pulumi_github as github

from hub2ghcr.plan import CredentialRef

from .secret_value import secret_value


@dataclass
class RepositoryMigrationArgs:
    """The repository's name, Actions secrets by name, and the workflow's path and text if there is one."""

    repository: str
    secrets: dict[str, CredentialRef] = field(default_factory=dict)
    workflow_path: str | None = None
    workflow: str | None = None


class RepositoryMigration(pulumi.ComponentResource):
    """Actions secrets, then the workflow that uses them. A file that exists already is not overwritten."""

    def __init__(self, name: str, args: RepositoryMigrationArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("hub2ghcr:index:RepositoryMigration", name, {}, opts)
        after = pulumi.ResourceOptions(parent=self, depends_on=opts.depends_on if opts else None)
        self.secrets = [
            github.ActionsSecret(
                f"{name}/{secret}",
                repository=args.repository,
                secret_name=secret,
                value=secret_value(credential),
                opts=pulumi.ResourceOptions.merge(
                    after, pulumi.ResourceOptions(additional_secret_outputs=["value", "plaintextValue"])
                ),
            )
            for secret, credential in sorted(args.secrets.items())
        ]
        self.workflow: github.RepositoryFile | None = None
        if args.workflow_path and args.workflow:
            self.workflow = github.RepositoryFile(
                f"{name}/{args.workflow_path}",
                repository=args.repository,
                file=args.workflow_path,
                content=args.workflow,
                commit_message="Publish the image to GHCR",
                opts=pulumi.ResourceOptions.merge(after, pulumi.ResourceOptions(depends_on=list(self.secrets))),
            )
        self.register_outputs({})
