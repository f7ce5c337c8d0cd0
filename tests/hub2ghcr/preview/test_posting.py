"""One comment of a pull request at the stand-in for GitHub: found by its mark and its author, on any page."""

from __future__ import annotations

import threading
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from hub2ghcr.credentials import Credential
from hub2ghcr.errors import CredentialError, GitHubError, PreviewError
from hub2ghcr.github import GitHub
from hub2ghcr.preview import posting
from hub2ghcr.preview.comment import MARKER
from hub2ghcr.preview.posting import post
from lab import github, github_admin
from lab.accounts import GITHUB_ADMIN

BOT = "github-actions[bot]"
TEXT = f"{MARKER}\none\n"


@dataclass
class Thread:
    """A pull request with its comments, and a workflow's environment."""

    state: Path
    name: str
    number: int
    environ: dict[str, str]

    def post(self, text: str = TEXT) -> str:
        return post(text, f"acme/{self.name}", self.number, self.environ)

    def say(self, text: str) -> None:
        """Somebody else writes a comment."""
        with self.person() as api:
            api.send("POST", *self.place, "issues", str(self.number), "comments", body={"body": text})

    def comments(self) -> list[Any]:
        with self.person() as api:
            return list(api.pages(*self.place, "issues", str(self.number), "comments"))

    def person(self) -> GitHub:
        return GitHub(github.endpoint(self.state), Credential(GITHUB_ADMIN.user, GITHUB_ADMIN.token))

    @property
    def place(self) -> tuple[str, ...]:
        return ("repos", "acme", self.name)


@pytest.fixture(scope="module")
def state(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    folder = tmp_path_factory.mktemp("github")
    github.up(folder)
    yield folder
    github.down(folder)


@pytest.fixture
def thread(state: Path) -> Thread:
    name = f"fleet-{uuid.uuid4().hex[:8]}"
    github_admin.add_repository(state, "acme", name, {"a": "1"})
    token = f"ghs_{uuid.uuid4().hex}"
    held = {"pull_requests": "write"}
    github_admin.add_token(state, BOT, token, kind="actions", permissions=held, repositories=[f"acme/{name}"])
    number = github_admin.suggest(state, "acme", name, "topic", {"a": "2"}, fork="mallory").number
    return Thread(state, name, number, {"GITHUB_TOKEN": token, "GITHUB_API_URL": github.endpoint(state)})


def test_a_comment_is_written_once_and_then_updated_in_place(thread: Thread) -> None:
    page = thread.post()
    github_admin.reset_calls(thread.state)
    assert thread.post() == page
    assert {each["method"] for each in github_admin.calls(thread.state)} <= {"GET", "POST"}  # POST: GraphQL
    assert thread.post(f"{MARKER}\ntwo\n") == page
    (found,) = thread.comments()
    assert (found["body"], found["user"]["login"], found["html_url"]) == (f"{MARKER}\ntwo\n", BOT, page)


def test_somebody_elses_comment_that_looks_like_ours_stays(thread: Thread) -> None:
    thread.say(TEXT)
    thread.post(f"{MARKER}\nours\n")
    thread.post(f"{MARKER}\nours again\n")
    bodies = [(each["user"]["login"], each["body"]) for each in thread.comments()]
    assert sorted(bodies) == sorted([(GITHUB_ADMIN.user, TEXT), (BOT, f"{MARKER}\nours again\n")])


def test_ours_that_only_mentions_the_mark_is_another(thread: Thread) -> None:
    body = {"body": f"said: {MARKER}"}
    with posting._github(thread.environ) as api:
        api.send("POST", *thread.place, "issues", str(thread.number), "comments", body=body)
    thread.post()
    assert len(thread.comments()) == 2


def test_ours_is_found_behind_a_hundred_others(thread: Thread) -> None:
    thread.post()
    for number in range(101):
        thread.say(f"{number}")
    thread.post(f"{MARKER}\nlater\n")
    assert [each["body"] for each in thread.comments() if each["user"]["login"] == BOT] == [f"{MARKER}\nlater\n"]


def test_two_runs_at_once_leave_one_comment(thread: Thread, monkeypatch: pytest.MonkeyPatch) -> None:
    """Both look before either writes; the control: a run that does not look again leaves two."""
    both = threading.Barrier(2)
    looks = posting._Comments._ours
    seen: dict[int, list[Any]] = {}

    def look(self: Any, me: str) -> list[Any]:
        found = looks(self, me)
        if id(self) not in seen:
            seen[id(self)] = found
            both.wait(10)
        return found

    def race() -> list[Any]:
        texts = [f"{MARKER}\n{each}\n" for each in ("one", "two")]
        runs = [threading.Thread(target=thread.post, args=(each,)) for each in texts]
        for each in runs:
            each.start()
        for each in runs:
            each.join(30)
        return thread.comments()

    monkeypatch.setattr(posting._Comments, "_ours", look)
    (found,) = race()
    assert found["body"].startswith(MARKER)
    with thread.person() as api:
        api.send("DELETE", *thread.place, "issues", "comments", str(found["id"]))
    seen.clear()
    monkeypatch.setattr(posting._Comments, "_remove", lambda *_: None)
    assert len(race()) == 2


def test_what_is_missing_or_refused_is_told(thread: Thread) -> None:
    with pytest.raises(CredentialError, match="GITHUB_TOKEN"):
        post(TEXT, "acme/x", 1, {})
    with pytest.raises(PreviewError, match="no comment of ours"):
        thread.post("hello")
    with pytest.raises(GitHubError, match="no such pull request"):
        post(TEXT, f"acme/{thread.name}", 99, thread.environ)
    token = f"ghs_{uuid.uuid4().hex}"
    place = [f"acme/{thread.name}"]
    github_admin.add_token(
        thread.state, BOT, token, kind="actions", permissions={"pull_requests": "read"}, repositories=place
    )
    with pytest.raises(GitHubError) as refused:
        post(TEXT, f"acme/{thread.name}", thread.number, {**thread.environ, "GITHUB_TOKEN": token})
    assert refused.value.status == 403 and token not in str(refused.value)
