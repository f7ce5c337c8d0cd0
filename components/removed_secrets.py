"""Actions secrets of a repository that go at seal, as a resource: GitHub gives none back, so nothing else removes them.

One that a workflow of the default branch still reads stays, and is told with its file: so that it goes after the merge
of the workflow for this phase. The way back writes those of named credentials again, after a seal that was broken off
as after one that was not: a notice of it is in the state before the first secret goes. When the resource goes, by a
destroy or from the settings, nothing is written and nothing is removed.
"""

from typing import TYPE_CHECKING, Any

import pulumi
from pulumi.dynamic import CheckResult, CreateResult, DiffResult, ReadResult, Resource, UpdateResult

from hub2ghcr.plan import GitHub as Plan
from hub2ghcr.plan import Repository

from .provider_process import ReferencedProvider, failures, reference_moved
from .seal_notice import SealNotice

if TYPE_CHECKING:
    from hub2ghcr.github import GitHub


class RemovedSecretsProvider(ReferencedProvider):
    """Removes and restores; ``gone`` is what this stack has removed, ``readers`` who keeps the rest.

    ``going`` is for previews: what a run would remove. ``seals`` is how many seals have begun, and ``undone`` how many
    of them a way back has ended.
    """

    def check(self, olds: dict[str, Any], news: dict[str, Any]) -> CheckResult:
        """Look who reads what is to go, as long as something is, and whether what was lost is there again."""
        from hub2ghcr.errors import Hub2GhcrError

        news = {**news, "readers": {}, "lost": [], "going": []}
        try:
            if news["sealed"] and not _settled(olds, news):
                there, news["readers"] = _seen(_github(news), news)
                news["going"] = sorted(there - set(news["readers"]))
            elif not news["sealed"]:
                news["lost"] = _lost(olds, news)
        except Hub2GhcrError as error:
            return CheckResult(news, failures(error))
        return CheckResult(news, [])

    def diff(self, _id: str, olds: dict[str, Any], news: dict[str, Any]) -> DiffResult:
        """Compare what is to go, and who keeps it from going."""
        kept = ("secrets", "sealed", "readers", "lost")
        changed = reference_moved(olds, news) or any(olds.get(key) != news[key] for key in kept)
        return DiffResult(changes=changed or _broken_off(olds, news))

    def create(self, props: dict[str, Any]) -> CreateResult:
        """Remove at seal, else nothing."""
        return CreateResult(f"{props['owner']}/{props['repository']}", _applied({}, props))

    def update(self, _id: str, olds: dict[str, Any], news: dict[str, Any]) -> UpdateResult:
        """Remove at seal; on the way back write what was removed."""
        return UpdateResult(_applied(olds, news))

    def read(self, id_: str, props: dict[str, Any]) -> ReadResult:
        """Change nothing."""
        return ReadResult(id_, dict(props))


class RemovedSecrets(Resource, module="hub2ghcr", name="RemovedSecrets"):
    """Secrets that go at seal, by name with the credential that restores each (empty: none does)."""

    readers: pulumi.Output[dict[str, list[str]]]
    lost: pulumi.Output[list[str]]
    going: pulumi.Output[list[str]]

    def __init__(
        self,
        name: str,
        *,
        plan: Plan,
        repository: Repository,
        notice: SealNotice,
        sealed: bool,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        props = {
            "owner": repository.owner,
            "repository": repository.name,
            "endpoint": plan.endpoint,
            "credential": plan.credential.name,
            "secrets": {each.name: each.credential.name if each.credential else "" for each in repository.removed},
            "sealed": sealed,
            "seals": notice.seals,
            "undone": None,
            "gone": None,
            "readers": None,
            "lost": None,
            "going": None,
        }
        super().__init__(RemovedSecretsProvider(), name, props, opts)


def _settled(olds: dict[str, Any], news: dict[str, Any]) -> bool:
    """Whether all has gone already, so that nobody is asked again."""
    return (
        bool(olds.get("sealed")) and not olds.get("readers") and set(news["secrets"]) <= set(olds.get("secrets") or {})
    )


def _broken_off(olds: dict[str, Any], news: dict[str, Any]) -> bool:
    """Whether a seal has begun of whose removals nothing was saved, and no way back has ended it."""
    return not news["sealed"] and not olds.get("sealed") and int(news["seals"]) > int(olds.get("undone") or 0)


def _lost(olds: dict[str, Any], news: dict[str, Any]) -> list[str]:
    """Return what was removed for good and is not there: on the way back, and until somebody has set it."""
    wanted = {name for name, credential in news["secrets"].items() if not credential}
    if olds.get("sealed"):
        wanted -= set(olds.get("readers") or {})
    elif not _broken_off(olds, news):
        wanted &= set(olds.get("lost") or [])
    if not wanted:
        return []
    from hub2ghcr.github import actions_secrets

    return sorted(wanted - actions_secrets.names(_github(news), news["owner"], news["repository"]))


def _applied(olds: dict[str, Any], news: dict[str, Any]) -> dict[str, Any]:
    from hub2ghcr.github import actions_secrets

    from .registry_access import credential

    where = news["owner"], news["repository"]
    if news["sealed"]:
        github = _github(news)
        there, readers = _seen(github, news)
        for name in sorted(there - set(readers)):
            actions_secrets.remove(github, *where, name)
        gone = sorted(set(news["secrets"]) - set(readers))
        return {**news, "readers": readers, "gone": gone, "going": [], "undone": olds.get("undone")}
    gone = news["secrets"] if _broken_off(olds, news) else olds.get("gone") or []
    back = {name: used for name, used in news["secrets"].items() if name in gone and used}
    if back:
        github = _github(news)
        there = actions_secrets.names(github, *where)
        for name, used in sorted(back.items()):
            if name not in there:  # whoever has set it meanwhile knows why
                actions_secrets.write(github, *where, name, credential(used).secret)
    return {**news, "gone": [], "undone": news["seals"]}


def _seen(github: "GitHub", news: dict[str, Any]) -> tuple[frozenset[str], dict[str, list[str]]]:
    """Return which of the secrets are there, and who reads them."""
    from hub2ghcr.delivering.readers import readers
    from hub2ghcr.github import actions_secrets
    from hub2ghcr.github.default_branch import DefaultBranch

    there = actions_secrets.names(github, news["owner"], news["repository"]) & set(news["secrets"])
    if not there:
        return there, {}
    branch = DefaultBranch.look(github, news["owner"], news["repository"])
    return there, {name: list(paths) for name, paths in readers(branch, there).items()}


def _github(news: dict[str, Any]) -> "GitHub":
    from .github_access import github

    return github(news["endpoint"], news["credential"])
