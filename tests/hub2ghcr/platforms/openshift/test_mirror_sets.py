"""Mirror sets in a cluster: what is written, what others have, and what is taken away."""

from __future__ import annotations

from typing import Any

import pytest

from hub2ghcr.errors import Refused
from hub2ghcr.platforms.openshift import MirrorRule, MirrorSet, SourcePolicy
from hub2ghcr.platforms.openshift.mirror_sets import API, apply, documents, refusals, remove, stand

from .clusters import OpenShiftCluster

RULES = (MirrorRule("docker.io/acme", "ghcr.io/acme"), MirrorRule("docker.io/library", "ghcr.io/acme/mirror"))
BOTH: tuple[MirrorSet, ...] = ("tag", "digest")
ONE: tuple[MirrorSet, ...] = ("tag",)
ALLOW: SourcePolicy = "AllowContactingSource"
DIGEST, TAG = "ImageDigestMirrorSet", "ImageTagMirrorSet"


def there(cluster: OpenShiftCluster) -> set[tuple[str, str]]:
    return {(key[1], key[3]) for key in cluster.objects}


def of_others(kind: str, name: str, source: str, **annotations: str) -> dict[str, Any]:
    key = {DIGEST: "imageDigestMirrors", TAG: "imageTagMirrors"}.get(kind, "repositoryDigestMirrors")
    version = API if kind in (DIGEST, TAG) else "operator.openshift.io/v1alpha1"
    metadata = {"name": name, "annotations": annotations}
    spec = {key: [{"source": source, "mirrors": ["mirror.example"]}]}
    return {"apiVersion": version, "kind": kind, "metadata": metadata, "spec": spec}


def told(cluster: OpenShiftCluster, sets: tuple[MirrorSet, ...] = BOTH) -> list[str]:
    return [str(each) for each in refusals(cluster, "ours", "prod", sets, RULES)]


def test_a_set_holds_all_rules_with_the_policy_of_the_phase() -> None:
    digest, tag = documents("ours", "prod", BOTH, RULES, "NeverContactSource")
    assert (digest["kind"], tag["kind"]) == (DIGEST, TAG)
    assert tag["spec"]["imageTagMirrors"][1] == {
        "source": "docker.io/library",
        "mirrors": ["ghcr.io/acme/mirror"],
        "mirrorSourcePolicy": "NeverContactSource",
    }
    assert digest["spec"]["imageDigestMirrors"] == tag["spec"]["imageTagMirrors"]
    assert digest["metadata"]["annotations"] == {"hub2ghcr/stack": "prod"}


def test_sets_come_are_found_again_and_go_and_others_stay() -> None:
    others = of_others(TAG, "theirs", "quay.io")
    cluster = OpenShiftCluster(others)
    assert not stand(cluster, "ours", "prod", BOTH, RULES, ALLOW)
    apply(cluster, "ours", "prod", BOTH, RULES, ALLOW)
    assert there(cluster) == {(DIGEST, "ours"), (TAG, "ours"), (TAG, "theirs")}
    assert stand(cluster, "ours", "prod", BOTH, RULES, ALLOW)
    assert not stand(cluster, "ours", "prod", BOTH, RULES, "NeverContactSource")
    assert not stand(cluster, "ours", "prod", ONE, RULES, ALLOW)
    apply(cluster, "ours", "prod", ONE, RULES, ALLOW)
    assert there(cluster) == {(TAG, "ours"), (TAG, "theirs")}
    assert stand(cluster, "ours", "prod", ONE, RULES, ALLOW)
    remove(cluster, "ours", "prod", BOTH)
    assert there(cluster) == {(TAG, "theirs")}


def test_a_set_of_ours_that_somebody_made_his_own_is_neither_ours_nor_taken_away() -> None:
    cluster = OpenShiftCluster(of_others(TAG, "ours", "docker.io/acme", **{"hub2ghcr/stack": "test"}))
    assert stand(cluster, "ours", "prod", (), RULES, ALLOW)
    remove(cluster, "ours", "prod", BOTH)
    assert there(cluster) == {(TAG, "ours")}


def test_a_cluster_that_cannot_have_them_says_so_for_each() -> None:
    cluster = OpenShiftCluster()
    cluster.unserved = (TAG, DIGEST)
    assert [line.partition(": the cluster")[0] for line in told(cluster)] == ["cluster demo", "cluster demo"]
    assert "OpenShift does from 4.13 on" in told(cluster, ("tag",))[0]
    assert told(cluster, ()) == []


CLASHES = [
    (of_others(TAG, "ours", "quay.io"), "ImageTagMirrorSet ours: already exists, and is of somebody else"),
    (
        of_others(DIGEST, "ours", "quay.io", **{"hub2ghcr/stack": "test"}),
        "ImageDigestMirrorSet ours: already exists, and is of stack test",
    ),
    (of_others(TAG, "theirs", "docker.io/acme"), "ImageTagMirrorSet theirs: has mirrors of docker.io/acme already"),
    (
        of_others("ImageContentSourcePolicy", "old", "docker.io/library"),
        "it is deprecated: `oc adm migrate icsp` makes an ImageDigestMirrorSet of it",
    ),
]


@pytest.mark.parametrize(("live", "what"), CLASHES)
def test_what_others_say_of_the_same_sources_is_refused(live: dict[str, Any], what: str) -> None:
    (line,) = told(OpenShiftCluster(live))
    assert what in line


def test_what_the_api_server_would_not_admit_is_told_before_anything_is_written() -> None:
    cluster = OpenShiftCluster()
    cluster.refused = {TAG: Refused("can't create it when others exist", "cluster demo: ImageTagMirrorSet ours")}
    assert told(cluster) == ["cluster demo: ImageTagMirrorSet ours: can't create it when others exist"]
    assert not cluster.objects


def test_others_for_other_sources_and_our_own_are_no_clash() -> None:
    cluster = OpenShiftCluster(of_others(DIGEST, "theirs", "quay.io"), of_others(TAG, "empty", "docker.io"))
    apply(cluster, "ours", "prod", BOTH, RULES, ALLOW)
    assert told(cluster) == []
    older = of_others("ImageContentSourcePolicy", "old", "docker.io/library")
    assert told(OpenShiftCluster(older), ("tag",)) == []
