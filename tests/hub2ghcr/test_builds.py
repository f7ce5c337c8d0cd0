"""Builds from the settings to the plan, and what is told of them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from hub2ghcr.cluster import Right
from hub2ghcr.errors import Hub2GhcrError, Problems
from hub2ghcr.permissions import needs, rights, unused
from hub2ghcr.plan import Plan, build, require_buildable
from hub2ghcr.platforms.kaniko.build import EXECUTOR, Build, Context

from .conftest import Config, Project

FETCHED = {
    "context": {"git": "https://github.com/acme/shop.git", "ref": "refs/heads/main"},
    "image": "ghcr.io/acme/shop",
}
PATH = "stacks/Pulumi.test.yaml: clusters[0].namespaces.shop.builds.web"


def built(**keys: Any) -> Callable[[Config], object]:
    wanted = {**FETCHED, "tags": ["1"], **keys}
    return lambda config: config["clusters"][0]["namespaces"]["shop"].update(builds={"web": wanted})


def planned(project: Project, **keys: Any) -> Plan:
    return build(project.change(built(**keys)).settings(), project.lock, project.root)


def of(plan: Plan) -> Build:
    [found] = [each for namespace in plan.clusters[0].namespaces for each in namespace.builds]
    return found


def test_a_build_has_its_defaults_and_pushes_with_what_pushes_to_its_registry(project: Project) -> None:
    context = Context("git", "https://github.com/acme/shop.git", "refs/heads/main")
    assert of(planned(project)) == Build("web", context, "ghcr.io/acme/shop", ("1",), "push", executor=EXECUTOR)


def test_every_key_of_a_build_is_in_the_plan(project: Project) -> None:
    found = of(
        planned(
            project,
            context={"archive": "c.tar.gz"},
            tags=["b", "a", "b"],
            dockerfile="docker/Dockerfile",
            subPath="web",
            platform="linux/arm64",
            args={"B": "2", "A": "1"},
            cache="ghcr.io/acme/shop/cache",
            executor="ghcr.io/acme/kaniko:debug",
            pushCredential="publish",
            serviceAccount="builder",
            resources={"limits": {"memory": "2Gi"}},
            timeoutSeconds=60,
        )
    )
    assert found == Build(
        "web",
        Context("archive", "c.tar.gz"),
        "ghcr.io/acme/shop",
        ("a", "b"),
        "publish",
        "docker/Dockerfile",
        "web",
        "linux/arm64",
        {"A": "1", "B": "2"},
        "ghcr.io/acme/shop/cache",
        "ghcr.io/acme/kaniko:debug",
        "builder",
        {"limits": {"memory": "2Gi"}},
        60,
    )


@pytest.mark.parametrize(
    ("context", "kind"),
    [
        ({"archive": "https://example.org/c.tar.gz?x=1"}, "url"),
        ({"archive": "c.tgz"}, "archive"),
        ({"folder": "app"}, "folder"),
    ],
)
def test_a_context_is_what_it_looks_like(project: Project, context: dict[str, str], kind: str) -> None:
    assert of(planned(project, context=context)).context.kind == kind


@pytest.mark.parametrize(
    ("keys", "told"),
    [
        ({"context": {}}, ".context: is one of `git`, `archive` and `folder`"),
        ({"context": {"folder": "a", "archive": "b.tgz"}}, ".context: is one of `git`, `archive` and `folder`, not"),
        ({"context": {"folder": "a", "ref": "refs/heads/main"}}, ".context.ref: goes with `git`"),
        ({"context": {"folder": "a", "credential": "pull"}}, ".context.credential: goes with `git`"),
        ({"context": {"git": "https://github.com/a/b", "credential": "x"}}, ".context.credential: no such credential"),
        ({"context": {"git": "git://github.com/a/b"}}, ".context.git: must be an https:// URL"),
        ({"context": {"git": "https://me:secret@github.com/a/b"}}, ".context.git: must be an https:// URL"),
        ({"context": {"git": "https://github.com/a/b", "ref": "main"}}, ".context.ref: must be refs/heads/BRANCH"),
        ({"context": {"archive": "c.zip"}}, ".context.archive: must be a .tar.gz"),
        ({"context": {"archive": "../c.tar.gz"}}, ".context.archive: must be a file inside the project's folder"),
        ({"context": {"archive": "http://example.org/c.tar.gz"}}, ".context.archive: must be an https:// URL"),
        (
            {"context": {"archive": "https://example.org/c.tar.gz?versionId=1&X-Amz-Signature=abc"}},
            ".context.archive: must be a URL without a signature or token: whoever may read the Job could read it: "
            "'https://example.org/c.tar.gz?…'",
        ),
        ({"context": {"folder": "../app"}}, ".context.folder: must be a path inside the project's folder"),
        ({"image": "ghcr.io/acme/shop:1"}, ".image: must be an image's name without tag and digest"),
        ({"image": "acme/shop"}, ".image: must be a whole name such as ghcr.io/acme/shop"),
        ({"image": "ghcr.io/Acme/shop"}, ".image: must be an image's name"),
        ({"image": "quay.io/acme/shop"}, ".image: is no name on GHCR"),
        ({"cache": "quay.io/acme/cache"}, ".cache: is no name on GHCR"),
        ({"tags": []}, ".tags: "),
        ({"tags": ["a b"]}, ".tags[0]: must be a tag"),
        ({"pushCredential": "none"}, ".pushCredential: no such credential"),
        ({"dokerfile": "x"}, ".dokerfile: unknown key"),
        ({"timeoutSeconds": 0}, ".timeoutSeconds: "),
    ],
)  # fmt: skip
def test_what_cannot_be_built_is_told_with_its_place(project: Project, keys: dict[str, Any], told: str) -> None:
    with pytest.raises(Problems) as caught:
        planned(project, **keys)
    assert [line for line in caught.value.lines if line.startswith(f"{PATH}{told}")], caught.value.lines
    assert "secret@" not in str(caught.value)


def test_a_private_repository_is_cloned_with_a_credential_of_its_own(project: Project) -> None:
    plan = planned(project, context={**FETCHED["context"], "credential": "publish"})  # type: ignore[dict-item]
    [namespace] = [each for each in plan.clusters[0].namespaces if each.builds]
    assert of(plan).clone == "publish" and sorted(namespace.build_credentials) == ["publish", "push"]
    why = "build web of cluster one, namespace shop, clones github.com/acme/shop.git"
    assert ("publish", "secret", why) in {(each.credential, each.kind, each.why) for each in needs(plan)}


def test_two_builds_of_one_tag_are_refused(project: Project) -> None:
    project.change(built())
    project.change(lambda config: config["clusters"][0]["namespaces"]["new"].update(
        builds={"other": {**FETCHED, "tags": ["1", "2"]}}
    ))  # fmt: skip
    told = (
        "cluster one, namespace shop: build web: pushes the same as "
        "cluster one, namespace new: build other: 'ghcr.io/acme/shop:1'"
    )
    with pytest.raises(Problems) as caught:
        build(project.settings(), project.lock, project.root)
    assert [line.partition(";")[0] for line in caught.value.lines] == [told]


def test_a_build_of_a_tag_that_is_copied_is_refused(project: Project) -> None:
    with pytest.raises(Problems) as caught:
        planned(project, tags=["1.4.2"])
    [line] = caught.value.lines
    assert line.startswith(
        "cluster one, namespace shop: build web: pushes the same as the copy of docker.io/acme/shop:1.4.2: "
        "'ghcr.io/acme/shop:1.4.2'"
    )


def test_a_build_that_nobody_pushes_is_told(project: Project) -> None:
    project.change(lambda config: config.update(registries={}))
    with pytest.raises(Problems, match="pushCredential: is missing: nobody pushes"):
        planned(project)


def test_a_cache_on_another_registry_is_refused(project: Project) -> None:
    project.change(lambda config: config["registries"].update({"containers.acme.example": {"github": True}}))
    with pytest.raises(Problems, match="cache: is on another registry than `image`"):
        planned(project, cache="containers.acme.example/acme/cache")


def test_contexts_of_this_machine_are_looked_into_before_a_run(project: Project) -> None:
    plan = planned(project, context={"folder": "app"})
    with pytest.raises(Hub2GhcrError, match=r"cluster one, namespace shop: build web: .*app: the context is no folder"):
        require_buildable(plan, project.root)
    project.write("app/Dockerfile", "FROM scratch\n")
    require_buildable(plan, project.root)


def test_who_builds_needs_jobs_and_to_exec_where_a_context_is_handed_over(project: Project) -> None:
    fetched = {str(each) for each in rights(planned(project).clusters[0])}
    handed = {str(each) for each in rights(planned(project, context={"folder": "app"}).clusters[0])}
    assert "create jobs.batch in shop" in fetched and "delete secrets in shop" in fetched
    assert handed - fetched == {str(Right(verb, "pods/exec", "shop")) for verb in ("create", "get")}


def test_what_pushes_needs_to_and_is_not_unused(project: Project) -> None:
    plan = planned(project, pushCredential="publish")
    why = "build web of cluster one, namespace shop, pushes ghcr.io/acme/shop"
    assert ("publish", "write:packages", why) in {(each.credential, each.scope, each.why) for each in needs(plan)}
    assert unused(plan) == ()
