"""The providers of GitHub's side without an engine: against prepared answers, and the stand-in for GitHub."""

from __future__ import annotations

import base64
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from components.delivered_files import DeliveredFilesProvider, _written
from components.expected_repositories import ExpectedRepositoriesProvider
from components.removed_secrets import RemovedSecretsProvider
from components.seal_notice import SealNoticeProvider
from hub2ghcr.credentials import Credential
from hub2ghcr.delivering import Delivery, look, marked
from hub2ghcr.errors import GitHubError
from hub2ghcr.github import GitHub, actions_secrets
from lab import github, github_admin
from lab.accounts import GITHUB_ADMIN
from tests.components.test_providers import configured
from tests.hub2ghcr.answering import answering

CREDENTIALS = {
    "admin": {"username": GITHUB_ADMIN.user, "secretKey": "adminToken"},
    "hub": {"username": "u", "secretKey": "hubToken"},
}
VALUES = {"credentials": CREDENTIALS, "adminToken": GITHUB_ADMIN.token, "hubToken": "the-hub-token"}
PATH = ".github/workflows/publish.yml"
PARTS = [
    ["", "organization secret", "", "ALL"],
    ["shop", "Dependabot secret", "", "BOT"],
    ["shop", "environment", "production", ""],
    ["shop", "environment secret", "production", "ENV"],
    ["shop", "file", "", PATH],
    ["shop", "number", "", ""],
    ["shop", "repository", "", ""],
    ["shop", "secret", "", "CR_PAT"],
]
THERE: dict[str, Any] = {
    "/api/v3/users/acme": {},
    "/api/v3/orgs/acme/actions/secrets/ALL": {},
    "/api/v3/repos/acme/shop": {"id": 7},
    "/api/v3/repos/acme/shop/actions/secrets/CR_PAT": {},
    "/api/v3/repos/acme/shop/contents/.github/workflows/publish.yml": {"content": ""},
    "/api/v3/repos/acme/shop/dependabot/secrets/BOT": {},
    "/api/v3/repos/acme/shop/environments/production": {},
    "/api/v3/repos/acme/shop/environments/production/secrets/ENV": {},
}


def expecting(url: str, parts: list[list[str]] = PARTS, **more: Any) -> dict[str, Any]:
    return {
        "owner": "acme",
        "endpoint": url,
        "credential": "admin",
        "stack": "prod",
        "project": "p",
        "parts": parts,
        "numbers": None,
        "__provider": "x",
        **more,
    }


def failed(result: Any) -> list[str]:
    return [each.reason for each in result.failures]


def test_what_is_there_is_refused_whatever_its_kind() -> None:
    provider = configured(ExpectedRepositoriesProvider, **VALUES)
    with answering(THERE) as server:
        found = failed(provider.check({}, expecting(server.url)))
    lost = "already exists, and its value would be lost; delete it first: gh secret delete"
    assert found == [
        f"acme/shop, environment production: environment secret ENV {lost} ENV --repo acme/shop --env production",
        "acme/shop: .github/workflows/publish.yml already exists; move it away, or set another workflow.path",
        f"acme/shop: Actions secret CR_PAT {lost} CR_PAT --repo acme/shop",
        f"acme/shop: Dependabot secret BOT {lost} BOT --repo acme/shop --app dependabot",
        f"acme: organization secret ALL {lost} ALL --org acme",
    ]


def test_what_this_stack_made_is_not_asked_for_again_and_numbers_are_kept() -> None:
    provider = configured(ExpectedRepositoriesProvider, **VALUES)
    free = {path: THERE[path] for path in THERE if "secrets" not in path and "contents" not in path}
    with answering(free) as server:
        first = provider.check({}, expecting(server.url))
        asked = len(server.asked)
        again = provider.check(first.inputs, expecting(server.url))
    assert failed(first) == failed(again) == []
    assert first.inputs["numbers"] == again.inputs["numbers"] == {"shop": 7}
    assert server.asked[asked:] == ["/api/v3/users/acme"]
    kept = provider.create(first.inputs).outs
    assert not provider.diff("acme", kept, again.inputs).changes
    assert provider.diff("acme", kept, {**again.inputs, "parts": PARTS[:3]}).changes


