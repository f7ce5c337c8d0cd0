from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import pytest

from hub2ghcr.credentials import Credential
from hub2ghcr.doctor.finding import Finding
from hub2ghcr.doctor.tokens import WORKFLOW, Held, Told, ask, foreign, judge, refused
from hub2ghcr.errors import GitHubError
from hub2ghcr.github import GitHub
from hub2ghcr.permissions import Need
from tests.hub2ghcr.github.scripted import Said, scripted

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
CLASSIC, FINE, APP, USERS = (
    "ghp_secretsecretsecret",
    "github_pat_secretsecret",
    "ghs_secretsecretsecret",
    "ghu_secretsecret",
)


def need(scope: str, permission: str = "", why: str = "copies 2 images") -> Need:
    return Need("push", "bot", "github", "ghcr.io", scope, permission, why)


PUSH, PULL = need("write:packages"), need("read:packages", why="opens ghcr.io")
SECRETS = need("repo", "secrets=write", "writes Actions secrets")
MAKE = "make a classic one with no more than https://github.com/settings/tokens/new?scopes="


def held(secret: str, *wanted: Need) -> Held:
    return Held("push", Credential("bot", secret), wanted)


def told(found: Sequence[Finding]) -> list[str]:
    return [f"{each.state}: {each.text}" + (f"; {each.remedy}" if each.remedy else "") for each in found]


def classic(*scopes: str, login: str = "bot", days: int | None = None) -> Told:
    return Told("classic", login, frozenset(scopes), None if days is None else NOW + timedelta(days=days, hours=1))


CASES = [
    (
        CLASSIC,
        classic("write:packages", days=60),
        [PUSH, PULL],
        ["ok: classic token ghp_… of bot, scopes write:packages, until 2027-01-20"],
    ),
    (
        CLASSIC,
        classic("read:packages"),
        [PUSH],
        [
            "failure: classic token ghp_… of bot lacks the scope write:packages: it copies 2 images; "
            f"{MAKE}write:packages",
        ],
    ),
    (
        CLASSIC,
        classic("admin:org", "delete:packages", "write:packages"),
        [PULL],
        [
            "ok: classic token ghp_… of bot, scopes admin:org, delete:packages, write:packages",
            "warning: classic token ghp_… of bot may do more than anything needs of it: admin:org, delete:packages, "
            f"write:packages; {MAKE}read:packages",
        ],
    ),
    (
        CLASSIC,
        classic("read:packages", days=3),
        [PULL],
        [
            "ok: classic token ghp_… of bot, scopes read:packages, until 2026-11-24",
            "warning: expires at 2026-11-24 13:00 UTC, in 3 days; set a new one before",
        ],
    ),
    (
        CLASSIC,
        classic("read:packages", login="ann"),
        [PULL],
        [
            "ok: classic token ghp_… of ann, scopes read:packages",
            "warning: the settings say bot, and this token is of ann; change `username`",
        ],
    ),
    (CLASSIC, classic(), [], ["ok: classic token ghp_… of bot, scopes none"]),
    (
        FINE,
        Told("fine-grained", "bot"),
        [PULL],
        [
            "failure: fine-grained token github_pat_… of bot is fine-grained: GHCR and the packages API take classic "
            f"tokens alone; {MAKE}read:packages",
        ],
    ),
    (FINE, Told("fine-grained", "bot"), [SECRETS], ["ok: fine-grained token github_pat_… of bot"]),
    (
        APP,
        Told("app", repositories=("acme/a", "acme/b")),
        [PUSH],
        [
            "failure: GitHub App's or workflow's token ghs_… of bot is a GitHub App's: GHCR lets it log in, and "
            f"refuses to pull and push; {MAKE}write:packages",
        ],
    ),
    (
        APP,
        Told("workflow", repositories=("acme/shop",)),
        [PUSH],
        [
            "failure: GitHub App's or workflow's token ghs_… of bot is a workflow's, ends with its job, and opens "
            f"packages of acme/shop alone; {MAKE}write:packages",
        ],
    ),
    (
        APP,
        Told("app"),
        [SECRETS],
        [
            "ok: GitHub App's or workflow's token ghs_… of bot",
            f"warning: GitHub App's or workflow's token ghs_… of bot ends within the hour; {MAKE}repo",
        ],
    ),
]


@pytest.mark.parametrize(("secret", "found", "wanted", "lines"), CASES)
def test_what_a_token_may_do_is_held_against_what_the_plan_needs_of_it(
    secret: str, found: Told, wanted: list[Need], lines: list[str]
) -> None:
    findings = judge(held(secret, *wanted), found, NOW)
    assert told(findings) == lines
    assert secret not in repr(findings)


def test_what_lacks_and_what_is_too_much_are_told_at_once() -> None:
    findings = judge(held(CLASSIC, PUSH, SECRETS), classic("admin:org"), NOW)
    assert [each.state for each in findings] == ["failure", "failure", "warning"]


