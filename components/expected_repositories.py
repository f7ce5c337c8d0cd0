"""Which Actions secrets and workflow files are there already: proven before anything is created.

GitHub replaces an existing secret without a word, and pulumi-github refuses an existing file only when it writes. So
what this stack has not created must be absent, and a preview says so (docs/adr/0003).
"""

from collections.abc import Iterator, Sequence
from typing import Any

import pulumi
from pulumi.dynamic import CheckResult, CreateResult, DiffResult, ReadResult, Resource, UpdateResult

from hub2ghcr.plan import Repository

from .provider_process import ReferencedProvider, failures, reference_moved

JOBS = 8
"""Questions asked at the same time."""


class ExpectedRepositoriesProvider(ReferencedProvider):
    """Looks at GitHub in ``check``: always at its owner, and at what the state does not know as this stack's own."""

    def check(self, olds: dict[str, Any], news: dict[str, Any]) -> CheckResult:
        """Report a GitHub that cannot be asked, repositories that are missing, and everything that is in the way."""
        from concurrent.futures import ThreadPoolExecutor

        from hub2ghcr.errors import GitHubError, Hub2GhcrError, raise_all
        from hub2ghcr.github import GitHub

        from .registry_access import credential

        owner = news["owner"]
        known = set(_parts(olds)) if olds.get("owner") == owner else set()
        unknown = [each for each in _parts(news) if each not in known]

        def problem(part: tuple[str, str, str]) -> Hub2GhcrError | None:
            repository, kind, name = part
            place = f"{owner}/{repository}"
            if kind == "repository":
                if github.has_repository(owner, repository):
                    return None
                return GitHubError("no such repository, or its administrator cannot see it", place)
            if kind == "secret" and github.has_secret(owner, repository, name):
                remedy = f"delete it first: gh secret delete {name} --repo {place}"
                return GitHubError(
                    f"Actions secret {name} already exists, and its value would be lost", place, "", remedy
                )
            if kind == "file" and github.has_file(owner, repository, name):
                return GitHubError(f"{name} already exists", place, remedy="move it away, or set another workflow.path")
            return None

        try:
            with GitHub(news["endpoint"], credential(news["credential"])) as github:
                if not github.has_owner(owner):
                    raise GitHubError("no such organisation or user", "github.owner", owner)
                with ThreadPoolExecutor(JOBS) as pool:
                    raise_all(found for found in pool.map(problem, unknown) if found)
        except Hub2GhcrError as error:
            return CheckResult(news, failures(error))
        return CheckResult(news, [])

    def diff(self, _id: str, olds: dict[str, Any], news: dict[str, Any]) -> DiffResult:
        """Compare what is expected; how GitHub is reached is no part of it."""
        moved = reference_moved(olds, news) or olds.get("owner") != news["owner"]
        return DiffResult(changes=moved or olds.get("repositories") != news["repositories"])

    def create(self, props: dict[str, Any]) -> CreateResult:
        """Keep what was proven."""
        return CreateResult(props["owner"], dict(props))

    def update(self, _id: str, _olds: dict[str, Any], news: dict[str, Any]) -> UpdateResult:
        """Keep what was proven."""
        return UpdateResult(dict(news))

    def read(self, id_: str, props: dict[str, Any]) -> ReadResult:
        """Change nothing: the next run looks again."""
        return ReadResult(id_, dict(props))


class ExpectedRepositories(Resource, module="hub2ghcr", name="ExpectedRepositories"):
    """The proof that nothing on GitHub is replaced; everything declared there depends on it."""

    def __init__(
        self,
        name: str,
        *,
        owner: str,
        endpoint: str,
        credential: str,
        repositories: Sequence[Repository],
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        listed = [
            {"name": each.name, "secrets": sorted(each.secrets), "file": each.workflow_path or ""}
            for each in repositories
        ]
        props = {"owner": owner, "endpoint": endpoint, "credential": credential, "repositories": listed}
        super().__init__(ExpectedRepositoriesProvider(), name, props, opts)


def _parts(props: dict[str, Any]) -> Iterator[tuple[str, str, str]]:
    """Yield repository, kind and name of everything that is expected."""
    for each in props.get("repositories") or []:
        yield each["name"], "repository", ""
        yield from ((each["name"], "secret", secret) for secret in each["secrets"])
        if each["file"]:
            yield each["name"], "file", each["file"]
