"""Files that were resources in earlier versions, and that go with their resource: they stay in the state.

Declared with `retain_on_delete` they are neither written nor deleted, whatever becomes of the repository later. Only
the state knows of them, and a program cannot read it: `ExpectedRepositories` finds them in what it kept of itself.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import pulumi

if TYPE_CHECKING:
    from hub2ghcr.errors import Hub2GhcrError
    from hub2ghcr.github import GitHub

KEY = "file"
"""The key of a repository in states of the time when a file was a resource that is deleted with its file."""

IGNORED = ["content", "commitMessage"]
"""Inputs that stay as the state has them: a file's text is `DeliveredFiles`' business."""


def former(olds: Mapping[str, Any]) -> tuple[tuple[str, str], ...]:
    """Return repositories and paths of the files that a state has as resources, sorted."""
    first = {(str(each["name"]), str(each[KEY])) for each in olds.get("repositories") or [] if each.get(KEY)}
    return tuple(sorted(first | {(repository, path) for repository, path in olds.get("former") or []}))


def unkept(olds: Mapping[str, Any], repositories: set[str]) -> "Iterator[Hub2GhcrError]":
    """Yield the files that a run would delete: their repositories left the settings before any run kept them.

    Args:
        olds: of `ExpectedRepositories`.
        repositories: the names of those that are wanted.
    """
    from hub2ghcr.errors import GitHubError

    if not olds.get("repositories"):
        return
    for repository, path in former(olds):
        if repository not in repositories:
            what = f"{path} would be deleted with the resource that an older version has made of it"
            remedy = "leave the repository in the settings for one run: it takes the file from the resource"
            yield GitHubError(what, f"{olds['owner']}/{repository}", remedy=remedy)


def there(github: "GitHub", owner: str, repository: str, path: str) -> bool:
    """Whether GitHub has such a file still; without it there is nothing to keep.

    Raises:
        GitHubError: as `hub2ghcr.github.GitHub` does.
    """
    return github.send("GET", "repos", owner, repository, "contents", *path.split("/")) is not None


def keep(
    name: str, repository: str, found: pulumi.Output[Sequence[Sequence[str]] | None], opts: pulumi.ResourceOptions
) -> None:
    """Declare a repository's files of earlier versions, so that nothing deletes them.

    Args:
        name: of the repository's component (``OWNER/NAME``).
        repository: its name.
        found: repositories and paths, as `former` has them.
        opts: of the resources.
    """
    import pulumi_github  # here: a process of providers is not to read a whole API for the functions above

    kept = pulumi.ResourceOptions.merge(opts, pulumi.ResourceOptions(retain_on_delete=True, ignore_changes=IGNORED))

    def declare(files: Sequence[Sequence[str]] | None) -> None:
        for where, path in files or []:
            if where == repository:
                # of a state without it this would be a creation, which pulumi-github refuses: the file is there
                pulumi_github.RepositoryFile(f"{name}/{path}", repository=repository, file=path, content="", opts=kept)

    found.apply(declare)