SCOPES = {"X-OAuth-Scopes": "read:packages", "GitHub-Authentication-Token-Expiration": "2026-12-01 12:00:00 UTC"}
REPOSITORIES = {"total_count": 1, "repositories": [{"full_name": "acme/shop"}]}
ASKED = [
    (
        CLASSIC,
        Said(200, {"login": "bot"}, SCOPES),
        Told("classic", "bot", frozenset({"read:packages"}), datetime(2026, 12, 1, 12, tzinfo=UTC)),
    ),
    (CLASSIC, Said(200, {"login": "bot"}), Told("classic", "bot")),
    (FINE, Said(200, {"login": "bot"}), Told("fine-grained", "bot")),
    ("secret-of-no-shape", Said(200, {"login": "bot"}, {"X-OAuth-Scopes": ""}), Told("classic", "bot", frozenset())),
    ("secret-of-no-shape", Said(200, {"login": "bot"}), Told("fine-grained", "bot")),
    (USERS, Said(200, {"login": "bot"}), Told("app", "bot")),
]


@pytest.mark.parametrize(("secret", "answer", "found"), ASKED)
def test_a_tokens_kind_is_told_by_its_beginning_and_by_what_github_answers(
    secret: str, answer: Said, found: Told
) -> None:
    with scripted(answer) as server, GitHub(server.url, Credential("bot", secret)) as github:
        assert ask(github, secret) == found


def viewer(login: str) -> Said:
    return Said(200, {"data": {"viewer": {"login": login}}})


@pytest.mark.parametrize(
    ("answers", "found"),
    [
        (
            [viewer("github-actions[bot]"), Said(200, REPOSITORIES)],
            Told("workflow", WORKFLOW, repositories=("acme/shop",)),
        ),
        ([viewer("acme-app[bot]"), Said(200, REPOSITORIES)], Told("app", "acme-app[bot]", repositories=("acme/shop",))),
        ([viewer("acme-app[bot]"), Said(403, {"message": "Resource not accessible by integration"})], Told("app")),
        ([Said(200, {"data": None}), Said(200, {"total_count": 0, "repositories": []})], Told("app")),
    ],
)
def test_a_workflows_token_is_told_from_an_apps_by_whom_it_acts_as(answers: list[Said], found: Told) -> None:
    with scripted(*answers) as server, GitHub(server.url, Credential("bot", APP)) as github:
        assert ask(github, APP) == found
        assert server.asked[0] == "POST /api/graphql"


@pytest.mark.parametrize("secret", [CLASSIC, APP])
def test_a_token_that_github_refuses_is_a_failure_with_the_scopes_of_a_new_one(secret: str) -> None:
    credential = Credential("bot", secret)
    with (
        scripted(Said(401, {"message": "Bad credentials"})) as server,
        GitHub(server.url, credential) as github,
        pytest.raises(GitHubError) as caught,
    ):
        ask(github, secret)
    finding = refused(held(secret, PUSH), caught.value)
    assert finding.state == "failure"
    assert finding.text.endswith("of bot is refused (Bad credentials): expired or revoked")
    assert finding.remedy == f"{MAKE}write:packages"
    assert secret not in repr(finding)


@pytest.mark.parametrize(("status", "state"), [(403, "failure"), (0, "warning")])
def test_a_github_that_does_not_answer_proves_nothing_against_a_token(status: int, state: str) -> None:
    error = GitHubError("GitHub refuses bot (403)", remedy="authorise it: https://x", status=status)
    assert refused(held(CLASSIC, PUSH), error) == Finding(
        "failure" if state == "failure" else "warning",
        "credential",
        "push",
        "classic token ghp_… of bot: GitHub refuses bot (403)",
        "authorise it: https://x",
    )


def test_on_an_enterprise_a_token_is_made_there() -> None:
    there = Held("push", Credential("bot", CLASSIC), (PUSH,), "git.acme.example")
    assert "https://git.acme.example/settings/tokens/new?scopes=write:packages" in there.make


def test_another_vendors_token_is_not_sent_to_github() -> None:
    found = foreign(held("dckr_pat_secretsecretsecret", PUSH))
    assert found is not None and found.state == "failure"
    assert found.text == "Docker Hub personal token dckr_pat_… of bot is none of GitHub's, and was not sent there"
    assert foreign(held(CLASSIC, PUSH)) is None


def test_a_secret_for_others_is_one_of_github_by_its_beginning_alone() -> None:
    others = Need("push", "bot", "secret", "acme/shop", "", "", "is a secret")
    assert held(CLASSIC, others).on_github and not held("no-shape", others).on_github
    assert held("no-shape", PUSH).on_github
    assert judge(held(CLASSIC, others), classic("repo"), NOW)[0].state == "ok"
