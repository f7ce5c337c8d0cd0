"""What existing builds push with: one Secret for a namespace, mounted by each build once its destinations move."""

from __future__ import annotations

import json
from typing import Any

import pytest
import yaml

from hub2ghcr.cli.plan_json import as_json
from hub2ghcr.cli.plan_output import table
from hub2ghcr.errors import Problems
from hub2ghcr.expected.planned import expectations
from hub2ghcr.inventory.stack import wanted
from hub2ghcr.permissions import needs, rights
from hub2ghcr.plan import Namespace, Plan, build
from hub2ghcr.recovering.looking import declared
from tests.hub2ghcr.conftest import Config, Project

HUB = ["--destination=acme/built:1"]
AUTH = {"name": "auth", "secret": {"secretName": "regcred"}}
MOUNT = {"name": "auth", "mountPath": "/kaniko/.docker"}
TOLD = "kaniko pushes with Secret regcred"


def container(*args: str, name: str = "build", **more: Any) -> dict[str, Any]:
    image = "gcr.io/kaniko-project/executor:v1.24.0"
    return {"name": name, "image": image, "args": list(args or HUB), "volumeMounts": [MOUNT], **more}


def pod(*containers: dict[str, Any], volume: dict[str, Any] = AUTH) -> dict[str, Any]:
    return {"containers": list(containers or (container(),)), "volumes": [volume]}


def cron(spec: dict[str, Any]) -> dict[str, Any]:
    body = {"jobTemplate": {"spec": {"template": {"spec": spec}}}}
    return {"apiVersion": "batch/v1", "kind": "CronJob", "metadata": {"name": "build"}, "spec": body}


def planned(project: Project, *documents: dict[str, Any], phase: str = "cutover", **keys: Any) -> Plan:
    """Return the plan of these documents in a namespace with a credential to push with, and other settings."""
    project.write("shop.yaml", yaml.safe_dump_all(documents or [cron(pod())]))

    def change(config: Config) -> None:
        config["phase"] = phase
        config["clusters"][0]["namespaces"]["shop"].update({"push": "publish", **keys})

    return build(project.change(change).settings(), project.lock, project.root)


def shop(plan: Plan) -> Namespace:
    return next(each for each in plan.clusters[0].namespaces if each.name == "shop")


def volumes(plan: Plan) -> Any:
    (found,) = shop(plan).all_workloads
    spec: Any = found.document["spec"]
    return spec["jobTemplate"]["spec"]["template"]["spec"].get("volumes")


@pytest.mark.parametrize("delivery", ["own", "patch", "render"])
def test_a_build_that_moves_pushes_with_our_secret_and_goes_back_to_its_own(project: Project, delivery: str) -> None:
    render = {"render": {"folder": "out"}} if delivery == "render" else {}
    for phase, name in (("prepare", "regcred"), ("cutover", "hub2ghcr-push"), ("seal", "hub2ghcr-push")):
        plan = planned(project, phase=phase, delivery=delivery, **render)
        assert volumes(plan) == [{"name": "auth", "secret": {"secretName": name}}]
        assert not [each for each in plan.warnings if TOLD in each]
        secret = shop(plan).push_secret
        assert secret is not None and (secret.name, secret.pushes) == ("hub2ghcr-push", "ghcr.io")
        assert {host: each.name for host, each in secret.credentials.items()} == {"ghcr.io": "publish"}


def test_what_opens_docker_hub_for_base_images_is_in_it_until_the_seal(project: Project) -> None:
    pull = {"ghcr.io": "pull", "docker.io": "admin", "quay.io": "pull"}
    for phase, hosts in (("cutover", ["docker.io", "ghcr.io", "quay.io"]), ("seal", ["ghcr.io", "quay.io"])):
        secret = shop(planned(project, phase=phase, pull=pull)).push_secret
        assert secret is not None and [*secret.credentials] == hosts
        assert secret.credentials["ghcr.io"].name == "publish"


@pytest.mark.parametrize(
    ("volume", "mount", "keys"),
    [
        ({"secretName": "regcred"}, {}, ("config.json",)),
        (
            {"secretName": "regcred", "items": [{"key": ".dockerconfigjson", "path": "config.json"}]},
            {},
            (".dockerconfigjson", "config.json"),
        ),
        ({"secretName": "regcred", "items": [{"key": "auth", "path": "config.json"}]}, {}, ("auth", "config.json")),
        (
            {"secretName": "regcred"},
            {"mountPath": "/kaniko/.docker/config.json", "subPath": "key"},
            ("config.json", "key"),
        ),
    ],
)
def test_our_secret_has_the_keys_that_builds_mount(
    project: Project, volume: dict[str, Any], mount: dict[str, Any], keys: tuple[str, ...]
) -> None:
    spec = pod(container(volumeMounts=[{**MOUNT, **mount}]), volume={"name": "auth", "secret": volume})
    plan = planned(project, cron(spec), delivery="own")
    secret = shop(plan).push_secret
    assert secret is not None and secret.keys == keys
    assert volumes(plan) == [{"name": "auth", "secret": {**volume, "secretName": "hub2ghcr-push"}}]