def test_what_another_owner_had_is_no_answer_for_this_one() -> None:
    provider = configured(ExpectedRepositoriesProvider, **VALUES)
    with answering(THERE) as server:
        assert len(failed(provider.check(expecting(server.url, owner="other"), expecting(server.url)))) == 5


def test_what_is_missing_says_how_to_make_it() -> None:
    provider = configured(ExpectedRepositoriesProvider, **VALUES)
    parts = [["shop", "environment", "a/b", ""], ["gone", "number", "", ""]]
    with answering({"/api/v3/users/acme": {}, "/api/v3/repos/acme/shop": {}}) as server:
        assert failed(provider.check({}, expecting(server.url, parts))) == [
            "acme/gone: no such repository, or its administrator cannot see it",
            "acme/shop: no such environment: 'a/b'; make it: gh api -X PUT repos/acme/shop/environments/a%2Fb",
        ]


def test_an_archived_repository_is_told_by_a_preview_since_github_refuses_every_write_to_it() -> None:
    provider = configured(ExpectedRepositoriesProvider, **VALUES)
    answers = {"/api/v3/users/acme": {}, "/api/v3/repos/acme/shop": {"id": 7, "archived": True}}
    with answering(answers) as server:
        assert failed(provider.check({}, expecting(server.url, [["shop", "repository", "", ""]]))) == [
            "acme/shop: is archived: GitHub takes no write to it; unarchive it, or take it out of the settings"
        ]


def test_a_file_of_this_very_stack_may_be_there_as_after_a_lost_state() -> None:
    provider = configured(ExpectedRepositoriesProvider, **VALUES)
    path = "/api/v3/repos/acme/shop/contents/.github/workflows/publish.yml"
    parts = [["shop", "file", "", PATH]]
    for stack, count in (("prod", 0), ("other", 1)):
        content = base64.b64encode(marked("on: push\n", stack)).decode()
        with answering({"/api/v3/users/acme": {}, path: {"content": content}}) as server:
            assert len(failed(provider.check({}, expecting(server.url, parts)))) == count


def older(news: dict[str, Any]) -> dict[str, Any]:
    """What the first versions kept of the same settings: with a file that goes with its resource."""
    kept = {key: value for key, value in news.items() if key not in ("parts", "former", "numbers")}
    return {**kept, "repositories": [{"name": "shop", "secrets": ["CR_PAT"], "file": PATH}]}


def test_a_file_that_was_a_resource_once_stays_one_that_nothing_deletes() -> None:
    """A refresh before the first run takes nothing of that away: it once did, and the run then deleted the file."""
    provider = configured(ExpectedRepositoriesProvider, **VALUES)
    parts = [["shop", "file", "", PATH], ["shop", "repository", "", ""], ["shop", "secret", "", "CR_PAT"]]
    with answering(THERE) as server:
        news = expecting(server.url, parts)
        refreshed = provider.read("acme", older(news))
        first = provider.check(refreshed.outs, news)
        assert (first.failures, first.inputs["former"]) == ([], [["shop", PATH]])
        assert provider.diff("acme", older(news), first.inputs).changes
        again = provider.check(provider.read("acme", first.inputs).outs, news)
        assert again.inputs == first.inputs
        assert not provider.diff("acme", first.inputs, again.inputs).changes


def test_a_file_that_is_gone_is_no_resource_any_more() -> None:
    """To declare it would be to make it anew."""
    provider = configured(ExpectedRepositoriesProvider, **VALUES)
    with answering({key: value for key, value in THERE.items() if "/contents/" not in key}) as server:
        news = expecting(server.url, [["shop", "repository", "", ""]])
        assert provider.check(older(news), news).inputs["former"] is None


