"""The keys of Rancher's projects: all that is wrong at once, each with its path and remedy."""

from __future__ import annotations

from typing import Any

import pytest

from .conftest import Project
from .test_settings import problems

ID = "c-abc12:p-xyz34"
REACH = {"kubeconfig": "/kube/rancher", "context": "rancher"}


def ranchers(project: Project, **keys: Any) -> Project:
    return project.change(lambda config: config["clusters"][0].update(rancher=keys))


def test_a_project_is_read_with_its_defaults(project: Project) -> None:
    found = ranchers(project, **REACH, projects={ID: {"namespaces": ["shop"]}}).settings().clusters[0].rancher
    assert found is not None
    assert found.elsewhere
    assert (found.projects[ID].secretName, found.projects[ID].pull) == ("hub2ghcr-project", None)


def test_rancher_s_own_cluster_needs_no_way_to_itself(project: Project) -> None:
    found = ranchers(project, projects={"local:p-xyz34": {"namespaces": ["shop"]}}).settings().clusters[0].rancher
    assert found is not None
    assert not found.elsewhere


def test_a_project_of_another_cluster_needs_the_way_to_rancher_s(project: Project) -> None:
    assert problems(ranchers(project, projects={ID: {"namespaces": ["shop"]}})) == [
        f"clusters[0].rancher.projects.{ID}: its Secret lies in the cluster that Rancher runs in; say in "
        "clusters[0].rancher how that is reached: kubeconfig and context"
    ]


@pytest.mark.parametrize(
    ("keys", "line"),
    [
        ({"kubeconfig": "/k"}, "clusters[0].rancher.context: is missing; add it"),
        ({"server": "https://x.example"}, "clusters[0].rancher.token: is missing; add it"),
        (
            {**REACH, "server": "https://x.example"},
            "clusters[0].rancher: is reached in two ways: 'Rancher'; keep kubeconfig and context, or server and token",
        ),
    ],
)
def test_rancher_is_reached_in_one_way(project: Project, keys: dict[str, str], line: str) -> None:
    assert problems(ranchers(project, **keys, projects={ID: {"namespaces": ["shop"]}})) == [line]


def test_everything_that_is_wrong_with_projects_is_told_at_once(project: Project) -> None:
    ranchers(
        project,
        **REACH,
        projects={
            "c-abc12:p-1": {"namespaces": ["shop", "nowhere"]},
            "c-abc12:p-2": {"namespaces": ["shop"], "pull": {"ghcr.io": "typo"}},
        },
    ).change(lambda config: config["clusters"][0].pop("pull"))
    assert sorted(problems(project)) == [
        "clusters[0].rancher.projects.c-abc12:p-1.namespaces[1]: no such namespace: 'nowhere'; name it in the "
        "cluster's `namespaces`, or take it out here",
        "clusters[0].rancher.projects.c-abc12:p-1.pull: is missing; name a credential, or give the cluster one",
        "clusters[0].rancher.projects.c-abc12:p-2.namespaces[0]: a namespace is in one project: 'shop'; it is in "
        "c-abc12:p-1 already: keep one",
        "clusters[0].rancher.projects.c-abc12:p-2.pull.ghcr.io: no such credential: 'typo'; the keys here are admin, "
        "publish, pull, push",
    ]


def test_credentials_of_projects_have_to_exist(project: Project) -> None:
    keys = {
        "server": "https://x.example",
        "token": "gone",
        "projects": {"c-a:p-b": {"namespaces": ["shop"], "pull": "no"}},
    }
    found = sorted(problems(ranchers(project, **keys)), reverse=True)
    assert [line.partition(":")[0] for line in found] == [
        "clusters[0].rancher.token",
        "clusters[0].rancher.projects.c-a",
    ]
    assert all("no such credential" in line for line in found)


@pytest.mark.parametrize(
    ("projects", "line"),
    [
        ({"p-xyz34": {}}, "must be a project's ID such as c-abc12:p-xyz34"),
        ({ID: {"secretname": "x"}}, "did you mean secretName?"),
        ({}, "projects: must not be empty"),
    ],
)
def test_a_wrong_key_is_told_with_what_it_should_be(project: Project, projects: dict[str, Any], line: str) -> None:
    (found,) = problems(ranchers(project, **REACH, projects=projects))
    assert found.startswith("clusters[0].rancher.projects")
    assert line in found


def test_two_clusters_that_name_one_project_are_told(project: Project) -> None:
    def two(config: dict[str, Any]) -> None:
        first = config["clusters"][0]
        first["rancher"] = {**REACH, "projects": {ID: {"namespaces": ["shop"]}}}
        config["clusters"].append({**first, "name": "two"})

    assert problems(project.change(two)) == [
        f"clusters[1].rancher.projects.{ID}: two clusters name this project; cluster one has it already: keep one"
    ]
