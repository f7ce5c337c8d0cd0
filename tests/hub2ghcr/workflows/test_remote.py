"""Workflows of repositories on GitHub, at the stand-in for it."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from hub2ghcr.credentials import Credential
from hub2ghcr.errors import GitHubError
from hub2ghcr.github import GitHub
from hub2ghcr.github.pull_request import propose
from hub2ghcr.workflows import migrate, remote
from lab import github, github_admin
from lab.accounts import GITHUB_ADMIN

from . import MAPPING, PATH, steps

ACTION = "runs:\n  using: composite\n  steps:\n    - run: docker push acme/shop\n      shell: bash\n"
FILES = {
    PATH: steps("- uses: ./.github/actions/push", "- run: docker push acme/$X"),
    ".github/actions/push/action.yml": ACTION,
    "node_modules/x/action.yml": ACTION,
    "README.md": "docker push acme/shop\n",
    "compose.yaml": "services: {a: {image: acme/a}}\n",
}


@pytest.fixture
def api(github_state: Path) -> Iterator[GitHub]:
    with GitHub(github.endpoint(github_state), Credential(GITHUB_ADMIN.user, GITHUB_ADMIN.token)) as api:
        yield api


def repository(state: Path, files: dict[str, str]) -> str:
    name = f"shop-{uuid.uuid4().hex[:8]}"
    github_admin.add_repository(state, "acme", name, files, branch="trunk")
    return name


def test_workflows_and_actions_of_the_default_branch_are_read(api: GitHub, github_state: Path) -> None:
    name = repository(github_state, FILES)
    github_admin.reset_counters(github_state)
    read = remote.files(api, "acme", name)
    assert read == {path: FILES[path].encode() for path in (PATH, ".github/actions/push/action.yml")}
    assert sum(github_admin.counters(github_state).values()) == 1 + len(read)


def test_a_repository_without_a_commit_has_none_and_one_that_is_not_there_is_told(
    api: GitHub, github_state: Path
) -> None:
    assert remote.files(api, "acme", repository(github_state, {})) == {}
    with pytest.raises(GitHubError, match="no such repository: 'acme/none'"):
        remote.files(api, "acme", "none")


def test_a_tree_that_github_cuts_off_is_a_problem(
    api: GitHub, github_state: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    name, send = repository(github_state, FILES), GitHub.send

    def cut(self: GitHub, method: str, *parts: str, **more: Any) -> Any:
        answer = send(self, method, *parts, **more)
        return {**answer, "truncated": True} if "trees" in parts else answer

    monkeypatch.setattr(GitHub, "send", cut)
    with pytest.raises(GitHubError, match="too many files for one answer of GitHub; clone it"):
        remote.files(api, "acme", name)


def test_repositories_are_listed_page_by_page_without_forks_and_archived_ones(
    api: GitHub, github_state: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("hub2ghcr.github.client.PAGE", 2)
    github_admin.add_organization(github_state, "paged", [GITHUB_ADMIN.user])
    for name in ("c", "a", "b", "d", "e"):
        github_admin.add_repository(github_state, "paged", name, {"x": "y"})
    pages = GitHub.pages

    def marked(self: GitHub, *parts: str, **more: Any) -> Iterator[Any]:
        marks = {"b": {"archived": True}, "d": {"fork": True}}
        return ({**each, **marks.get(each["name"], {})} for each in pages(self, *parts, **more))

    monkeypatch.setattr(GitHub, "pages", marked)
    assert [(each.name, each.skipped) for each in remote.listed(api, "paged")] == [
        ("a", ""), ("b", "archived"), ("c", ""), ("d", "a fork"), ("e", "")
    ]  # fmt: skip


@pytest.mark.parametrize(("owner", "asked"), [("Me", ["user"]), ("you", ["users", "you"])])
def test_a_users_own_repositories_are_listed_with_the_private_ones(
    api: GitHub, monkeypatch: pytest.MonkeyPatch, owner: str, asked: list[str]
) -> None:
    """GitHub lists public ones alone below ``/users``."""
    listed: list[list[str]] = []

    def pages(_: GitHub, *parts: str, **more: Any) -> Iterator[Any]:
        listed.append(list(parts))
        assert more == ({"query": {"affiliation": "owner"}} if parts[0] == "user" else {})
        yield {"name": "a", "archived": False, "fork": False}

    monkeypatch.setattr(GitHub, "pages", pages)
    monkeypatch.setattr(GitHub, "has_owner", lambda *_: True)
    monkeypatch.setattr(GitHub, "who", lambda _: ("me", None))
    assert [each.name for each in remote.listed(api, owner)] == ["a"]
    assert listed == [[*asked, "repos"]]


def test_a_workflow_that_somebody_changed_meanwhile_is_not_put_back(api: GitHub, github_state: Path) -> None:
    name = repository(github_state, FILES)
    done = migrate(remote.files(api, "acme", name), MAPPING)
    github_admin.commit(github_state, "acme", name, {PATH: FILES[PATH] + "# theirs\n"})
    with pytest.raises(GitHubError, match=rf"{PATH}: was changed meanwhile; run again"):
        propose(api, remote.proposal("acme", name, done, "token"))
    again = migrate(remote.files(api, "acme", name), MAPPING)
    assert propose(api, remote.proposal("acme", name, again, "token")).state == "opened"


def test_an_owner_that_is_not_there_is_told(api: GitHub) -> None:
    with pytest.raises(GitHubError, match="no such organisation or user: 'none'"):
        remote.listed(api, "none")


@pytest.mark.parametrize("flavour", ["token", "pat"])
def test_the_pull_request_says_what_changes_and_what_is_left_and_once_merged_nothing_is_to_be_done(
    api: GitHub, github_state: Path, flavour: Any
) -> None:
    name = repository(github_state, FILES)
    done = migrate(remote.files(api, "acme", name), MAPPING, flavour)
    wanted = remote.proposal("acme", name, done, flavour)
    assert propose(api, wanted).state == "opened"
    [pull] = api.send("GET", "repos", "acme", name, "pulls")
    assert pull["head"]["ref"] == "hub2ghcr/workflows" and pull["base"]["ref"] == "trunk"
    assert "| 5 | `acme/shop` | `ghcr.io/acme/shop` |" not in pull["body"]
    assert "`acme/shop` | `ghcr.io/acme/shop`" in pull["body"]
    assert "Left for people to decide:" in pull["body"]
    assert ("CR_PAT" in pull["body"]) is (flavour == "pat")
    api.send("PUT", "repos", "acme", name, "pulls", str(pull["number"]), "merge", body={"merge_method": "merge"})
    assert migrate(remote.files(api, "acme", name), MAPPING, flavour).changed == ()
    assert propose(api, wanted).state == "merged"


def test_what_is_known_of_a_repository_gives_its_names() -> None:
    text = steps(
        "- run: docker login ghcr.io", "- run: docker push ${{ github.repository }}:1; docker push $GITHUB_REPOSITORY"
    )
    done = migrate({PATH: text.encode()}, MAPPING, told=remote.told("acme", "shop", {}))
    (file,) = done.changed
    assert b"docker push ghcr.io/${{ github.repository }}:1; docker push ghcr.io/$GITHUB_REPOSITORY" in file.data
    assert remote.told("acme", "shop", {"github.repository": "a/b", "vars.X": "y"})["github.repository"] == "a/b"
