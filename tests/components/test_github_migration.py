from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pulumi
import pytest

from components import package_foretelling, repository_migration
from components.github_migration import GitHubMigration, GitHubMigrationArgs
from components.image_mirror import ImageMirror, ImageMirrorArgs
from components.repository_looks import Looks, delivery, looks
from hub2ghcr.delivering import Change, Look
from hub2ghcr.delivering.following import Followed
from hub2ghcr.packages import MISSING, Seen
from hub2ghcr.plan import CredentialRef, GitHub, OrganizationSecret, Package, RemovedSecret, Repository
from tests.components.recording import Registered, declared, is_secret, only
from tests.hub2ghcr.answering import answering

CONFIG = {"hub2ghcr:adminToken": "the-admin-token", "hub2ghcr:patToken": "the-pat"}
CHECK = "pulumi-python:dynamic/hub2ghcr:PackageCheck"
EXPECTED = "pulumi-python:dynamic/hub2ghcr:ExpectedRepositories"
FILES = "pulumi-python:dynamic/hub2ghcr:DeliveredFiles"
REMOVED = "pulumi-python:dynamic/hub2ghcr:RemovedSecrets"
NOTICE = "pulumi-python:dynamic/hub2ghcr:SealNotice"
SECRETS = {
    "acme/shop/CR_PAT": "github:index/actionsSecret:ActionsSecret",
    "acme/shop/production/CR_PAT": "github:index/actionsEnvironmentSecret:ActionsEnvironmentSecret",
    "acme/shop/dependabot/CR_PAT": "github:index/dependabotSecret:DependabotSecret",
    "acme/ALL": "github:index/actionsOrganizationSecret:ActionsOrganizationSecret",
}
SETTINGS_URL = "https://github.com/orgs/acme/packages/container/shop/settings"
PATH = ".github/workflows/w.yml"
PAT = CredentialRef("pat", "bot", "patToken")
SHOP = Repository(
    "acme",
    "shop",
    {"CR_PAT": PAT},
    PATH,
    "on: x",
    None,
    "ghcr.io/acme/shop",
    {"CR_PAT": PAT},
    {"production": {"CR_PAT": PAT}},
    (RemovedSecret("DOCKERHUB_TOKEN", PAT), RemovedSecret("DOCKERHUB_USERNAME", None)),
)
PLAN = GitHub(
    "acme",
    "https://github.example.com",
    CredentialRef("admin", "acme-admin", "adminToken"),
    (SHOP,),
    (Package("acme", "shop", "ghcr.io", "public"),),
    (OrganizationSecret("ALL", PAT, "selected", ("shop", "web")),),
    0,
)
SEEN = Look(delivery(PLAN, SHOP, "test"), "wanted", (Change(PATH, "", b"on: x\n"),))
NUMBERS = {EXPECTED: {"numbers": {"shop": 1, "web": 2}}}


def migrated(
    answers: dict[str, dict[str, Any]] | None = None,
    look: Look | None = SEEN,
    plan: GitHub = PLAN,
    unseen: tuple[str, ...] = (),
    **more: Any,
) -> list[Registered]:
    def seen(_: GitHub) -> Looks:
        return Looks({"shop": look} if look else {}, unseen)

    def declare() -> None:
        mirrors: dict[str, pulumi.Resource] = {
            target: ImageMirror(
                target, ImageMirrorArgs(source="docker.io/acme/shop:1", target=target, digest="sha256:" + "a" * 64)
            )
            for target in ("ghcr.io/acme/shop:1", "ghcr.io/acme/shop-api:1")
        }
        GitHubMigration("acme", GitHubMigrationArgs(plan, mirrors, look=seen, **more))

    return declared(declare, CONFIG, {**NUMBERS, **(answers or {})})


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    lines: list[str] = []
    for severity in ("info", "warn"):
        monkeypatch.setattr(
            pulumi.log, severity, lambda text, *_, severity=severity: lines.append(f"{severity}: {text}")
        )
    return lines


@pytest.mark.parametrize("name", SECRETS)
def test_every_secret_goes_over_the_wire_as_a_secret(name: str) -> None:
    secret = only(migrated(), SECRETS[name], name)
    assert is_secret(secret.inputs["value"])
    assert secret.inputs["value"]["value"] == CONFIG["hub2ghcr:patToken"]
    assert {"value", "plaintextValue"} <= set(secret.secret_outputs)


