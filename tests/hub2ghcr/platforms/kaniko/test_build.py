from __future__ import annotations

from base64 import b64decode
from dataclasses import asdict, replace

import pytest

from hub2ghcr.credentials import Credential
from hub2ghcr.platforms.kaniko.build import EXECUTOR, Build, Context
from hub2ghcr.platforms.kaniko.job import job, push_secret

FOLDER = Build("shop", Context("folder", "app"), "ghcr.io/acme/shop", ("1", "latest"), "push", content="sha256:1")
GIT = replace(FOLDER, context=Context("git", "https://github.com/acme/shop.git", "refs/heads/main"))


@pytest.mark.parametrize(
    ("context", "flag"),
    [
        (Context("git", "https://github.com/acme/shop.git"), "git://github.com/acme/shop.git"),
        (GIT.context, "git://github.com/acme/shop.git#refs/heads/main"),
        (Context("url", "https://example.org/c.tar.gz"), "https://example.org/c.tar.gz"),
        (Context("archive", "c.tar.gz"), "tar:///context/context.tar.gz"),
        (Context("folder", "app"), "tar:///context/context.tar.gz"),
    ],
)
def test_the_executor_is_told_where_the_files_are_in_its_own_words(context: Context, flag: str) -> None:
    assert context.flag == flag


def test_every_setting_is_a_flag() -> None:
    build = replace(
        GIT, sub_path="web", platform="linux/arm64", args={"B": "2", "A": "1"}, cache="ghcr.io/acme/shop/cache"
    )
    assert build.flags == (
        "--context=git://github.com/acme/shop.git#refs/heads/main",
        "--dockerfile=Dockerfile",
        "--context-sub-path=web",
        "--destination=ghcr.io/acme/shop:1",
        "--destination=ghcr.io/acme/shop:latest",
        "--custom-platform=linux/arm64",
        "--build-arg=A=1",
        "--build-arg=B=2",
        "--cache=true",
        "--cache-repo=ghcr.io/acme/shop/cache",
        "--digest-file=/dev/termination-log",
        "--log-format=text",
    )


def test_a_private_repository_is_cloned_with_what_the_secret_holds() -> None:
    private = replace(GIT, clone="reader")
    made = job(private, "builds", "shop-1", suspended=True)
    made["metadata"]["uid"] = "u1"
    data = push_secret(private, made, Credential("robot", "v1"), Credential("reader", "the-value"))["data"]
    [container] = made["spec"]["template"]["spec"]["containers"]
    said = {each["name"]: each["valueFrom"]["secretKeyRef"] for each in container["env"] if "valueFrom" in each}
    assert {each["name"] for each in said.values()} == {"shop-1"}
    found = {name: b64decode(data[each["key"]]).decode() for name, each in said.items()}
    assert found == {"GIT_USERNAME": "reader", "GIT_PASSWORD": "the-value"}
    assert "the-value" not in str(made)
    [public] = job(GIT, "builds", "shop-1", suspended=True)["spec"]["template"]["spec"]["containers"]
    assert [each["name"] for each in public["env"]] == ["container"]


def test_a_name_changes_with_what_is_built_and_not_with_how() -> None:
    name = FOLDER.object_name()
    assert name.startswith("shop-") and len(replace(FOLDER, name="a" * 63).object_name()) <= 63
    assert replace(FOLDER, content="sha256:2").object_name() != name
    assert replace(FOLDER, executor="ghcr.io/acme/kaniko:2").object_name() != name
    assert FOLDER.object_name("again") != name
    assert replace(FOLDER, timeout=5, push="other", clone="x").object_name() == name


def test_a_build_comes_back_from_the_engine_as_it_was() -> None:
    kept = asdict(replace(FOLDER, resources={"limits": {"memory": "2Gi"}}))
    found = Build.of({**kept, "tags": list(kept["tags"]), "timeout": float(kept["timeout"])})
    assert found == replace(FOLDER, resources={"limits": {"memory": "2Gi"}})
    assert isinstance(found.timeout, int), "an API server takes no 1800.0"


def test_a_context_that_is_handed_over_is_waited_for_by_an_init_container() -> None:
    found = job(FOLDER, "builds", "shop-1", suspended=True)
    spec = found["spec"]["template"]["spec"]
    [receiver], [executor] = spec["initContainers"], spec["containers"]
    assert receiver["image"] == executor["image"] == EXECUTOR
    assert receiver["volumeMounts"] == [{"name": "context", "mountPath": "/context"}]
    assert executor["volumeMounts"][1:] == receiver["volumeMounts"]
    assert found["spec"]["suspend"] is True and found["spec"]["backoffLimit"] == 0
    assert found["spec"]["activeDeadlineSeconds"] == 1800 and spec["restartPolicy"] == "Never"


def test_what_the_executor_fetches_needs_no_init_container() -> None:
    spec = job(GIT, "builds", "shop-1", suspended=False)["spec"]["template"]["spec"]
    assert "initContainers" not in spec
    assert [each["name"] for each in spec["volumes"]] == ["push"]


def test_a_build_gets_no_token_of_the_cluster_unless_a_service_account_is_named() -> None:
    spec = job(GIT, "builds", "x", suspended=False)["spec"]["template"]["spec"]
    assert spec["automountServiceAccountToken"] is False
    named = replace(GIT, service_account="builder", resources={"limits": {"memory": "2Gi"}})
    spec = job(named, "builds", "x", suspended=False)["spec"]["template"]["spec"]
    assert spec["serviceAccountName"] == "builder" and "automountServiceAccountToken" not in spec
    assert spec["containers"][0]["resources"] == {"limits": {"memory": "2Gi"}}


def test_the_secret_is_mounted_as_kaniko_reads_it_and_goes_with_its_job() -> None:
    made = job(GIT, "builds", "shop-1", suspended=True)
    made["metadata"]["uid"] = "u1"
    secret = push_secret(GIT, made, Credential("robot", "the-value"))
    volume = made["spec"]["template"]["spec"]["volumes"][0]["secret"]
    assert volume["secretName"] == secret["metadata"]["name"] == "shop-1"
    [item] = volume["items"]
    assert item == {"key": ".dockerconfigjson", "path": "config.json"} and item["key"] in secret["data"]
    mount = made["spec"]["template"]["spec"]["containers"][0]["volumeMounts"][0]
    assert mount == {"name": "push", "mountPath": "/kaniko/.docker", "readOnly": True}
    assert secret["metadata"]["ownerReferences"] == [
        {"apiVersion": "batch/v1", "kind": "Job", "name": "shop-1", "uid": "u1"}
    ]
    assert "the-value" not in str(made)
