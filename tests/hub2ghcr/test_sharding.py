"""Parts of a copy, and the Job that runs them."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from hub2ghcr.errors import LockError, SettingsError
from hub2ghcr.sharding import CopyJob, Shard, manifest

JOB = CopyJob("ghcr.io/acme/hub2ghcr:1", 16, "registries")
LOCK = "# Written by `hub2ghcr lock`.\nversion: 1\n\nimages:\n- source: docker.io/acme/shop:$(X) ${Y}\n"


@pytest.mark.parametrize("text", ["", "1", "1/", "/2", "2/2", "3/2", "0/0", "-1/2", "1/2/3", "a/b", " 0/2", "0 / 2"])
def test_what_is_no_shard_is_refused_by_its_text(text: str) -> None:
    with pytest.raises(SettingsError, match="write I/N, with I from 0 to N-1"):
        Shard.parse(text)


@given(st.integers(1, 40), st.integers(0, 10_000))
def test_each_image_belongs_to_exactly_one_shard(count: int, number: int) -> None:
    target = f"ghcr.io/acme/image-{number}:1"
    assert [Shard(index, count).holds(target) for index in range(count)].count(True) == 1


def test_all_tags_of_a_repository_belong_to_one_shard_and_repositories_spread() -> None:
    shards = [Shard(index, 8) for index in range(8)]

    def holder(target: str) -> int:
        return next(each.index for each in shards if each.holds(target))

    assert len({holder(f"ghcr.io/acme/shop:{tag}") for tag in range(50)}) == 1
    assert holder("ghcr.io/acme/shop") == holder("ghcr.io/acme/shop:1")
    counts = [sum(each.holds(f"ghcr.io/acme/{number}") for number in range(800)) for each in shards]
    assert min(counts) > 60


def documents(job: CopyJob, lock: str = LOCK) -> list[dict[str, Any]]:
    return list(yaml.safe_load_all(manifest(job, lock)))


def test_the_lock_stands_in_a_config_map_as_it_is_and_the_pods_read_it_by_their_number() -> None:
    config_map, job = documents(JOB)
    assert config_map["data"] == {"images.lock.yaml": LOCK}
    assert (job["apiVersion"], job["kind"]) == ("batch/v1", "Job")
    spec = job["spec"]
    assert (spec["completionMode"], spec["completions"], spec["parallelism"]) == ("Indexed", 16, 4)
    pod = spec["template"]["spec"]
    (container,) = pod["containers"]
    assert container["image"] == "ghcr.io/acme/hub2ghcr:1"
    args = container["args"]
    assert args[args.index("--shard") + 1] == "$(JOB_COMPLETION_INDEX)/16"
    assert args[args.index("--lock") + 1] == "/lock/images.lock.yaml"
    volumes = {each["name"]: each for each in pod["volumes"]}
    assert set(volumes) == {each["name"] for each in container["volumeMounts"]}
    assert volumes["lock"]["configMap"] == {"name": config_map["metadata"]["name"]}
    assert volumes["credentials"]["secret"]["secretName"] == "registries"


def test_a_pod_may_write_its_cache_alone_and_is_nobody() -> None:
    (_, job) = documents(JOB)
    pod = job["spec"]["template"]["spec"]
    (container,) = pod["containers"]
    assert pod["restartPolicy"] == "Never"
    assert pod["securityContext"]["runAsNonRoot"] is True
    assert container["securityContext"]["readOnlyRootFilesystem"] is True
    writable = [each["mountPath"] for each in container["volumeMounts"] if not each.get("readOnly")]
    assert writable == [next(each["value"] for each in container["env"] if each["name"] == "XDG_CACHE_HOME")]


def test_the_user_is_ours_unless_the_cluster_gives_one() -> None:
    (_, job), (_, given) = documents(JOB), documents(replace(JOB, any_user=True))
    context = job["spec"]["template"]["spec"]["securityContext"]
    assert (context["runAsUser"], context["runAsGroup"], context["fsGroup"]) == (65532, 65532, 65532)
    assert given["spec"]["template"]["spec"]["securityContext"] == {
        "runAsNonRoot": True,
        "seccompProfile": {"type": "RuntimeDefault"},
    }


def test_a_large_lock_comes_from_a_volume() -> None:
    large = LOCK + "#" * 2**20 + "\n"
    with pytest.raises(LockError, match="larger than a ConfigMap"):
        manifest(JOB, large)
    (job,) = documents(replace(JOB, claim="locks"), large)
    (lock, *_) = job["spec"]["template"]["spec"]["volumes"]
    assert lock == {"name": "lock", "persistentVolumeClaim": {"claimName": "locks", "readOnly": True}}


def test_no_more_pods_run_than_there_are_shards() -> None:
    assert documents(replace(JOB, shards=2))[1]["spec"]["parallelism"] == 2


@pytest.mark.parametrize("field", ["name", "namespace", "secret", "claim"])
def test_a_name_that_kubernetes_does_not_take_is_refused(field: str) -> None:
    wrong: dict[str, Any] = {field: "Not: a name"}
    job = replace(JOB, **wrong)
    with pytest.raises(SettingsError, match=rf"^{field}: no name of Kubernetes: 'Not: a name'"):
        manifest(job, LOCK)