def test_a_file_of_an_older_version_stays_in_the_state_and_nothing_writes_or_deletes_it() -> None:
    kind = "github:index/repositoryFile:RepositoryFile"
    found = migrated({EXPECTED: {**NUMBERS[EXPECTED], "former": [["shop", PATH], ["web", PATH]]}})
    file = only(found, kind, f"acme/shop/{PATH}")
    assert file.retained
    assert file.ignored == ("content", "commitMessage")
    assert [each.name for each in found if each.type == kind] == [file.name]
    assert not [each for each in migrated() if each.type == kind]


def test_an_organisations_secret_is_for_the_repositories_that_are_named_by_number() -> None:
    kind = SECRETS["acme/ALL"]
    assert only(migrated(), kind).inputs["selectedRepositoryIds"] == [1, 2]
    everyone = replace(PLAN, organization_secrets=(OrganizationSecret("ALL", PAT, "all"),))
    assert "selectedRepositoryIds" not in only(migrated(plan=everyone), kind).inputs


def test_a_secret_that_somebody_else_has_set_is_told_with_what_to_do(told: list[str]) -> None:
    others = {"updatedAt": "2026-11-20", "remoteUpdatedAt": "2026-11-21"}
    migrated({kind: others for kind in SECRETS.values()})
    remedies = [each.partition(";")[2].partition(":")[2] for each in told if "somebody else" in each]
    assert sorted(remedies) == [
        f" gh secret delete {which}, then pulumi up --refresh"
        for which in (
            "ALL --org acme",
            "CR_PAT --repo acme/shop --app dependabot",
            "CR_PAT --repo acme/shop --env production",
            "CR_PAT --repo acme/shop",
        )
    ]
    told.clear()
    migrated({kind: {**others, "remoteUpdatedAt": "2026-11-20"} for kind in SECRETS.values()})
    assert not [each for each in told if "somebody else" in each]


def test_the_token_of_the_provider_is_a_secret_and_its_endpoint_the_stacks() -> None:
    provider = only(migrated(), "pulumi:providers:github")
    assert is_secret(provider.inputs["token"])
    assert provider.inputs["baseUrl"] == "https://github.example.com"
    assert provider.inputs["owner"] == "acme"


def test_no_token_goes_anywhere_else() -> None:
    for each in migrated():
        plain = {key: value for key, value in each.inputs.items() if not is_secret(value)}
        assert not [value for value in CONFIG.values() if value in json.dumps(plain)]


def test_the_writes_of_one_repository_come_one_after_the_other() -> None:
    found = migrated()
    first, second, third = (only(found, SECRETS[name], name) for name in list(SECRETS)[:3])
    assert first.name in second.depends_on
    assert second.name in third.depends_on
    files = only(found, FILES)
    assert {first.name, second.name, third.name, "acme"} <= set(files.depends_on)


def test_a_secret_goes_after_the_workflow_that_needed_it_and_comes_back_before() -> None:
    def waits(sealed: bool) -> list[str]:
        found = migrated(sealed=sealed)
        return [kind for kind in (FILES, REMOVED) if "acme/shop" in only(found, kind).depends_on]

    assert (waits(True), waits(False)) == ([REMOVED], [FILES])


def test_what_is_lacking_is_what_is_written_and_what_is_not_lacking_nothing() -> None:
    [written] = only(migrated(), FILES).inputs["proposal"]["files"]
    assert written == {"path": PATH, "was": "", "data": "on: x\n"}
    for look in (replace(SEEN, state="open"), Look(SEEN.delivery, "delivered"), None):
        assert only(migrated(look=look), FILES).inputs.get("proposal") is None


def test_what_others_wrote_goes_over_the_wire_as_a_secret() -> None:
    others = Change("compose.yaml", "1", b"{image: ghcr.io/acme/shop, environment: {PASSWORD: hunter2}}")
    ours, theirs = only(migrated(look=replace(SEEN, changes=(*SEEN.changes, others))), FILES).inputs["proposal"][
        "files"
    ]
    assert (is_secret(ours["data"]), is_secret(theirs["data"])) == (False, True)


@pytest.mark.parametrize("sealed", [False, True])
def test_what_goes_goes_at_seal(sealed: bool) -> None:
    found = only(migrated(sealed=sealed), REMOVED).inputs
    assert (found["sealed"], found["secrets"]) == (sealed, {"DOCKERHUB_TOKEN": "pat", "DOCKERHUB_USERNAME": ""})


def test_that_secrets_go_is_saved_before_the_first_of_them_does() -> None:
    found = migrated({NOTICE: {"seals": 3}}, sealed=True)
    kinds = [each.type for each in found]
    assert kinds.index(NOTICE) < kinds.index(REMOVED)
    assert only(found, REMOVED).inputs["seals"] == 3


