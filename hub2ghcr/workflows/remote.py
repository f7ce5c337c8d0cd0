"""The workflows of repositories on GitHub: read from the default branch, and brought back by a pull request."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from ..errors import GitHubError
from ..github import GitHub
from ..github.default_branch import DefaultBranch
from ..github.pull_request import Proposal
from ..github.repository import name_of
from .migration import Flavour, Migration
from .project import kind_of_path

BRANCH: Final = "hub2ghcr/workflows"
"""The branch of the pull request."""


@dataclass(frozen=True, slots=True)
class Listed:
    """A repository of an organisation; ``skipped``: why it is not read, empty if it is."""

    name: str
    skipped: str = ""


def listed(github: GitHub, owner: str) -> tuple[Listed, ...]:
    """Return the repositories of an organisation or user, sorted by name; private ones of a user only to that user.

    Raises:
        GitHubError: as `GitHub` does; there is no such owner.
    """
    kind = "orgs" if github.send("GET", "orgs", owner) is not None else "users"
    if kind == "users" and not github.has_owner(owner):
        raise GitHubError("no such organisation or user", value=owner, remedy="may the token see it?")
    found: dict[str, Listed] = {}
    if kind == "users" and github.who()[0].lower() == owner.lower():
        pages = github.pages("user", "repos", query={"affiliation": "owner"})
    else:
        pages = github.pages(kind, owner, "repos")
    for each in pages:
        name = str(each["name"])
        found[name] = Listed(name, "archived" if each["archived"] else "a fork" if each["fork"] else "")
    return tuple(found[name] for name in sorted(found))


def files(github: GitHub, owner: str, name: str) -> dict[str, bytes]:
    """Return the workflows and actions of a repository's default branch by path; empty where it has no commit.

    Raises:
        GitHubError: as `GitHub` does; no such repository, or one with too many files to be listed.
    """
    branch = DefaultBranch.look(github, owner, name)
    if not branch.whole:
        remedy = "clone it, and give its folder as PATH"
        raise GitHubError("too many files for one answer of GitHub", f"{owner}/{name}", remedy=remedy)
    return {path: branch.read(path) for path in sorted(branch.files) if kind_of_path(path)}


def told(owner: str, name: str, values: Mapping[str, str]) -> dict[str, str]:
    """Return what is known of expressions in a repository, ``values`` among them."""
    own = {
        "github.repository": f"{owner}/{name}",
        "github.repository_owner": owner,
        "github.event.repository.name": name,
    }
    return {**own, **values}


def proposal(owner: str, name: str, migration: Migration, flavour: Flavour) -> Proposal:
    """Return the pull request that brings a repository its migrated workflows."""
    content = {each.place: each.data for each in migration.changed}
    was = {each.place: name_of(each.before) for each in migration.changed}
    title = "Workflows: GHCR instead of Docker Hub"
    return Proposal(owner, name, BRANCH, title, _text(migration, flavour), content, was=was)


def _text(migration: Migration, flavour: Flavour) -> str:
    with_ = "`GITHUB_TOKEN`, as far as a job may write packages" if flavour == "token" else "the secret `CR_PAT`"
    lines = [f"What these workflows did at Docker Hub, they do at GHCR; they sign in with {with_}.", ""]
    for each in migration.changed:
        lines += [f"`{each.place}`", "", "| line | before | after |", "|---|---|---|"]
        lines += [f"| {change.line} | {_cell(change.before)} | {_cell(change.after)} |" for change in each.changes]
        lines.append("")
    if migration.problems:
        lines += [
            "Left for people to decide:",
            "",
            *(f"- {line}" for each in migration.problems for line in each.lines),
        ]
        lines.append("")
    if migration.notes:
        lines += ["To know:", "", *(f"- {each}" for each in migration.notes), ""]
    lines += ["Before it is merged:", "", "- [ ] the images are in GHCR: `hub2ghcr verify`"]
    if flavour == "token":
        lines.append("- [ ] packages that exist already grant this repository write access, in their settings")
    else:
        lines.append("- [ ] the repository has the secret `CR_PAT`, which may write packages")
    lines.append("- [ ] a run of this branch pushes, or a pull request builds, as it should")
    return "\n".join(lines)


def _cell(text: str) -> str:
    return "`" + text.replace("\n", " ").replace("|", "\\|") + "`" if text.strip() else ""