@pytest.mark.parametrize(
    "spec",
    [
        pytest.param(pod(container(*HUB, "--destination=quay.io/acme/built:1")), id="it pushes elsewhere, too"),
        pytest.param(pod(container(*HUB, "--destination=$(IMAGE)")), id="nobody knows where it pushes"),
        pytest.param(
            pod(container(), container("-d=quay.io/a/b:1", name="other")), id="another build pushes elsewhere with it"
        ),
        pytest.param(
            pod(container(), {"name": "a", "image": "quay.io/a/b:1", "volumeMounts": [MOUNT]}), id="others mount it"
        ),
        pytest.param(
            pod(volume={"name": "auth", "projected": {"sources": [{"secret": {"name": "regcred"}}]}}), id="projected"
        ),
        pytest.param(
            pod(
                volume={
                    "name": "auth",
                    "secret": {
                        "secretName": "regcred",
                        "items": [{"key": "a", "path": "config.json"}, {"key": "b", "path": "ca.crt"}],
                    },
                }
            ),
            id="it holds more",
        ),
    ],
)
def test_a_secret_that_ours_cannot_stand_in_for_stays_and_is_told(project: Project, spec: dict[str, Any]) -> None:
    plan = planned(project, cron(spec))
    assert shop(plan).push_secret is None
    assert volumes(plan) is None
    assert [each for each in plan.warnings if TOLD in each]


def test_a_build_may_push_to_ghcr_already_beside_what_moves(project: Project) -> None:
    plan = planned(project, cron(pod(container(*HUB, "--destination=ghcr.io/acme/built:2"))))
    assert shop(plan).push_secret is not None
    nothing_moves = planned(project, cron(pod(container("--destination=ghcr.io/acme/built:2"))))
    assert shop(nothing_moves).push_secret is None


def test_without_the_setting_the_plan_is_the_same_byte_for_byte(project: Project) -> None:
    without = planned(project, push=None)
    assert shop(without).push_secret is None and volumes(without) is None
    assert [each for each in without.warnings if TOLD in each]
    named = planned(project, push=None, pushSecretName="other")
    assert as_json(named) == as_json(without)
    assert "push" not in json.loads(as_json(without))["clusters"][0]["namespaces"][1]
    # The control: the setting is what makes the difference
    assert as_json(planned(project)) != as_json(without)


def test_the_setting_changes_nothing_where_nothing_is_built(project: Project) -> None:
    def plan(**keys: Any) -> str:
        project.change(lambda config: config["clusters"][0].update(keys))
        return as_json(build(project.settings(), project.lock, project.root))

    assert plan(push="publish") == plan(push=None)


def test_a_manifest_of_two_namespaces_is_told_of_for_the_one_that_has_no_credential(project: Project) -> None:
    def both(config: Config) -> None:
        config["clusters"][0]["namespaces"]["second"] = {"manifests": ["shop.yaml"]}

    assert [each for each in planned(project.change(both)).warnings if TOLD in each]


def test_what_is_made_at_cutover_alone_has_its_secret_before(project: Project) -> None:
    job = {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "build"}, "spec": pod()}
    plan = planned(project, job, phase="prepare", delivery="own")
    (waiting,) = shop(plan).waiting
    assert waiting.document["spec"]["volumes"] == [AUTH]  # type: ignore[index]
    assert waiting.push_secrets == ("regcred",)
    assert shop(plan).push_secret is not None
    assert "Pod build, from cutover on" in table(plan)


def test_two_secrets_cannot_have_one_name(project: Project) -> None:
    with pytest.raises(Problems) as caught:
        planned(project, pushSecretName="hub2ghcr-ghcr")
    assert caught.value.lines == (
        "cluster one, namespace shop: is the pull Secret's name, too: 'hub2ghcr-ghcr'; choose another `pushSecretName`",
    )


@pytest.mark.parametrize("where", ["cluster", "namespace"])
def test_a_credential_that_nobody_declares_is_named_with_its_place(project: Project, where: str) -> None:
    def change(config: Config) -> None:
        cluster = config["clusters"][0]
        (cluster if where == "cluster" else cluster["namespaces"]["shop"]).update(push="nobody")

    with pytest.raises(Problems) as caught:
        project.change(change).settings()
    path = "clusters[0].push" if where == "cluster" else "clusters[0].namespaces.shop.push"
    assert any(path in line and "nobody" in line for line in caught.value.lines)


def test_it_is_shown_with_what_it_opens_and_stands_in_for(project: Project) -> None:
    plan = planned(project)
    assert "Push Secrets" in table(plan)
    namespace = next(each for each in json.loads(as_json(plan))["clusters"][0]["namespaces"] if each["name"] == "shop")
    assert namespace["pushSecret"]["name"] == "hub2ghcr-push"
    assert (namespace["pushSecret"]["pushes"], namespace["pushSecret"]["keys"]) == ("ghcr.io", ["config.json"])
    assert namespace["workloads"][0]["pushSecrets"] == ["regcred"]


def test_its_credential_needs_to_push_and_the_clusters_to_write_secrets(project: Project) -> None:
    plan = planned(project, pull={"docker.io": "pull"})
    why = "lies in the push Secret of cluster one, namespace shop: opens"
    found = {(each.credential, each.scope, each.where) for each in needs(plan) if each.why.startswith(why)}
    assert found == {("publish", "write:packages", "ghcr.io"), ("pull", "pull", "docker.io")}
    verbs = {each.verb for each in rights(plan.clusters[0]) if (each.resource, each.namespace) == ("secrets", "shop")}
    assert verbs == {"get", "create", "patch"}


def test_one_of_somebody_elses_is_refused_and_ours_is_found_again(project: Project) -> None:
    plan = planned(project)
    (expected,) = (
        each
        for each in expectations(plan.clusters[0], "hub2ghcr-test").objects
        if (each.kind, each.name) == ("Secret", "hub2ghcr-push")
    )
    assert (expected.state, expected.remedy) == ("absent", "choose another `pushSecretName`, or delete it")
    assert ("shop", "hub2ghcr-push") in {(each.namespace, each.name) for each in declared(plan)}
    settings = project.settings()
    assert "hub2ghcr-push" in wanted(settings, settings.clusters[0]).ours