def test_what_stays_and_what_is_lost_is_told_with_what_to_do(told: list[str]) -> None:
    migrated({REMOVED: {"readers": {"DOCKERHUB_TOKEN": [PATH]}, "lost": ["DOCKERHUB_USERNAME"]}})
    assert [each for each in told if "DOCKERHUB" in each] == [
        f"warn: acme/shop: secret DOCKERHUB_TOKEN is not removed: {PATH} on the default branch reads it; "
        "change that, or merge what does, and run again",
        "warn: acme/shop: secret DOCKERHUB_USERNAME was removed at seal, and nobody has it; "
        "set it: gh secret set DOCKERHUB_USERNAME --repo acme/shop",
    ]


def test_a_preview_at_seal_tells_what_would_go_by_its_own_commit_too(
    told: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pulumi.runtime, "is_dry_run", lambda: True)
    found = {REMOVED: {"readers": {"DOCKERHUB_TOKEN": [PATH]}, "going": ["DOCKERHUB_USERNAME"]}}
    why = "no workflow of the default branch reads it"
    removed = f"info: acme/shop: secret DOCKERHUB_USERNAME to be removed: {why}"

    def of_secrets(look: Look) -> list[str]:
        told.clear()
        migrated(found, look, sealed=True)
        return [each.partition(";")[0] for each in told if "DOCKERHUB" in each]

    stays = f"warn: acme/shop: secret DOCKERHUB_TOKEN is not removed: {PATH} on the default branch reads it"
    assert of_secrets(SEEN) == [removed, stays]
    commit = replace(SEEN, delivery=replace(SEEN.delivery, how="commit"))
    assert of_secrets(commit) == [f"info: acme/shop: secret DOCKERHUB_TOKEN to be removed: {why}", removed]
    still = (Change(PATH, "", b"${{ secrets.DOCKERHUB_TOKEN }}"),)
    assert of_secrets(replace(commit, changes=still)) == [removed, stays]


def test_a_run_tells_what_it_has_brought(told: list[str]) -> None:
    migrated({FILES: {"state": "opened", "url": "https://pull", "protected": True}})
    assert "info: acme/shop: its default branch takes no direct commit: https://pull opened, waits to be merged" in told


def test_a_preview_tells_what_would_be_brought_and_follows_nothing(
    told: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pulumi.runtime, "is_dry_run", lambda: True)
    monkeypatch.setattr(repository_migration, "follow", None)
    migrated(look=Look(SEEN.delivery, "delivered"))
    migrated()
    assert (
        "info: acme/shop: pull request 'Publish ghcr.io/acme/shop' to be opened: .github/workflows/w.yml (new)" in told
    )


@pytest.mark.parametrize(
    ("look", "state", "found", "line"),
    [
        (
            SEEN,
            "committed",
            Followed("success", "https://run"),
            f"info: acme/shop: {PATH}: success: https://run; package",
        ),
        (SEEN, "opened", Followed("failure", "https://run"), ""),
        (Look(SEEN.delivery, "delivered"), "opened", Followed("success", "https://run"), ""),
        (Look(SEEN.delivery, "delivered"), "committed", Followed("success", "https://run", first=True), ""),
        (
            Look(SEEN.delivery, "delivered"),
            "opened",
            Followed("success", "https://run", first=True),
            f"info: acme/shop: {PATH}: success: https://run; package: {SETTINGS_URL}",
        ),
        (
            Look(SEEN.delivery, "delivered"),
            None,
            Followed("failure", "https://run", ("login",)),
            f"warn: acme/shop: the run of {PATH} ended with failure: https://run (failed: login); a secret",
        ),
    ],
)
def test_what_is_on_the_default_branch_is_followed(
    told: list[str], monkeypatch: pytest.MonkeyPatch, look: Look, state: str | None, found: Followed, line: str
) -> None:
    monkeypatch.setattr(repository_migration, "opened", lambda *_: None)
    monkeypatch.setattr(repository_migration, "follow", lambda *_: found)
    migrated({FILES: {"state": state, "commit": "abc", "url": ""}}, look)
    assert [each for each in told if "https://run" in each and each.startswith(line or "none")] or not line
    assert bool(line) is any("https://run" in each for each in told)


def test_everything_on_github_goes_through_the_stacks_provider_after_the_proof() -> None:
    for each in migrated():
        if each.type.startswith("github:"):
            assert each.provider.endswith("pulumi:providers:github::acme")
            assert "acme" in each.depends_on


def test_a_package_is_looked_at_after_the_copies_that_land_in_it_and_no_other() -> None:
    check = only(migrated(), CHECK)
    assert "ghcr.io/acme/shop:1" in check.depends_on
    assert "ghcr.io/acme/shop-api:1" not in check.depends_on