def test_a_repository_leaves_the_settings_when_a_run_has_kept_its_file() -> None:
    provider = configured(ExpectedRepositoriesProvider, **VALUES)
    with answering(THERE) as server:
        news = expecting(server.url, [])
        [told] = failed(provider.check(older(news), news))
        assert told == (
            f"acme/shop: {PATH} would be deleted with the resource that an older version has made of it; "
            "leave the repository in the settings for one run: it takes the file from the resource"
        )
        kept = {**news, "parts": [["shop", "repository", "", ""]], "former": [["shop", PATH]]}
        assert provider.check(kept, news).inputs["former"] is None


class Shop:
    """A repository at the stand-in, and the providers' properties for it."""

    def __init__(self, state: Path, api: GitHub) -> None:
        self.state, self.api = state, api
        self.name = f"shop-{uuid.uuid4().hex[:8]}"
        github_admin.add_repository(state, "acme", self.name, {"README.md": "shop\n"})

    def write(self, path: str, text: str) -> None:
        body = {"message": "by hand", "content": base64.b64encode(text.encode()).decode()}
        kept = self.api.send("GET", "repos", "acme", self.name, "contents", *path.split("/"))
        body |= {"sha": kept["sha"]} if kept else {}
        self.api.send("PUT", "repos", "acme", self.name, "contents", *path.split("/"), body=body)

    def secret(self, name: str) -> str:
        return github_admin.secret(self.state, "acme", self.name, name)

    def props(self, **more: Any) -> dict[str, Any]:
        endpoint = github.endpoint(self.state)
        return {"owner": "acme", "repository": self.name, "endpoint": endpoint, "credential": "admin", **more}

    def put(self, *names: str) -> None:
        for name in names:
            actions_secrets.write(self.api, "acme", self.name, name, "before")

    @property
    def names(self) -> set[str]:
        return set(actions_secrets.names(self.api, "acme", self.name))


@pytest.fixture
def shop(github_state: Path) -> Iterator[Shop]:
    who = Credential(GITHUB_ADMIN.user, GITHUB_ADMIN.token)
    with GitHub(github.endpoint(github_state), who) as api:
        yield Shop(github_state, api)


def delivered(shop: Shop, delivery: str = "pull-request") -> dict[str, Any]:
    wanted = Delivery("acme", shop.name, "prod", path=PATH, text="on: push\n", image="ghcr.io/acme/shop")
    found = look(shop.api, wanted)
    proposal = _written(found) if found.acts else None
    empty = dict.fromkeys(("state", "url", "commit", "protected"))
    props = shop.props(delivery=delivery, proposal=proposal, problems=[], **empty)
    return {key: value for key, value in props.items() if value is not None}  # the engine leaves out what is None


def test_files_are_brought_when_something_is_lacking_and_else_nothing_changes(shop: Shop) -> None:
    provider = configured(DeliveredFilesProvider, **VALUES)
    news = delivered(shop)
    kept = provider.create(provider.check({}, news).inputs).outs
    assert (kept["state"], kept["proposal"], kept["protected"]) == ("opened", None, False)
    again = delivered(shop)
    assert "proposal" not in again
    assert not provider.diff("id", kept, again).changes
    [pull] = shop.api.send("GET", "repos", "acme", shop.name, "pulls")
    shop.api.send("PUT", "repos", "acme", shop.name, "pulls", str(pull["number"]), "merge", body={})
    merged = delivered(shop)
    assert not provider.diff("id", kept, merged).changes
    assert provider.read("id", kept).outs == kept


def test_files_are_brought_by_a_commit_where_that_is_said(shop: Shop) -> None:
    provider = configured(DeliveredFilesProvider, **VALUES)
    kept = provider.update("id", {}, delivered(shop, "commit")).outs
    assert (kept["state"], bool(kept["commit"])) == ("committed", True)
    assert shop.api.send("GET", "repos", "acme", shop.name, "pulls") == []


def test_a_resource_with_nothing_to_bring_keeps_what_it_knew(shop: Shop) -> None:
    provider = configured(DeliveredFilesProvider, **VALUES)
    news = {**delivered(shop), "proposal": None}
    assert provider.create(news).outs["state"] is None
    assert provider.update("id", {"state": "opened"}, news).outs["state"] == "opened"


