"""What of GitHub's side is there already: proven before anything is created.

GitHub replaces an existing secret without a word, of whatever kind. So what this stack has not created must be absent,
and a preview says so (docs/adr/0003). A file may be there if it is this stack's own: its last line tells. What the
state knows was proven once: a secret that a failed run did not come to is looked at again (`secret_absence`).
"""

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import pulumi
from pulumi.dynamic import CheckResult, CreateResult, DiffResult, ReadResult, Resource, UpdateResult

from hub2ghcr.plan import GitHub as Plan

from . import former_files
from .provider_process import ReferencedProvider, failures, reference_moved

if TYPE_CHECKING:
    from hub2ghcr.errors import Hub2GhcrError
    from hub2ghcr.github import GitHub

JOBS = 8
"""Questions asked at the same time."""

Part = tuple[str, str, str, str]
"""Repository (empty: the owner), kind, environment (of its secrets, else empty), and name."""


class ExpectedRepositoriesProvider(ReferencedProvider):
    """Looks at GitHub in ``check``: always at its owner, and at what the state does not know as this stack's own."""

    def check(self, olds: dict[str, Any], news: dict[str, Any]) -> CheckResult:
        """Report a GitHub that cannot be asked, repositories that are missing, and everything that is in the way."""
        from concurrent.futures import ThreadPoolExecutor

        from hub2ghcr.errors import GitHubError, Hub2GhcrError, raise_all

        from .github_access import github as opened

        owner = news["owner"]
        same = olds.get("owner") == owner
        known = set(_parts(olds)) if same else set()
        numbers = dict(olds.get("numbers") or {}) if same else {}
        unknown = [
            each for each in _parts(news) if each not in known or (each[1] == "number" and each[0] not in numbers)
        ]
        try:
            repositories = {each[0] for each in _parts(news) if each[1] == "repository"} if same else set()
            raise_all(former_files.unkept(olds, repositories))
            github = opened(news["endpoint"], news["credential"])
            if not github.has_owner(owner):
                raise GitHubError("no such organisation or user", "github.owner", owner)
            with ThreadPoolExecutor(JOBS) as pool:
                found = list(pool.map(lambda part: _answer(github, owner, news["stack"], part), unknown))
            raise_all(each for each in found if isinstance(each, Hub2GhcrError))
            kept = [
                [repository, path]
                for repository, path in former_files.former(olds if same else {})
                if repository in repositories and former_files.there(github, owner, repository, path)
            ]
        except Hub2GhcrError as error:
            return CheckResult(news, failures(error))
        numbers |= {part[0]: each for part, each in zip(unknown, found, strict=True) if isinstance(each, int)}
        wanted = {part[0] for part in _parts(news) if part[1] == "number"}
        seen = {"numbers": {name: numbers[name] for name in sorted(wanted)}, "former": kept or None}
        return CheckResult({**news, **seen}, [])

    def diff(self, _id: str, olds: dict[str, Any], news: dict[str, Any]) -> DiffResult:
        """Compare what is expected; how GitHub is reached is no part of it."""
        moved = reference_moved(olds, news) or olds.get("owner") != news["owner"]
        return DiffResult(
            changes=moved or any(olds.get(key) != news.get(key) for key in ("parts", "numbers", "former"))
        )

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
    """The proof that nothing on GitHub is replaced; everything declared there depends on it.

    ``numbers`` are GitHub's ids of the repositories that secrets of the organisation are for, by name. ``former`` are
    the repositories and paths of files that the state has as resources of earlier versions.
    """

    numbers: pulumi.Output[dict[str, int]]
    former: pulumi.Output[list[list[str]] | None]

    def __init__(self, name: str, *, plan: Plan, opts: pulumi.ResourceOptions | None = None) -> None:
        props = {
            "owner": plan.owner,
            "endpoint": plan.endpoint,
            "credential": plan.credential.name,
            "stack": pulumi.get_stack(),
            "project": pulumi.get_project(),
            "parts": [list(each) for each in expected(plan)],
            "numbers": None,
            "former": None,
        }
        super().__init__(ExpectedRepositoriesProvider(), name, props, opts)


