"""Files on a repository's default branch, as a resource: written when a look has found that something is lacking.

The look is taken by the program, once for each repository and run, since previews tell of it as well. Nothing is
deleted when the resource goes: files and history stay.
"""

from typing import TYPE_CHECKING, Any

import pulumi
from pulumi.dynamic import CheckFailure, CheckResult, CreateResult, DiffResult, ReadResult, Resource, UpdateResult

from hub2ghcr.plan import GitHub as Plan
from hub2ghcr.plan import Repository

from .provider_process import ReferencedProvider, reference_moved

if TYPE_CHECKING:
    from hub2ghcr.delivering import Look


class DeliveredFilesProvider(ReferencedProvider):
    """Brings what is lacking; the outputs but for the last look's are those of `hub2ghcr.delivering.Brought`."""

    def check(self, _olds: dict[str, Any], news: dict[str, Any]) -> CheckResult:
        """Refuse what could not work, such as a workflow without its Dockerfile."""
        return CheckResult(news, [CheckFailure("", each) for each in news["problems"]])

    def diff(self, _id: str, olds: dict[str, Any], news: dict[str, Any]) -> DiffResult:
        """Something is to be done where the look has found it; that somebody merged it is no change."""
        return DiffResult(changes=bool(news.get("proposal")) or reference_moved(olds, news))

    def create(self, props: dict[str, Any]) -> CreateResult:
        """Bring what is lacking."""
        return CreateResult(f"{props['owner']}/{props['repository']}", _brought(props, {}))

    def update(self, _id: str, olds: dict[str, Any], news: dict[str, Any]) -> UpdateResult:
        """Bring what is lacking."""
        return UpdateResult(_brought(news, olds))

    def read(self, id_: str, props: dict[str, Any]) -> ReadResult:
        """Change nothing: the next run looks again."""
        return ReadResult(id_, dict(props))


class DeliveredFiles(Resource, module="hub2ghcr", name="DeliveredFiles"):
    """What a look has found to be lacking in one repository. None: it could not be taken, and nothing is written."""

    state: pulumi.Output[str | None]
    url: pulumi.Output[str | None]
    commit: pulumi.Output[str | None]
    protected: pulumi.Output[bool | None]

    def __init__(
        self,
        name: str,
        *,
        plan: Plan,
        repository: Repository,
        look: "Look | None",
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        acts = look is not None and look.acts
        props = {
            "owner": repository.owner,
            "repository": repository.name,
            "endpoint": plan.endpoint,
            "credential": plan.credential.name,
            "delivery": repository.delivery,
            "proposal": _written(look) if look is not None and acts else None,
            "problems": [str(each) for each in look.problems] if look is not None and acts else [],
            "state": None,
            "url": None,
            "commit": None,
            "protected": None,
        }
        super().__init__(DeliveredFilesProvider(), name, props, opts)


def _written(look: "Look") -> dict[str, Any]:
    """Return a proposal as the engine keeps it; what others wrote, as a secret: there may be a password in it."""
    wanted = look.proposal
    files = [
        {
            "path": each.path,
            "was": each.was,
            "data": text if each.path == look.delivery.path else pulumi.Output.secret(text),
        }
        for each in look.changes
        for text in (each.data.decode(),)
    ]
    return {
        "branch": wanted.branch,
        "title": wanted.title,
        "text": wanted.text,
        "subject": wanted.subject,
        "files": files,
    }


def _brought(news: dict[str, Any], olds: dict[str, Any]) -> dict[str, Any]:
    """Write, and return the resource's outputs; the files are not kept in them."""
    from hub2ghcr.delivering.bringing import bring
    from hub2ghcr.github.pull_request import Proposal

    from .github_access import github

    done: dict[str, Any] = {key: olds.get(key) for key in ("state", "url", "commit", "protected")}
    if written := news.get("proposal"):
        found = bring(
            github(news["endpoint"], news["credential"]),
            Proposal(
                news["owner"],
                news["repository"],
                written["branch"],
                written["title"],
                written["text"],
                {each["path"]: each["data"].encode() for each in written["files"]},
                written["subject"],
                {each["path"]: each["was"] for each in written["files"]},
            ),
            news["delivery"],
        )
        done = {"state": found.state, "url": found.url, "commit": found.commit, "protected": found.protected}
    return {**news, **done, "proposal": None}