def test_a_workflow_that_could_not_build_is_refused_before_it_is_written(shop: Shop) -> None:
    provider = configured(DeliveredFilesProvider, **VALUES)
    assert failed(provider.check({}, {**delivered(shop), "problems": ["no Dockerfile"]})) == ["no Dockerfile"]


HUB = {"DOCKERHUB_TOKEN": "hub", "DOCKERHUB_USERNAME": ""}


def apply(provider: RemovedSecretsProvider, olds: dict[str, Any], news: dict[str, Any]) -> dict[str, Any]:
    """One run: the new state; what nothing changes is not written."""
    checked = provider.check(olds, news)
    assert failed(checked) == []
    if not olds:
        return dict(provider.create(checked.inputs).outs or {})
    if provider.diff("id", olds, checked.inputs).changes:
        return dict(provider.update("id", olds, checked.inputs).outs or {})
    return olds


def removing(shop: Shop, sealed: bool, seals: int | None = None) -> dict[str, Any]:
    number = int(sealed) if seals is None else seals
    return shop.props(secrets=HUB, sealed=sealed, seals=number, undone=None, gone=None, readers=None, lost=None)


def test_secrets_go_at_seal_and_not_before(shop: Shop) -> None:
    provider = configured(RemovedSecretsProvider, **VALUES)
    shop.put(*HUB, "OTHER")
    state = apply(provider, {}, removing(shop, False))
    assert shop.names == {*HUB, "OTHER"}
    assert provider.check(state, removing(shop, True)).inputs["going"] == sorted(HUB)
    state = apply(provider, state, removing(shop, True))
    assert (shop.names, state["going"]) == ({"OTHER"}, [])
    github_admin.reset_counters(shop.state)
    assert apply(provider, state, removing(shop, True)) is state
    assert github_admin.counters(shop.state) == {}


def test_the_way_back_restores_what_has_a_credential_and_tells_what_is_lost(shop: Shop) -> None:
    provider = configured(RemovedSecretsProvider, **VALUES)
    shop.put(*HUB)
    state = apply(provider, apply(provider, {}, removing(shop, False)), removing(shop, True))
    state = apply(provider, state, removing(shop, False))
    assert shop.names == {"DOCKERHUB_TOKEN"}
    assert shop.secret("DOCKERHUB_TOKEN") == "the-hub-token"
    assert state["lost"] == ["DOCKERHUB_USERNAME"]
    assert apply(provider, state, removing(shop, False)) is state
    shop.put("DOCKERHUB_USERNAME")
    assert apply(provider, state, removing(shop, False))["lost"] == []


def test_what_somebody_has_set_meanwhile_is_not_overwritten_on_the_way_back(shop: Shop) -> None:
    provider = configured(RemovedSecretsProvider, **VALUES)
    shop.put(*HUB)
    state = apply(provider, apply(provider, {}, removing(shop, False)), removing(shop, True))
    actions_secrets.write(shop.api, "acme", shop.name, "DOCKERHUB_TOKEN", "by hand")
    apply(provider, state, removing(shop, False))
    assert shop.secret("DOCKERHUB_TOKEN") == "by hand"


def test_what_a_workflow_reads_stays_until_it_reads_it_no_more(shop: Shop) -> None:
    provider = configured(RemovedSecretsProvider, **VALUES)
    shop.put(*HUB)
    shop.write(PATH, "on: push\n# ${{ secrets.DOCKERHUB_TOKEN }}\n")
    state = apply(provider, apply(provider, {}, removing(shop, False)), removing(shop, True))
    assert state["readers"] == {"DOCKERHUB_TOKEN": [PATH]}
    assert (shop.names, state["gone"]) == ({"DOCKERHUB_TOKEN"}, ["DOCKERHUB_USERNAME"])
    assert apply(provider, state, removing(shop, True)) is state
    shop.write(PATH, "on: push\n")
    state = apply(provider, state, removing(shop, True))
    assert (shop.names, state["readers"]) == (set(), {})