def expected(plan: Plan) -> Sequence[Part]:
    """Return all that a stack makes on GitHub, and that is not to be there before it does, sorted."""
    found: set[Part] = set()
    for secret in plan.organization_secrets:
        found.add(("", "organization secret", "", secret.name))
        found |= {(name, "number", "", "") for name in secret.repositories}
    for each in plan.repositories:
        found.add((each.name, "repository", "", ""))
        found |= {(each.name, "secret", "", name) for name in each.secrets}
        found |= {(each.name, "Dependabot secret", "", name) for name in each.dependabot_secrets}
        for environment, secrets in each.environments.items():
            found.add((each.name, "environment", environment, ""))
            found |= {(each.name, "environment secret", environment, name) for name in secrets}
        if each.workflow_path:
            found.add((each.name, "file", "", each.workflow_path))
    return sorted(found)


def _parts(props: dict[str, Any]) -> Iterator[Part]:
    """Yield everything that is expected; an older state had its repositories one by one."""
    yield from ((one, kind, environment, name) for one, kind, environment, name in props.get("parts") or [])
    for each in props.get("repositories") or []:
        yield each["name"], "repository", "", ""
        yield from ((each["name"], "secret", "", secret) for secret in each["secrets"])
    yield from ((name, "file", "", path) for name, path in former_files.former(props))


def _answer(github: "GitHub", owner: str, stack: str, part: Part) -> "Hub2GhcrError | int | None":
    """Return what is wrong with one part, even if GitHub does not tell, or the number of a repository."""
    from hub2ghcr.errors import Hub2GhcrError

    try:
        return wrong(github, owner, stack, part)
    except Hub2GhcrError as error:
        return error


def wrong(github: "GitHub", owner: str, stack: str, part: Part) -> "Hub2GhcrError | int | None":
    """Return what is wrong with one part, or the number of a repository.

    Raises:
        GitHubError: as `hub2ghcr.github.GitHub` does.
    """
    from hub2ghcr.errors import GitHubError
    from hub2ghcr.github.refusals import ARCHIVED

    repository, kind, environment, name = part
    place = f"{owner}/{repository}" if repository else owner
    repo = ("repos", owner, repository)
    if kind in ("repository", "number"):
        found = github.send("GET", *repo)
        if found is None:
            return GitHubError("no such repository, or its administrator cannot see it", place)
        if kind == "number":
            return int(found["id"])
        if found.get("archived"):
            return GitHubError("is archived: GitHub takes no write to it", place, remedy=ARCHIVED)
        return None
    if kind == "environment":
        if github.send("GET", *repo, "environments", environment) is None:
            remedy = f"make it: gh api -X PUT repos/{place}/environments/{quote(environment, safe='')}"
            return GitHubError("no such environment", place, environment, remedy)
        return None
    if kind == "file":
        return _file(github, owner, repository, stack, name)
    path, flags = {
        "secret": ((*repo, "actions", "secrets"), f"--repo {place}"),
        "Dependabot secret": ((*repo, "dependabot", "secrets"), f"--repo {place} --app dependabot"),
        "environment secret": ((*repo, "environments", environment, "secrets"), f"--repo {place} --env {environment}"),
        "organization secret": (("orgs", owner, "actions", "secrets"), f"--org {owner}"),
    }[kind]
    found = github.send("GET", *path, name)
    if found is None:
        return None
    what = f"{'Actions secret' if kind == 'secret' else kind} {name} already exists, and its value would be lost"
    where = f"{place}, environment {environment}" if environment else place
    # of its value nobody can tell whose it is; of its time those who know when this stack's runs failed can
    at = found.get("updated_at")
    since = f" (set at {at}; by a run of this stack that failed then, nothing is lost)" if at else ""
    return GitHubError(what, where, "", f"delete it first: gh secret delete {name} {flags}{since}")


def _file(github: "GitHub", owner: str, repository: str, stack: str, path: str) -> "Hub2GhcrError | None":
    import base64

    from hub2ghcr.delivering.mark import is_ours
    from hub2ghcr.errors import GitHubError

    found = github.send("GET", "repos", owner, repository, "contents", *path.split("/"))
    if found is None or (isinstance(found, dict) and is_ours(base64.b64decode(found.get("content") or ""), stack)):
        return None
    remedy = "move it away, or set another workflow.path"
    return GitHubError(f"{path} already exists", f"{owner}/{repository}", remedy=remedy)
