"""What a plan says of publish workflows: the phase's, signed in by whom, and that what they build is there."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from hub2ghcr.cli.plan_json import as_json
from hub2ghcr.cli.plan_output import markdown
from hub2ghcr.errors import Problems
from hub2ghcr.plan import Plan, Repository, build, require_built

from .conftest import Config, Project

HUB = {"image": "acme/shop", "username": "acmehub", "passwordSecret": "DOCKERHUB_TOKEN"}
Change = Callable[[dict[str, Any]], Any]


def planned(project: Project) -> Plan:
    return build(project.settings(), project.lock, project.root)


def shop(plan: Plan) -> Repository:
    assert plan.github is not None
    (found,) = (each for each in plan.github.repositories if each.name.lower() == "shop")
    return found


def problems(project: Project) -> list[str]:
    with pytest.raises(Problems) as caught:
        planned(project)
    return list(caught.value.lines)


def changing(project: Project, change: Change) -> Project:
    return project.change(lambda config: change(config["github"]["repositories"]["shop"]["workflow"]))


@pytest.mark.parametrize("phase", ["prepare", "cutover", "seal"])
def test_the_workflow_follows_the_phase_of_the_stack(project: Project, phase: str) -> None:
    project.change(lambda config: config.update(phase=phase))
    publish = shop(planned(changing(project, lambda workflow: workflow.update(hub=HUB)))).publish
    assert publish is not None
    hub = () if phase == "seal" else ("docker.io/acme/shop",)
    assert publish.images == ("ghcr.io/acme/shop", *hub)


def test_back_from_the_seal_is_the_workflow_that_was_before(project: Project) -> None:
    changing(project, lambda workflow: workflow.update(hub=HUB))
    before = shop(planned(project)).workflow
    sealed = shop(planned(project.change(lambda config: config.update(phase="seal")))).workflow
    assert shop(planned(project.change(lambda config: config.update(phase="cutover")))).workflow == before != sealed


def test_token_is_the_default_and_the_image_is_named_as_the_repository(project: Project) -> None:
    def change(config: Config) -> None:
        config["github"]["repositories"] = {"Shop": {"workflow": {}}}

    found = shop(planned(project.change(change)))
    assert found.publish is not None
    assert (found.workflow_path, found.publish.image, found.publish.flavour, found.publish.username) == (
        ".github/workflows/docker-publish.yml",
        "ghcr.io/acme/shop",
        "token",
        "",
    )


@pytest.mark.parametrize(
    ("endpoint", "attest"),
    [
        ("https://api.github.com", "public"),
        ("https://git.acme.example/api/v3", "never"),
        ("http://127.0.0.1:1", "never"),
        ("${UNSET}", "never"),
    ],
)
def test_a_github_enterprise_server_has_no_attestations(project: Project, endpoint: str, attest: str) -> None:
    publish = shop(planned(project.change(lambda config: config["github"].update(endpoint=endpoint)))).publish
    assert publish is not None and publish.attest == attest


def test_attestations_that_are_wanted_where_there_are_none_have_their_line(project: Project) -> None:
    project.change(lambda config: config["github"].update(endpoint="https://git.acme.example"))
    assert problems(changing(project, lambda workflow: workflow.update(attest="always"))) == [
        "github.repositories.shop.workflow.attest: there are no attestations on GitHub Enterprise Server: 'always';"
        " leave it out"
    ]


def test_cr_pat_speaks_as_an_account_that_github_may_have(project: Project) -> None:
    project.change(lambda config: config["credentials"]["publish"].update(username="${{ secrets.X }}"))
    assert problems(project) == [
        "credentials.publish.username: must be a GitHub account's name: the workflow of"
        " github.repositories.shop.workflow signs in with it: '${{ secrets.X }}'"
    ]


def test_plans_say_where_a_workflow_publishes_and_with_which_secret(project: Project) -> None:
    plan = planned(changing(project, lambda workflow: workflow.update(hub=HUB)))
    row = "publishes ghcr.io/acme/shop and docker.io/acme/shop, signs in with CR_PAT"
    assert f"| Acme/shop | workflow .github/workflows/docker-publish.yml | {row} |" in markdown(plan)
    (found,) = json.loads(as_json(plan))["github"]["repositories"]
    assert (found["workflowFlavour"], found["publishes"]) == ("pat", ["ghcr.io/acme/shop", "docker.io/acme/shop"])


@pytest.mark.parametrize(
    ("change", "line"),
    [
        (
            lambda workflow: workflow.update(image="Shop"),
            ".image: must be a package's name, lower case and without its owner: 'Shop'",
        ),
        (
            lambda workflow: workflow.update(context="../other"),
            ".context: must be a path inside the repository, such as services/shop: '../other'",
        ),
        (
            lambda workflow: workflow.update(dockerfile="/Dockerfile"),
            ".dockerfile: must be a path inside the repository, such as services/shop: '/Dockerfile'",
        ),
        (
            lambda workflow: workflow.update(context="${{ github.head_ref }}"),
            ".context: must be a path inside the repository, such as services/shop: '${{ github.head_ref }}'",
        ),
        (
            lambda workflow: workflow.update(path="docs/publish.yml"),
            ".path: must be a file in .github/workflows/: 'docs/publish.yml'",
        ),
        (
            lambda workflow: workflow.update(platforms=["linux/arm64", "linux/arm64"]),
            ".platforms: must name each platform once",
        ),
        (
            lambda workflow: workflow.update(platforms=["arm64"]),
            ".platforms[0]: must be a platform such as linux/amd64 or linux/arm/v7: 'arm64'",
        ),
        (
            lambda workflow: workflow.update(hub={**HUB, "image": "shop"}),
            ".hub.image: must be an image such as acme/shop, lower case: 'shop'",
        ),
        (
            lambda workflow: workflow.update(hub={**HUB, "username": "a: b"}),
            ".hub.username: must be a Docker Hub account's name, lower case: 'a: b'",
        ),
        (
            lambda workflow: workflow.update(hub={"image": "acme/shop", "passwordSecret": "T"}),
            ".hub: nobody signs in; add username, or the Actions secret usernameSecret",
        ),
        (
            lambda workflow: workflow.update(hub={**HUB, "usernameSecret": "U"}),
            ".hub: says twice who signs in; keep username or usernameSecret",
        ),
        (
            lambda workflow: workflow.update(semvar=True),
            ".semvar: unknown key: 'semvar'; did you mean semver?",
        ),
    ],
)
def test_what_a_workflow_cannot_be_has_its_line(project: Project, change: Change, line: str) -> None:
    assert problems(changing(project, change)) == [f"stacks/Pulumi.test.yaml: github.repositories.shop.workflow{line}"]


def test_two_workflows_that_would_move_each_others_tags_have_their_lines(project: Project) -> None:
    def change(config: Config) -> None:
        first = config["github"]["repositories"]["shop"]
        first["workflow"]["hub"] = HUB
        config["github"]["repositories"]["web"] = {"workflow": {"image": "shop", "hub": HUB}}

    where = "stacks/Pulumi.test.yaml: github.repositories.web.workflow"
    what = "is pushed by the workflow of shop, too: each would move the other's tags"
    assert problems(project.change(change)) == [
        f"{where}.hub.image: {what}: 'acme/shop'; give one of them another image",
        f"{where}.image: {what}: 'shop'; give one of them another image",
    ]


def test_a_repository_whose_name_is_no_packages_needs_an_image(project: Project) -> None:
    def change(config: Config) -> None:
        config["github"]["repositories"] = {".github": {"workflow": {}}}

    path = "github.repositories..github.workflow.image"
    assert problems(project.change(change)) == [
        f"stacks/Pulumi.test.yaml: {path}: the repository's name is no name of a package: '.github'; set {path}"
    ]


def checkout(project: Project, url: str) -> Path:
    project.write(".git/config", f'[remote "origin"]\n\turl = {url}\n')
    return project.root


@pytest.mark.parametrize(
    ("url", "told"),
    [
        ("git@github.com:acme/shop.git", True),
        ("https://github.com/acme/other", False),
        ("https://git.acme.example/acme/shop", False),
    ],
)
def test_in_a_checkout_of_the_repository_what_it_builds_must_be_there(project: Project, url: str, told: bool) -> None:
    root = checkout(project, url)
    plan = planned(changing(project, lambda workflow: workflow.update(context="./services/shop/")))
    if told:
        with pytest.raises(Problems) as caught:
            require_built(plan, root)
        assert list(caught.value.lines) == [
            "github.repositories.shop.workflow.context: no such folder in the repository: 'services/shop';"
            " name the folder that is built, or push it first"
        ]
    project.write("services/shop/Dockerfile" if told else "unrelated", "FROM scratch\n")
    require_built(plan, root)


def test_a_stack_without_a_github_side_builds_nothing(project: Project) -> None:
    root = checkout(project, "git@github.com:acme/shop.git")
    require_built(planned(project.change(lambda config: config.pop("github"))), root)