def test_without_a_look_at_the_readers_a_secret_in_use_would_go(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("hub2ghcr.delivering.readers.reads", lambda text, name: False)
    provider = configured(RemovedSecretsProvider, **VALUES)
    shop.put(*HUB)
    shop.write(PATH, "on: push\n# ${{ secrets.DOCKERHUB_TOKEN }}\n")
    apply(provider, {}, removing(shop, True))
    assert shop.names == set()


def test_destroying_neither_removes_nor_restores(shop: Shop) -> None:
    provider = configured(RemovedSecretsProvider, **VALUES)
    shop.put(*HUB)
    state = apply(provider, {}, removing(shop, True))
    github_admin.reset_counters(shop.state)
    provider.delete("id", state)
    assert github_admin.counters(shop.state) == {}


def broken_off(shop: Shop, olds: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    """A run at seal that ends with the second removal: the state stays what it was."""
    remove, removed = actions_secrets.remove, list[str]()

    def killed(api: GitHub, owner: str, repository: str, name: str) -> None:
        if removed:
            raise GitHubError("killed")
        removed.append(name)
        remove(api, owner, repository, name)

    with monkeypatch.context() as patch:
        patch.setattr(actions_secrets, "remove", killed)
        with pytest.raises(GitHubError, match="killed"):
            apply(configured(RemovedSecretsProvider, **VALUES), olds, removing(shop, True))


def test_a_kill_between_removing_and_saving_is_finished_by_the_next_run(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    provider = configured(RemovedSecretsProvider, **VALUES)
    shop.put(*HUB)
    before = apply(provider, {}, removing(shop, False))
    broken_off(shop, before, monkeypatch)
    state = apply(provider, before, removing(shop, True))
    assert (shop.names, state["gone"]) == (set(), sorted(HUB))
    apply(provider, state, removing(shop, False))
    assert shop.secret("DOCKERHUB_TOKEN") == "the-hub-token"


@pytest.mark.parametrize("first", [False, True])
def test_after_a_seal_that_was_broken_off_a_phase_back_restores_what_went(
    shop: Shop, monkeypatch: pytest.MonkeyPatch, first: bool
) -> None:
    """Of the removals the state knows nothing, and of the resource neither where it was its first run."""
    provider = configured(RemovedSecretsProvider, **VALUES)
    shop.put(*HUB)
    before = {} if first else apply(provider, {}, removing(shop, False))
    broken_off(shop, before, monkeypatch)
    assert shop.names == {"DOCKERHUB_USERNAME"}
    state = apply(provider, before, removing(shop, False, seals=1))
    assert shop.secret("DOCKERHUB_TOKEN") == "the-hub-token"
    assert shop.secret("DOCKERHUB_USERNAME") == "before"
    assert state["lost"] == []
    assert apply(provider, state, removing(shop, False, seals=1)) is state
    shop.api.send("DELETE", "repos", "acme", shop.name, "actions", "secrets", "DOCKERHUB_USERNAME")
    state = apply(provider, state, removing(shop, True, seals=2))
    assert shop.names == set()
    assert apply(provider, state, removing(shop, False, seals=2))["lost"] == ["DOCKERHUB_USERNAME"]


def test_without_the_notice_of_a_seal_what_it_took_stays_away(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    provider = configured(RemovedSecretsProvider, **VALUES)
    shop.put(*HUB)
    before = apply(provider, {}, removing(shop, False))
    broken_off(shop, before, monkeypatch)
    assert apply(provider, before, removing(shop, False, seals=0)) is before
    assert shop.names == {"DOCKERHUB_USERNAME"}


def test_a_notice_counts_the_seals_that_begin_and_changes_with_the_phase_alone() -> None:
    provider, state = SealNoticeProvider(), dict[str, Any]()
    found = []
    for sealed in (False, False, True, True, False, True):
        news = provider.check(state, {"owner": "acme", "repository": "shop", "sealed": sealed, "seals": None}).inputs
        changes = provider.diff("id", state, news).changes if state else True
        if changes:
            written = provider.update("id", state, news) if state else provider.create(news)
            state = dict(written.outs or {})
        found.append((state["seals"], changes))
    assert found == [(0, True), (0, False), (1, True), (1, False), (1, True), (2, True)]
    assert provider.read("id", state).outs == state