def of_packages(told: list[str]) -> list[str]:
    return [each for each in told if each.partition(": ")[2].startswith("package")]


def test_what_is_not_as_wanted_is_a_warning_of_the_run_that_looked(told: list[str]) -> None:
    migrated({CHECK: {"differences": ["package acme/shop is private", "package acme/shop is linked to no repository"]}})
    assert of_packages(told) == [
        "warn: package acme/shop is private",
        "warn: package acme/shop is linked to no repository",
    ]


def test_what_is_as_wanted_is_no_warning(told: list[str]) -> None:
    migrated({CHECK: {"differences": []}})
    assert of_packages(told) == []


PACKAGE = Package("acme", "shop", "ghcr.io", "public", access={"deployers": "read"})
COMES = (
    "info: package acme/shop does not exist yet, or the token may not see it; wanted public: its first push makes it "
    "private, and linked only by a label or a workflow's own token"
)
PREVIEWS = [
    (PACKAGE, Seen("public", anonymous=True), []),
    (
        PACKAGE,
        Seen("private", anonymous=False),
        [
            "warn: package acme/shop is private, wanted public: no API sets it, open "
            f"{SETTINGS_URL}; public cannot be undone",
        ],
    ),
    (replace(PACKAGE, enforce="fail"), Seen("private", anonymous=False), []),
    (PACKAGE, Seen(MISSING), [COMES]),
    (replace(PACKAGE, enforce="fail"), Seen(MISSING), [COMES]),
]


@pytest.mark.parametrize(("package", "seen", "lines"), PREVIEWS)
def test_a_preview_looks_itself_and_tells_nothing_twice(
    monkeypatch: pytest.MonkeyPatch, told: list[str], package: Package, seen: Seen, lines: list[str]
) -> None:
    monkeypatch.setattr("pulumi.runtime.is_dry_run", lambda: True)
    monkeypatch.setattr(package_foretelling, "look", lambda *_: seen)
    monkeypatch.setattr(package_foretelling, "github", lambda *_: None)
    monkeypatch.setattr(package_foretelling, "reader", lambda *_: None)
    migrated({CHECK: {"differences": ["what the state remembers"]}}, plan=replace(PLAN, packages=(package,)))
    access = "info: package acme/shop: who has access no API shows; look whether it is deployers: read: " + SETTINGS_URL
    assert of_packages(told) == [access, *lines]


def test_a_preview_goes_on_where_packages_cannot_be_looked_at(monkeypatch: pytest.MonkeyPatch, told: list[str]) -> None:
    monkeypatch.setattr("pulumi.runtime.is_dry_run", lambda: True)
    migrated()
    assert of_packages(told) == [
        "warn: packages: what they are is not known: admin: the credential has no value; "
        "pulumi config set --secret admin"
    ]


@pytest.mark.parametrize("dry_run", [False, True])
def test_a_repository_that_nobody_could_look_at_is_a_warning_of_previews_alone(
    monkeypatch: pytest.MonkeyPatch, told: list[str], dry_run: bool
) -> None:
    """A run fails for it when all else is done: `components.program`."""
    monkeypatch.setattr("pulumi.runtime.is_dry_run", lambda: dry_run)
    migrated(look=None, plan=replace(PLAN, packages=()), unseen=("acme/shop: refused",))
    assert ("warn: acme/shop: refused" in told) is dry_run


def test_repositories_are_looked_at_where_they_get_files_and_what_fails_is_a_line_of_its_own(
    told: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    tree = {"tree": [{"path": "README.md", "mode": "100644", "type": "blob", "sha": "1"}], "truncated": False}
    answers = {
        "/api/v3/repos/acme/shop/git/trees/HEAD?recursive=1": tree,
        "/api/v3/repos/acme/web/git/trees/HEAD?recursive=1": 422,
    }
    config = {
        "hub2ghcr:credentials": '{"admin": {"username": "a", "secretKey": "adminToken"}}',
        "hub2ghcr:adminToken": "t",
    }
    monkeypatch.setenv("PULUMI_CONFIG", json.dumps(config))
    web = replace(SHOP, name="web")
    plain = replace(SHOP, name="plain", workflow_path=None, workflow=None)
    with answering(answers) as server:
        plan = replace(PLAN, endpoint=server.url, repositories=(SHOP, web, plain))
        found = looks(plan)
    assert {name: each.state for name, each in found.seen.items()} == {"shop": "wanted"}
    [line] = found.unseen
    assert line.startswith("acme/web: what it lacks is not known: GitHub answered 422")
    assert told == []
    assert not [each for each in server.asked if "/plain/" in each]
