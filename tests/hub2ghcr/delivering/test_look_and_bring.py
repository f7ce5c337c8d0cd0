from __future__ import annotations

from typing import Any

import pytest

from hub2ghcr.delivering import bring, looking, marked
from hub2ghcr.errors import GitHubError, SettingsError
from hub2ghcr.github import GitHub
from lab import github_admin
from lab.github_api.faults import Fault
from tests.hub2ghcr.delivering.conftest import PATH, TEXT, Place

FILE = marked(TEXT, "test").decode()
NEXT = TEXT.replace("Publish", "Publish both")


def test_what_a_repository_lacks_is_seen_and_nothing_written(place: Place) -> None:
    found = place.look()
    assert (found.state, [each.path for each in found.changes], found.drift) == ("wanted", [PATH], "")
    assert place.pulls() == []
    assert place.content(PATH) == ""


def test_a_pull_request_is_opened_once_and_waits(place: Place) -> None:
    done = place.bring()
    [pull] = place.pulls()
    assert (done.state, done.url, done.commit) == ("opened", pull["html_url"], "")
    assert pull["head"]["ref"] == "hub2ghcr/test"
    assert "- [ ] no other workflow publishes the same tags" in pull["body"]
    found = place.look()
    assert (found.state, found.url, found.acts) == ("open", pull["html_url"], False)


def test_after_the_merge_with_the_branch_deleted_one_call_tells_that_nothing_is_to_be_done(place: Place) -> None:
    place.bring()
    place.merge(branch=False)
    assert place.content(PATH) == FILE
    place.forget()
    assert place.look().state == "delivered"
    assert place.calls() == 1


def test_another_text_updates_the_same_pull_request(place: Place) -> None:
    place.bring()
    place.wants(text=NEXT)
    assert place.look().acts
    assert place.bring().state == "updated"
    assert len(place.pulls()) == 1
    place.merge()
    assert place.content(PATH) == marked(NEXT, "test").decode()
    assert place.look().state == "delivered"


def test_after_a_merge_another_text_gets_the_next_pull_request_from_the_same_branch(place: Place) -> None:
    place.bring()
    place.merge(branch=False)
    place.wants(text=NEXT)
    assert place.bring().state == "opened"
    assert [each["head"]["ref"] for each in place.pulls()] == ["hub2ghcr/test"] * 2


def test_what_was_declined_is_told_and_another_text_is_proposed_all_the_same(place: Place) -> None:
    place.bring()
    place.close()
    found = place.look()
    assert (found.state, found.acts, found.url) == ("closed", False, place.pulls()[0]["html_url"])
    assert len(place.pulls()) == 1
    place.wants(text=NEXT)
    assert place.look().acts
    assert place.bring().state == "opened"
    assert [each["state"] for each in place.pulls()] == ["open", "closed"]


def test_what_was_declined_between_look_and_write_stays_so(place: Place) -> None:
    found = place.look()
    place.bring()
    place.close()
    assert bring(place.api, found.proposal, "pull-request").state == "closed"
    assert len(place.pulls()) == 1


def test_what_others_made_of_the_file_is_shown_and_stays(place: Place) -> None:
    place.bring()
    place.merge()
    place.write(PATH, FILE.replace("on: push", "on: [push, workflow_dispatch]"))
    place.wants(text=NEXT)
    found = place.look()
    assert (found.state, found.acts, found.changes) == ("drifted", False, ())
    assert "+on: [push, workflow_dispatch]" in found.drift.splitlines()
    assert len(found.drift.splitlines()) <= looking.SHOWN + 1


def test_a_token_in_what_others_wrote_is_not_shown(place: Place) -> None:
    place.write(PATH, "on: push\nenv: {TOKEN: dckr_pat_0123456789abcdefghij}\n")
    assert "+env: {TOKEN: …}" in place.look().drift.splitlines()


