"""Pull requests at the stand-in for GitHub, as a process."""

from __future__ import annotations

import base64
import uuid
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from hub2ghcr.credentials import Credential
from hub2ghcr.errors import GitHubError
from hub2ghcr.github import GitHub
from hub2ghcr.github.pull_request import LONGEST, Proposal, Proposed, missing, propose
from lab import github, github_admin
from lab.accounts import GITHUB_ADMIN

FILES = {"apps/shop/web.yaml": b"image: ghcr.io/acme/web\n", "apps/shop/db/db.yaml": b"image: ghcr.io/acme/db\n"}


@dataclass
class Deploy:
    """A repository with the files as they were, and the proposal of new ones."""

    api: GitHub
    proposal: Proposal

    @property
    def parts(self) -> tuple[str, ...]:
        return ("repos", "acme", self.proposal.repository)

    def propose(self, files: Mapping[str, bytes] | None = None) -> Proposed:
        return propose(self.api, self.proposal if files is None else replace(self.proposal, files=files))

    def get(self, *parts: str) -> Any:
        return self.api.send("GET", *self.parts, *parts)

    def pulls(self) -> list[Any]:
        found: list[Any] = self.api.send("GET", *self.parts, "pulls", query={"state": "all"})
        return found

    def head(self) -> str:
        return str(self.get("git", "ref", "heads", *self.proposal.branch.split("/"))["object"]["sha"])

    def content(self, path: str) -> bytes:
        return base64.b64decode(self.get("contents", *path.split("/"))["content"])

    def write(self, path: str, text: str, branch: str) -> None:
        kept = self.api.send("GET", *self.parts, "contents", *path.split("/"), query={"ref": branch})
        body = {"message": f"by hand: {path}", "content": base64.b64encode(text.encode()).decode(), "branch": branch}
        self.api.send(
            "PUT", *self.parts, "contents", *path.split("/"), body=body | ({"sha": kept["sha"]} if kept else {})
        )

    def merge(self, method: str = "merge") -> None:
        number = str(self.pulls()[0]["number"])
        self.api.send("PUT", *self.parts, "pulls", number, "merge", body={"merge_method": method})

    def close(self) -> None:
        self.api.send("PATCH", *self.parts, "pulls", str(self.pulls()[0]["number"]), body={"state": "closed"})


@pytest.fixture
def deploy(github_state: Path) -> Iterator[Deploy]:
    name = f"deploy-{uuid.uuid4().hex[:8]}"
    files = {"apps/shop/web.yaml": "image: web\n", "README.md": "deploy\n"}
    github_admin.add_repository(github_state, "acme", name, files)
    with GitHub(github.endpoint(github_state), Credential(GITHUB_ADMIN.user, GITHUB_ADMIN.token)) as api:
        yield Deploy(api, Proposal("acme", name, "hub2ghcr/shop", "Images from GHCR", "why", FILES))


def test_one_commit_on_a_branch_of_its_own_with_title_and_text(deploy: Deploy) -> None:
    done = deploy.propose()
    [pull] = deploy.pulls()
    assert (done.state, done.url, done.changed) == ("opened", pull["html_url"], tuple(sorted(FILES)))
    assert (pull["title"], pull["body"], pull["head"]["ref"]) == ("Images from GHCR", "why", "hub2ghcr/shop")
    full = deploy.get("pulls", str(pull["number"]))
    assert (full["commits"], full["changed_files"], full["mergeable"]) == (1, 2, True)
    assert deploy.content("apps/shop/web.yaml") == b"image: web\n"


def test_the_same_again_changes_nothing(deploy: Deploy) -> None:
    deploy.propose()
    head = deploy.head()
    assert deploy.propose().state == "unchanged"
    assert (deploy.head(), len(deploy.pulls())) == (head, 1)


@pytest.mark.parametrize(
    "files",
    [
        {**FILES, "apps/shop/web.yaml": b"image: ghcr.io/acme/web:2\n"},
        {"apps/shop/web.yaml": FILES["apps/shop/web.yaml"]},
    ],
    ids=["another content", "a file less"],
)
def test_other_files_update_the_same_pull_request(deploy: Deploy, files: Mapping[str, bytes]) -> None:
    first = deploy.propose()
    again = deploy.propose(files)
    assert (again.state, again.url) == ("updated", first.url)
    deploy.merge()
    assert {path: deploy.content(path) for path in files} == files
    assert bool(deploy.get("contents", "apps", "shop", "db", "db.yaml")) is ("apps/shop/db/db.yaml" in files)


def test_a_title_or_text_alone_is_updated_without_a_commit(deploy: Deploy) -> None:
    deploy.propose()
    head = deploy.head()
    deploy.proposal = replace(deploy.proposal, text="another reason")
    assert deploy.propose().state == "updated"
    assert (deploy.head(), deploy.pulls()[0]["body"]) == (head, "another reason")


