"""What a stack's settings say of GitHub, as a plan: secrets of every kind, what goes at seal, how files come."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from hub2ghcr import plan
from hub2ghcr.cli.plan_json import as_json
from hub2ghcr.cli.plan_output import table
from hub2ghcr.errors import Problems
from hub2ghcr.plan import GitHub, Plan
from hub2ghcr.plan.secret_sharing import secret_sharing
from hub2ghcr.settings import Settings
from tests.hub2ghcr.conftest import Config, Project

FULL: dict[str, Any] = {
    "delivery": "commit",
    "organization": {"secrets": {"ALL": {"credential": "publish", "repositories": ["web", "shop"]}}},
    "repositories": {
        "shop": {
            "secrets": {"CR_PAT": "publish"},
            "dependabotSecrets": {"BOT": "publish"},
            "environments": {"production/eu": {"ENV": "publish"}},
            "removeAtSeal": {"DOCKERHUB_TOKEN": {"credential": "pull"}, "DOCKERHUB_USERNAME": {"lostForGood": True}},
            "alsoRewrite": ["README.md"],
            "workflow": {"path": ".github/workflows/p.yml", "image": "shop", "flavour": "pat"},
        },
        "web": {"delivery": "pull-request", "alsoRewrite": ["*.md"]},
    },
}


def planned(project: Project, **more: Any) -> Plan:
    def change(config: Config) -> None:
        config["github"] |= json.loads(json.dumps({**FULL, **more}))

    return plan.build(project.change(change).settings(), project.lock, project.root)


def side(found: Plan) -> GitHub:
    assert found.github is not None
    return found.github


def test_every_kind_of_secret_is_planned_from_its_credential(project: Project) -> None:
    github = side(planned(project))
    [secret] = github.organization_secrets
    assert (secret.name, secret.visibility, secret.repositories) == ("ALL", "selected", ("shop", "web"))
    shop = github.repositories[0]
    kinds = (shop.secrets, shop.dependabot_secrets, shop.environments["production/eu"])
    assert [sorted(each) for each in kinds] == [["CR_PAT"], ["BOT"], ["ENV"]]
    assert [(each.name, each.credential and each.credential.name) for each in shop.removed] == [
        ("DOCKERHUB_TOKEN", "pull"),
        ("DOCKERHUB_USERNAME", None),
    ]


def test_files_come_as_the_repository_says_or_else_as_the_owner(project: Project) -> None:
    shop, web = side(planned(project)).repositories
    assert (shop.delivery, shop.image, shop.also_rewrite) == ("commit", "ghcr.io/acme/shop", ("README.md",))
    assert (web.delivery, web.image, web.workflow_path) == ("pull-request", "ghcr.io/acme/web", None)
    github = side(plan.build(Project(project.root).settings(), project.lock, project.root))
    assert github.repositories[0].delivery == "pull-request"


def test_a_plan_shows_each_secret_by_its_credential_and_what_goes(project: Project) -> None:
    found = planned(project)
    shown = " ".join(table(found).split())
    for each in (
        "organization secret ALL from publish, for shop, web",
        "Dependabot secret BOT from publish",
        "secret of environment production/eu ENV from publish",
        "Acme/shop files come by commit",
        "Acme/web references to the old image in *.md",
        "Acme/web files come by pull-request",
        "secret DOCKERHUB_TOKEN removed at seal: pull restores it",
        "secret DOCKERHUB_USERNAME removed at seal: its value is lost for good",
    ):
        assert each in shown
    assert "DOCKERHUB_TOKEN removed: pull" in " ".join(table(replace(found, phase="seal")).split())
    data = json.loads(as_json(found))["github"]
    assert data["repositories"][0]["removedAtSeal"]["DOCKERHUB_USERNAME"] is None
    assert data["repositories"][0]["environments"]["production/eu"]["ENV"]["name"] == "publish"
    assert data["organizationSecrets"][0]["repositories"] == ["shop", "web"]


def _change(*path: str, value: Any) -> Callable[[Config], None]:
    def change(config: Config) -> None:
        config["github"] |= json.loads(json.dumps(FULL))
        holder: Any = config["github"]
        for part in path[:-1]:
            holder = holder[part]
        holder[path[-1]] = value

    return change


SHOP = ("repositories", "shop")
RESTORED = "needs `credential`, which the way back writes again, or `lostForGood: true`"


@pytest.mark.parametrize(
    ("change", "line"),
    [
        (_change(*SHOP, "removeAtSeal", "A", value={}), f"github.repositories.shop.removeAtSeal.A: {RESTORED}"),
        (
            _change(*SHOP, "removeAtSeal", "A", value={"credential": "pull", "lostForGood": True}),
            f"github.repositories.shop.removeAtSeal.A: {RESTORED}",
        ),
        (
            _change(*SHOP, "removeAtSeal", "CR_PAT", value={"lostForGood": True}),
            "github.repositories.shop.removeAtSeal.CR_PAT: is written by this stack;"
            " keep it in one of `secrets` and `removeAtSeal`",
        ),
        (
            _change(*SHOP, "environments", "production/eu", value={"A": "nobody"}),
            "github.repositories.shop.environments.production/eu.A: no such credential: 'nobody'",
        ),
        (
            _change(*SHOP, "dependabotSecrets", "A", value="nobody"),
            "github.repositories.shop.dependabotSecrets.A: no such credential: 'nobody'",
        ),
        (
            _change(*SHOP, "removeAtSeal", "A", value={"credential": "nobody"}),
            "github.repositories.shop.removeAtSeal.A.credential: no such credential: 'nobody'",
        ),
        (
            _change("organization", "secrets", "A", value={"credential": "nobody", "visibility": "all"}),
            "github.organization.secrets.A.credential: no such credential: 'nobody'",
        ),
        (
            _change("organization", "secrets", "A", value={"credential": "pull"}),
            "github.organization.secrets.A: `repositories` belong to `visibility: selected`, which needs them",
        ),
        (
            _change(*SHOP, "alsoRewrite", value=["../README.md"]),
            "github.repositories.shop.alsoRewrite[0]: must be a path in the repository, such as *.md: '../README.md'",
        ),
        (_change("followSeconds", value=-1), "github.followSeconds: Input should be greater than or equal to 0: '-1'"),
        (
            _change("repositories", "Shop", value={}),
            "github.repositories.shop: is Shop in another spelling; GitHub takes them for one: keep one",
        ),
    ],
)
def test_what_cannot_be_has_its_line(project: Project, change: Callable[[Config], None], line: str) -> None:
    with pytest.raises(Problems) as caught:
        project.change(change).settings()
    assert [each for each in caught.value.lines if each.startswith(f"stacks/Pulumi.test.yaml: {line}")]


def told(project: Project, more: dict[str, Any], tokens: dict[str, str] | None = None) -> list[str]:
    found = planned(project, **more)
    settings: Settings = project.settings()
    values = tokens or {}
    return list(secret_sharing(settings, found.github, found.clusters, lambda key: values.get(key, key)))


def test_a_token_that_several_repositories_hold_is_told(project: Project) -> None:
    both = {"repositories": {name: {"secrets": {"CR_PAT": "publish"}} for name in ("shop", "web")}, "organization": {}}
    assert told(project, both) == [
        "repository shop, repository web share the credential publish: who reads one secret has it for all"
    ]


def test_a_token_under_two_names_is_one_where_values_are_known(project: Project) -> None:
    two = {
        "organization": {},
        "repositories": {"shop": {"secrets": {"A": "publish"}}, "web": {"dependabotSecrets": {"A": "admin"}}},
    }
    same = {"adminToken": "x", "publishToken": "x"}
    assert told(project, two) == ["repository web: the credential admin also administers Acme on GitHub"]
    assert told(project, two, same) == [
        "repository shop, repository web share the credential admin and publish: who reads one secret has it for all",
        "repository shop, repository web: the credential admin and publish also administers Acme on GitHub",
    ]


def test_what_else_a_token_opens_is_told(project: Project) -> None:
    shop = {"repositories": {"shop": {"secrets": {"A": "pull", "B": "push"}}}, "organization": {}}
    assert told(project, shop) == [
        "repository shop: the credential pull is also what cluster one pulls with",
        "repository shop: the credential push also copies images for the whole stack",
    ]


def test_the_kinds_of_one_repository_are_one_holder(project: Project) -> None:
    shop = {"secrets": {"A": "publish"}, "dependabotSecrets": {"A": "publish"}, "environments": {"e": {"A": "publish"}}}
    assert told(project, {"repositories": {"shop": shop}, "organization": {}}) == []


def test_without_github_nothing_is_shared(project: Project) -> None:
    assert list(secret_sharing(project.settings(), None, ())) == []