def test_without_a_look_at_the_mark_a_change_of_others_would_be_lost(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(looking, "is_ours", lambda data, stack: True)
    place.bring()
    place.merge()
    place.write(PATH, "on: mine\n")
    place.wants(text=NEXT)
    place.bring()
    place.merge()
    assert "mine" not in place.content(PATH)


def test_a_file_that_others_deleted_is_brought_again(place: Place) -> None:
    place.bring()
    place.merge(branch=False)
    place.delete(PATH)
    assert place.look().acts
    assert place.bring().state == "opened"


def test_a_file_of_another_stack_is_not_ours(place: Place) -> None:
    place.write(PATH, marked(TEXT, "other").decode())
    assert place.look().state == "drifted"


def test_commits_of_others_on_the_branch_are_told_and_stay(place: Place) -> None:
    place.bring()
    place.write(PATH, "on: mine\n", "hub2ghcr/test")
    found = place.look()
    assert (found.state, found.acts) == ("theirs", False)
    place.wants(text=NEXT)
    assert place.look().state == "theirs"
    assert place.bring().state == "theirs"
    place.merge()
    assert place.content(PATH) == "on: mine\n"


def test_what_reviewers_ticked_stays_ticked(place: Place) -> None:
    place.bring()
    [pull] = place.pulls()
    ticked = pull["body"].replace("- [ ]", "- [x]").replace("\n", "\r\n")
    place.api.send("PATCH", *place.parts, "pulls", str(pull["number"]), body={"body": ticked})
    assert place.bring().state == "open"
    assert place.pulls()[0]["body"] == ticked


def test_a_direct_commit_is_one_commit_with_all_files(place: Place) -> None:
    place.wants(how="commit", also_rewrite=("*.md",))
    place.write("README.md", "docker run acme/shop:1\n")
    done = place.bring()
    assert (done.state, done.url, place.pulls()) == ("committed", "", [])
    assert place.get("git", "ref", "heads", "main")["object"]["sha"] == done.commit
    assert (place.content(PATH), place.content("README.md")) == (FILE, "docker run ghcr.io/acme/shop:1\n")
    assert place.look().state == "delivered"


@pytest.mark.parametrize(
    "words",
    [
        "Changes must be made through a pull request.",
        "Repository rule violations found\n\nChanges must be made through a pull request.\n\n",
        "Protected branch update failed for refs/heads/main.",
    ],
)
def test_a_protected_branch_gets_the_pull_request(place: Place, words: str) -> None:
    place.wants(how="commit")
    refused = Fault(path=f"{place.delivery.repository}/git/refs/heads/main", method="PATCH", status=422, message=words)
    github_admin.inject(place.state, refused)
    done = place.bring()
    assert (done.state, done.protected) == ("opened", True)
    assert place.look().state == "open"


def test_another_refusal_is_none_of_protection(place: Place) -> None:
    place.wants(how="commit")
    path = f"{place.delivery.repository}/git/refs/heads/main"
    github_admin.inject(place.state, Fault(path=path, method="PATCH", status=422, message="Validation Failed"))
    with pytest.raises(GitHubError, match="Validation Failed"):
        place.bring()
    assert place.pulls() == []


def test_a_branch_that_moved_while_a_commit_was_made_loses_nothing(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    place.wants(how="commit")
    send, times = GitHub.send, list[str]()

    def meddled(self: GitHub, method: str, *parts: str, **rest: object) -> object:
        if method == "PATCH" and not times:
            times.append("once")
            place.write("README.md", "somebody else\n")
        return send(self, method, *parts, **rest)  # type: ignore[arg-type]

    monkeypatch.setattr(GitHub, "send", meddled)
    assert place.bring().state == "committed"
    assert (place.content("README.md"), place.content(PATH)) == ("somebody else\n", FILE)


def test_a_file_that_changed_since_the_look_is_not_replaced(place: Place) -> None:
    place.wants(also_rewrite=("README.md",), path="")
    place.write("README.md", "docker run acme/shop:1\n")
    proposal = place.look().proposal
    place.write("README.md", "docker run acme/shop:1 # in a hurry\n")
    for how in ("commit", "pull-request"):
        with pytest.raises(GitHubError, match=r"README\.md: was changed meanwhile"):
            bring(place.api, proposal, how)
    assert place.pulls() == []


def test_references_to_the_old_image_come_in_the_same_pull_request(place: Place) -> None:
    place.write("README.md", "Run `docker run acme/shop:1.4`.\n")
    place.write("deploy/compose.yaml", "services:\n  shop:\n    image: acme/shop:1.4 # now\n  db: {image: other/db}\n")
    place.write(".github/workflows/ci.yml", "on: push\njobs: {a: {container: acme/shop}}\n")
    place.wants(also_rewrite=("README.md", "**/compose*.y*ml", ".github/**"))
    assert place.bring().state == "opened"
    place.merge()
    assert place.content("README.md") == "Run `docker run ghcr.io/acme/shop:1.4`.\n"
    assert "image: ghcr.io/acme/shop:1.4 # now\n  db: {image: other/db}\n" in place.content("deploy/compose.yaml")
    assert "container: acme/shop}" in place.content(".github/workflows/ci.yml")
    assert place.look().state == "delivered"


def seen_as(monkeypatch: pytest.MonkeyPatch, path: str, mode: str) -> list[Any]:
    """Let trees say that a file has a mode, and return the entries of the trees that are made."""
    send, made = GitHub.send, list[Any]()

    def answered(self: GitHub, method: str, *parts: str, **rest: Any) -> Any:
        if method == "POST" and parts[-1] == "trees":
            made.extend(rest["body"]["tree"])
        found = send(self, method, *parts, **rest)
        if method == "GET" and "trees" in parts:
            found["tree"] = [each | ({"mode": mode} if each["path"] == path else {}) for each in found["tree"]]
        return found

    monkeypatch.setattr(GitHub, "send", answered)
    return made


@pytest.mark.parametrize("how", ["commit", "pull-request"])
def test_a_script_that_can_be_run_stays_so(place: Place, monkeypatch: pytest.MonkeyPatch, how: str) -> None:
    place.write("run.sh", "docker run acme/shop:1\n")
    place.wants(also_rewrite=("*.sh",), how=how)
    made = seen_as(monkeypatch, "run.sh", "100755")
    place.bring()
    assert {each["path"]: each["mode"] for each in made} == {PATH: "100644", "run.sh": "100755"}


def test_a_link_to_another_file_stays_one(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    place.write("README.md", "docker run acme/shop:1\n")
    place.write("docs.md", "docker run acme/shop:1\n")
    place.wants(also_rewrite=("*.md",))
    seen_as(monkeypatch, "docs.md", "120000")
    assert [each.path for each in place.look().changes] == [PATH, "README.md"]


def test_a_file_that_cannot_be_rewritten_is_told_and_stops_nothing(place: Place) -> None:
    place.write("compose.yaml", "services: {a: [\n")
    place.wants(also_rewrite=("compose.yaml",))
    found = place.look()
    assert [each.path for each in found.changes] == [PATH]
    assert found.notes[0].startswith("compose.yaml is not rewritten: ")


def test_what_the_workflow_needs_is_looked_for_before_it_is_written(place: Place) -> None:
    def lacks(exists: object) -> list[SettingsError]:
        assert callable(exists)
        assert exists("Dockerfile") and exists(".")
        return [] if exists("app/Dockerfile") else [SettingsError("no such file", "workflow.dockerfile")]

    place.wants(lacks=lacks)
    assert [str(each) for each in place.look().problems] == ["workflow.dockerfile: no such file"]
    place.write("app/Dockerfile", "FROM scratch\n")
    assert place.look().problems == ()


def test_a_repository_that_is_not_there_is_one_line(place: Place) -> None:
    place.wants(repository="no-such-one")
    with pytest.raises(GitHubError, match="no such repository"):
        place.look()


def test_a_repository_without_any_commit_says_what_to_do(place: Place) -> None:
    github_admin.add_repository(place.state, "acme", place.delivery.repository)
    assert place.look().acts
    with pytest.raises(GitHubError, match="no commit yet; push a first one"):
        place.bring()
