"""A fleet as the operator reads it. Against its definition, on a real API server: tests/e2e/test_fleet_export.py."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
import yaml

from hub2ghcr.errors import Problems
from hub2ghcr.fleet.nouns import Fleet
from hub2ghcr.fleet.operator_export import Operator, manifest, object_name
from tests.hub2ghcr.fleet.fleets import fleet, wave

FLEET = fleet(wave("canary", "one", "Two_"), wave("rest", "three"))
OPERATOR = Operator("https://github.com/acme/fleet", "a" * 40, "pulumi", "fleet", "runner")


def stacks(found: Fleet = FLEET, operator: Operator = OPERATOR, *waves: str) -> list[dict[str, Any]]:
    return list(yaml.safe_load_all(manifest(found, operator, waves)))


def test_each_cluster_is_a_stack_at_one_commit_that_waits_for_the_wave_before() -> None:
    one, two, three = stacks()
    assert one == {
        "apiVersion": "pulumi.com/v1",
        "kind": "Stack",
        "metadata": {
            "name": "one",
            "namespace": "pulumi",
            "labels": {"app.kubernetes.io/managed-by": "hub2ghcr", "hub2ghcr/wave": "canary"},
        },
        "spec": {
            "stack": "one",
            "projectRepo": "https://github.com/acme/fleet",
            "commit": "a" * 40,
            "serviceAccountName": "runner",
            "workspaceReclaimPolicy": "Delete",
            "retryMaxBackoffDurationSeconds": 600,
            "workspaceTemplate": {"spec": {"envFrom": [{"secretRef": {"name": "fleet"}}]}},
        },
    }
    assert (two["metadata"]["name"], two["spec"]["stack"]) == ("two", "Two_")
    assert three["spec"]["prerequisites"] == [{"name": "one"}, {"name": "two"}]


def test_no_branch_and_no_time_stands_in_a_stack() -> None:
    # a branch would let what succeeded at the commit before count; a time would run again what is done
    assert "branch" not in manifest(FLEET, OPERATOR)
    assert "succeededWithinDuration" not in manifest(FLEET, OPERATOR)


def test_some_waves_alone_still_wait_for_those_before() -> None:
    (three,) = stacks(FLEET, OPERATOR, "rest")
    assert [each["name"] for each in three["spec"]["prerequisites"]] == ["one", "two"]


def test_what_is_wished_besides_is_written() -> None:
    one = stacks(FLEET, replace(OPERATOR, folder="deploy", image="ghcr.io/acme/runner:1", private=True))[0]
    assert one["spec"]["repoDir"] == "deploy"
    assert one["spec"]["gitAuth"] == {
        "accessToken": {"type": "Secret", "secret": {"name": "fleet", "key": "GIT_TOKEN"}}
    }
    assert one["spec"]["workspaceTemplate"]["spec"]["image"] == "ghcr.io/acme/runner:1"


def test_the_same_fleet_gives_the_same_bytes() -> None:
    assert manifest(FLEET, OPERATOR) == manifest(FLEET, OPERATOR)


def test_everything_that_cannot_be_written_is_told_at_once() -> None:
    wrong = fleet(wave("canary", "EU", "eu"))
    with pytest.raises(Problems) as raised:
        manifest(wrong, Operator("https://github.com/acme/fleet", "main", "No", "_", "-"), ["none"])
    assert [line.partition(": ")[0] for line in raised.value.lines] == [
        "--commit",
        "--namespace",
        "--secret",
        "--service-account",
        "--wave",
        "stacks/fleet.yaml",
    ]
    assert "EU and eu would be one Stack" in raised.value.lines[-1]


@pytest.mark.parametrize(("cluster", "name"), [("EU_1", "eu-1"), ("a_", "a"), ("a-b", "a-b")])
def test_a_cluster_s_stack_has_a_name_that_kubernetes_takes(cluster: str, name: str) -> None:
    assert object_name(cluster) == name
