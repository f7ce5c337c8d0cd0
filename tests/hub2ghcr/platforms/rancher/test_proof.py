"""Everything in the way of a project's Secret is told in one run, before anything is written."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from hub2ghcr.errors import Refused
from hub2ghcr.platforms.rancher.project import Project
from hub2ghcr.platforms.rancher.proof import problems
from hub2ghcr.pull_secrets import secret as pull_secret

from .pretending import BACKING, MANAGER, SECRET, Clustered, copy, namespace, project, secret, setting


def management(*more: dict[str, Any]) -> Clustered:
    found = Clustered(setting("v2.12.1"), project(backingNamespace=BACKING), *more)
    found.name = "rancher"
    return found


def told(upstream: Clustered, downstream: Clustered, *secrets: Any) -> list[str]:
    found = [str(each) for each in problems(upstream, downstream, secrets or (SECRET,), MANAGER)]
    assert (upstream.written, downstream.written) == ([], [])
    return found


DOWN = (namespace("shop"), namespace("jobs"), namespace("other"), namespace("elsewhere", "c-abc12:p-2"))


def test_a_project_whose_namespaces_have_copies_or_nothing_is_sound() -> None:
    assert told(management(), Clustered(*DOWN, copy("shop"))) == []
    assert told(management(secret(BACKING, MANAGER)), Clustered(*DOWN)) == []


def test_secrets_that_rancher_would_overwrite_are_told_also_of_namespaces_that_nobody_migrates() -> None:
    found = told(management(), Clustered(*DOWN, secret("shop"), secret("other"), secret("elsewhere")))
    assert found == [
        f"cluster demo: Secret {name}/hub2ghcr-project: already exists, managed by kubectl, and Rancher would "
        "overwrite it with that of project: 'c-abc12:p-xyz34'; choose another "
        "`rancher.projects.c-abc12:p-xyz34.secretName`, or delete it"
        for name in ("other", "shop")
    ]


def test_the_copy_of_another_project_s_secret_is_in_the_way_too() -> None:
    foreign = copy("shop")
    foreign["metadata"]["labels"] = {}
    assert "already exists" in told(management(), Clustered(*DOWN, foreign))[0]


def test_a_secret_of_somebody_in_the_backing_namespace_is_not_taken_over() -> None:
    (line,) = told(management(secret(BACKING)), Clustered(*DOWN))
    assert line.startswith(f"cluster rancher: Secret {BACKING}/hub2ghcr-project: already exists, managed by kubectl;")


def test_a_secret_of_ours_that_cannot_be_written_is_told() -> None:
    for change, what in (({"type": "Opaque"}, "is of type Opaque"), ({"immutable": True}, "is immutable")):
        (line,) = told(management(secret(BACKING, MANAGER, **change)), Clustered(*DOWN))
        assert what in line
    assert pull_secret.TYPE not in line


def test_a_namespace_that_is_not_in_the_project_is_told_and_one_that_is_not_there_is_none_of_ours() -> None:
    assert told(management(), Clustered(namespace("shop", "c-abc12:p-2"))) == [
        "cluster demo: Namespace shop: is in project c-abc12:p-2, and the plan counts with: 'c-abc12:p-xyz34'; move it "
        "in Rancher, or `kubectl annotate namespace shop field.cattle.io/projectId=c-abc12:p-xyz34`"
    ]
    assert "is in no project" in told(management(), Clustered(namespace("jobs", "")))[0]


def test_all_projects_are_looked_at_whatever_is_wrong_with_one() -> None:
    gone = replace(SECRET, project=Project("c-abc12", "p-gone"), namespaces=())
    found = told(management(), Clustered(*DOWN, secret("shop")), gone, SECRET)
    assert ["Project c-abc12/p-gone: does not exist" in found[0], "Secret shop/" in found[1]] == [True, True]


def test_where_rancher_does_not_run_or_namespaces_may_not_be_listed_nothing_else_is_asked() -> None:
    upstream = management()
    upstream.ranchers = False
    (line,) = told(upstream, Clustered(*DOWN, secret("shop")))
    assert "is no cluster that Rancher runs in" in line

    class Closed(Clustered):
        def list(
            self, api_version: str, kind: str, namespace: str = "", *, labels: str = "", fields: str = ""
        ) -> Iterator[dict[str, Any]]:
            raise Refused("forbidden: list namespaces")

    assert told(management(), Closed()) == ["forbidden: list namespaces"]


def test_a_secret_that_may_not_be_read_is_told_as_such() -> None:
    class Closed(Clustered):
        def get(self, api_version: str, kind: str, namespace: str, name: str) -> dict[str, Any] | None:
            if kind == "Secret":
                raise Refused("forbidden: get secrets")
            return super().get(api_version, kind, namespace, name)

    assert told(management(), Closed(*DOWN)) == ["forbidden: get secrets"]
