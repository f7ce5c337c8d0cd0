"""That a secret is absent, looked at in the moment before it is created: GitHub would replace it without a word.

`ExpectedRepositories` proves it for all of them before anything is created, and once. A run that fails then leaves
secrets that it has not come to, and somebody may set one before the next run.
"""

from collections.abc import Callable, Mapping
from typing import Any

import pulumi

from hub2ghcr.plan import GitHub as Plan

from . import provider_process, stack_config
from .asking import asked
from .expected_repositories import Part, wrong
from .github_access import github

PARTS: Mapping[str, Callable[[Mapping[str, Any]], Part]] = {
    "github:index/actionsSecret:ActionsSecret": lambda of: (of["repository"], "secret", "", of["secretName"]),
    "github:index/dependabotSecret:DependabotSecret": lambda of: (
        of["repository"],
        "Dependabot secret",
        "",
        of["secretName"],
    ),
    "github:index/actionsEnvironmentSecret:ActionsEnvironmentSecret": lambda of: (
        of["repository"],
        "environment secret",
        of["environment"],
        of["secretName"],
    ),
    "github:index/actionsOrganizationSecret:ActionsOrganizationSecret": lambda of: (
        "",
        "organization secret",
        "",
        of["secretName"],
    ),
}
"""What a secret of pulumi-github is among the parts of GitHub's side, by its type and inputs."""


def prove(plan: Plan, kind: str, inputs: Mapping[str, Any]) -> None:
    """Ask GitHub for a secret that is about to be created, by its type and inputs.

    Raises:
        GitHubError: it is there already; as `hub2ghcr.github.GitHub` does.
    """
    provider_process.know(stack_config.given())
    found = wrong(github(plan.endpoint, plan.credential.name), plan.owner, "", PARTS[kind](inputs))
    if isinstance(found, Exception):
        raise found


def proven(plan: Plan) -> pulumi.ResourceHookBinding:
    """Return the hooks of secrets: one that is there already is not created, in previews as in runs."""

    async def absent(of: pulumi.ResourceHookArgs) -> None:
        await asked("secrets", prove, plan, of.type, of.new_inputs or {})

    hook = pulumi.ResourceHook(f"{plan.owner}: secrets are absent", absent, pulumi.ResourceHookOptions(on_dry_run=True))
    return pulumi.ResourceHookBinding(before_create=[hook])