@pytest.mark.parametrize("method", ["merge", "squash"])
def test_what_was_merged_is_done_and_the_next_change_gets_the_next_pull_request(deploy: Deploy, method: str) -> None:
    deploy.propose()
    deploy.merge(method)
    done = deploy.propose()
    assert (done.state, done.changed, len(deploy.pulls())) == ("merged", (), 1)
    assert deploy.propose({"apps/shop/web.yaml": b"next\n"}).state == "opened"
    assert len(deploy.pulls()) == 2
    assert deploy.get("pulls", str(deploy.pulls()[0]["number"]))["changed_files"] == 1
    deploy.merge()
    assert deploy.content("apps/shop/web.yaml") == b"next\n"


def test_what_was_declined_is_not_opened_again(deploy: Deploy) -> None:
    deploy.propose()
    deploy.close()
    head = deploy.head()
    done = deploy.propose({"apps/shop/web.yaml": b"another\n"})
    assert (done.state, done.url) == ("closed", deploy.pulls()[0]["html_url"])
    assert (deploy.head(), len(deploy.pulls()), deploy.pulls()[0]["state"]) == (head, 1, "closed")


def test_commits_of_others_on_the_branch_are_never_overwritten(deploy: Deploy) -> None:
    deploy.propose()
    deploy.write("apps/shop/web.yaml", "image: mine\n", "hub2ghcr/shop")
    head = deploy.head()
    with pytest.raises(GitHubError, match="the branch has commits of others, which are not overwritten"):
        deploy.propose({"apps/shop/web.yaml": b"another\n"})
    assert deploy.head() == head


def test_without_a_look_at_whose_the_commits_are_a_change_of_others_would_be_lost(
    deploy: Deploy, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("hub2ghcr.github.pull_request._is_ours", lambda commit: True)
    deploy.propose()
    deploy.write("apps/shop/web.yaml", "image: mine\n", "hub2ghcr/shop")
    deploy.propose()
    deploy.merge()
    assert deploy.content("apps/shop/web.yaml") == FILES["apps/shop/web.yaml"]


def test_a_branch_of_others_is_left_alone(deploy: Deploy) -> None:
    main = deploy.get("git", "ref", "heads", "main")["object"]["sha"]
    deploy.api.send("POST", *deploy.parts, "git", "refs", body={"ref": "refs/heads/hub2ghcr/shop", "sha": main})
    deploy.write("x.txt", "x", "hub2ghcr/shop")
    with pytest.raises(GitHubError, match="commits of others"):
        deploy.propose()
    assert deploy.pulls() == []


def test_a_default_branch_that_moved_in_the_way_is_merged_in(deploy: Deploy) -> None:
    deploy.propose()
    deploy.write("README.md", "other\n", "main")
    assert deploy.propose().state == "unchanged"
    deploy.write("apps/shop/web.yaml", "image: web:2\n", "main")
    assert deploy.get("pulls", str(deploy.pulls()[0]["number"]))["mergeable"] is False
    assert deploy.propose().state == "updated"
    assert deploy.get("pulls", str(deploy.pulls()[0]["number"]))["mergeable"] is True
    deploy.merge()
    assert deploy.content("README.md") == b"other\n"
    assert {path: deploy.content(path) for path in FILES} == FILES


@pytest.mark.parametrize("step", ["git/commits", "git/refs", "pulls"])
def test_a_run_that_was_cut_off_is_finished_by_the_next(
    deploy: Deploy, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    send = GitHub.send

    def cut(self: GitHub, method: str, *parts: str, **more: Any) -> Any:
        if method == "POST" and "/".join(parts[3:]) == step:
            raise GitHubError("cut off")
        return send(self, method, *parts, **more)

    monkeypatch.setattr(GitHub, "send", cut)
    with pytest.raises(GitHubError, match="cut off"):
        deploy.propose()
    monkeypatch.undo()
    assert deploy.propose().state == "opened"
    assert deploy.get("pulls", str(deploy.pulls()[0]["number"]))["mergeable"] is True
    assert deploy.propose().state == "unchanged"


def test_a_repository_that_is_not_there_or_may_not_be_written_is_named(deploy: Deploy, github_state: Path) -> None:
    deploy.proposal = replace(deploy.proposal, repository="none")
    with pytest.raises(GitHubError, match="no such repository: 'acme/none'"):
        deploy.propose()
    github_admin.add_token(github_state, "acme-admin", "lab-no-workflows", ["repo"])
    with GitHub(github.endpoint(github_state), Credential("acme-admin", "lab-no-workflows")) as api:
        files = {".github/workflows/ci.yml": b"on: push\n"}
        with pytest.raises(GitHubError, match=r"404: Not Found.*scope repo, and workflow for workflows"):
            propose(api, replace(deploy.proposal, repository="shop", files=files))


def test_a_text_longer_than_github_takes_is_cut(deploy: Deploy) -> None:
    deploy.proposal = replace(deploy.proposal, text="x" * (LONGEST + 10_000))
    assert deploy.propose().state == "opened"
    assert deploy.propose().state == "unchanged"


def test_what_is_missing_is_told_without_a_change(deploy: Deploy) -> None:
    assert missing(deploy.api, deploy.proposal) == {"apps/shop/web.yaml": b"image: web\n", "apps/shop/db/db.yaml": b""}
    assert deploy.pulls() == []
    deploy.propose()
    deploy.merge()
    assert missing(deploy.api, deploy.proposal) == {}
