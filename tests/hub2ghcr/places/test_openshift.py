"""What is told of OpenShift's mirrors, triggers and tokens: remarks, and no image among them."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest

from hub2ghcr import places
from hub2ghcr.places import Found


def found(document: dict[str, Any]) -> tuple[Found, ...]:
    return places.find(json.dumps({"metadata": {"name": "a"}, **document}).encode(), "m.yaml")


def notes(document: dict[str, Any]) -> list[str]:
    every = found(document)
    assert not [each.text for each in every if each.text]
    return [each.note for each in every]


@pytest.mark.parametrize(
    ("version", "kind", "key", "told"),
    [
        ("config.openshift.io/v1", "ImageTagMirrorSet", "imageTagMirrors", ""),
        ("config.openshift.io/v1", "ImageDigestMirrorSet", "imageDigestMirrors", ""),
        (
            "operator.openshift.io/v1alpha1",
            "ImageContentSourcePolicy",
            "repositoryDigestMirrors",
            " (deprecated: `oc adm migrate icsp` makes an ImageDigestMirrorSet of it)",
        ),
    ],
)
def test_the_sources_of_mirrors_are_no_images(version: str, kind: str, key: str, told: str) -> None:
    rules = [{"source": "docker.io/library", "mirrors": ["docker.io/acme/mirror", "quay.io/x"]}, {"source": "quay.io"}]
    assert notes({"apiVersion": version, "kind": kind, "spec": {key: [*rules, {}, 1]}}) == [
        f"nodes pull docker.io/library from docker.io/acme/mirror, quay.io/x{told}",
        f"nodes pull quay.io from no mirror{told}",
    ]


def test_a_trigger_says_which_image_stream_moves_the_image_back() -> None:
    def config(automatic: bool, kind: str = "ImageChange") -> dict[str, Any]:
        change = {"automatic": automatic, "from": {"kind": "ImageStreamTag", "name": "shop:1"}}
        spec = {"triggers": [{"type": kind, "imageChangeParams": change}, {"type": "ConfigChange"}]}
        return {"apiVersion": "apps.openshift.io/v1", "kind": "DeploymentConfig", "spec": spec}

    (told,) = notes(config(True))
    assert told.startswith("ImageStreamTag shop:1 sets an image whenever it changes")
    assert notes(config(False)) == notes(config(True, "Other")) == []


def test_the_secrets_that_a_build_names_have_to_open_what_its_images_move_to() -> None:
    hub, quay = ({"kind": "DockerImage", "name": f"{host}/acme/shop:1"} for host in ("docker.io", "quay.io"))
    spec = {
        "output": {"to": hub, "pushSecret": {"name": "hub-push"}},
        "strategy": {"dockerStrategy": {"from": hub, "pullSecret": {"name": "hub-pull"}}},
        "source": {"images": [{"from": quay, "pullSecret": {"name": "quay"}}, {"from": hub, "pullSecret": {}}]},
    }
    document = {"apiVersion": "build.openshift.io/v1", "kind": "BuildConfig", "spec": spec}
    every = {**document, "metadata": {"name": "a", "namespace": "shop"}}
    made = "make it for ghcr.io with `hub2ghcr secret make"
    assert [each.note for each in found(every) if each.note] == [
        f"the build pushes with Secret hub-push: {made} hub-push -n shop --registry ghcr.io --username USER`",
        f"the build pulls with Secret hub-pull: {made} hub-pull -n shop --registry ghcr.io --username USER`",
    ]
    stream = {"to": {"kind": "ImageStreamTag", "name": "shop:1"}, "pushSecret": {"name": "x"}}
    assert not notes({**document, "spec": {"output": stream}})


TRIGGER = {"from": {"kind": "ImageStreamTag", "name": "shop:1"}, "fieldPath": "spec"}


@pytest.mark.parametrize(
    ("said", "count"),
    [
        (json.dumps([TRIGGER]), 1),
        (json.dumps([{**TRIGGER, "paused": True}, {"from": {"kind": "Other"}}, {}, 1]), 0),
        ("no JSON", 0),
        ("{}", 0),
    ],
)
def test_the_annotation_of_a_workload_is_a_trigger_too(said: str, count: int) -> None:
    metadata = {"name": "a", "annotations": {"image.openshift.io/triggers": said}}
    assert len(notes({"apiVersion": "apps/v1", "kind": "Deployment", "metadata": metadata, "spec": {}})) == count


def test_the_token_of_the_internal_registry_is_openshifts() -> None:
    auths = {"172.30.0.10:5000": {"auth": "YTpi"}, "image-registry.openshift-image-registry.svc:5000": {"auth": "YTpi"}}
    data = {".dockercfg": base64.b64encode(json.dumps(auths).encode()).decode()}
    (told,) = notes({"apiVersion": "v1", "kind": "Secret", "type": "kubernetes.io/dockercfg", "data": data})
    assert told == "a token of OpenShift for its internal registry, which OpenShift renews: left alone"
