"""Documents in memory go through the same table as files: custom resources, and places that settings declare."""

from __future__ import annotations

from typing import Any

import pytest

from hub2ghcr import manifests
from hub2ghcr.errors import ManifestError
from hub2ghcr.manifests import Document
from hub2ghcr.places import Place, Places

TO = {"acme/x:1": "ghcr.io/acme/x:1", "acme/y:2": "ghcr.io/acme/y:2"}
POD = {"spec": {"template": {"spec": {"containers": [{"name": "a", "image": "acme/x:1"}]}}}}


def document(api_version: str, kind: str, body: dict[str, Any], places: Places | None = None) -> Document:
    data = {"apiVersion": api_version, "kind": kind, "metadata": {"name": "n"}, **body}
    return Document(f"m.yaml: {kind} n", api_version, kind, None, "n", data, places)


def test_a_custom_resource_is_rewritten_with_its_pull_secrets() -> None:
    rollout = document("argoproj.io/v1alpha1", "Rollout", POD)
    after = manifests.rewrite(rollout, TO, ["ours"])
    pod = after["spec"]["template"]["spec"]
    assert pod == {
        "containers": [{"name": "a", "image": "ghcr.io/acme/x:1"}],
        "imagePullSecrets": [{"name": "ours"}],
    }
    assert manifests.uncovered(rollout) == ()


def test_a_custom_resource_is_not_patched_since_its_lists_need_not_merge() -> None:
    with pytest.raises(ManifestError, match=r"a Rollout cannot be patched.*set `delivery: own`"):
        manifests.patch_document(document("argoproj.io/v1alpha1", "Rollout", POD), "ns", TO)


DIGEST = "sha256:" + "1" * 64
PINNED = {"acme/x:1": f"ghcr.io/acme/x:1@{DIGEST}", "acme/y:2": f"ghcr.io/acme/y:2@{DIGEST}"}


def release(values: Any) -> Document:
    return document("helm.toolkit.fluxcd.io/v2", "HelmRelease", {"spec": {"values": values}})


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ({"repository": "acme/x", "tag": "1"}, {"repository": "ghcr.io/acme/x", "tag": f"1@{DIGEST}"}),
        ({"repository": "acme/x", "tag": 1}, {"repository": "ghcr.io/acme/x", "tag": f"1@{DIGEST}"}),
        (
            {"registry": "docker.io", "repository": "acme/x", "tag": "1", "digest": ""},
            {"registry": "ghcr.io", "repository": "acme/x", "tag": "1", "digest": DIGEST},
        ),
        (
            {"repository": "acme/x", "tag": "1", "sha": "2" * 64},
            {"repository": "ghcr.io/acme/x", "tag": "1", "sha": "1" * 64},
        ),
    ],
)
def test_a_group_of_values_changes_together(before: dict[str, Any], after: dict[str, Any]) -> None:
    found = release({"image": before, "sidecar": {"image": "acme/y:2"}})
    replace = {each.text: f"ghcr.io/{each.text.removeprefix('docker.io/')}" for each in manifests.images(found)}
    pinned = {text: f"{target.partition('@')[0]}@{DIGEST}" for text, target in replace.items()}
    values = manifests.rewrite(found, pinned)["spec"]["values"]
    assert values == {"image": after, "sidecar": {"image": PINNED["acme/y:2"]}}
    assert manifests.rewrite(release(values), pinned)["spec"]["values"] == values


def test_values_in_a_text_are_rewritten_there_and_nothing_else_of_it() -> None:
    text = "# ours\r\nimage: {repository: acme/x, tag: '1'} # café\r\nother: [{image: \"acme/y:2\"}]\r\n"
    application = document("argoproj.io/v1alpha1", "Application", {"spec": {"source": {"helm": {"values": text}}}})
    after = manifests.rewrite(application, PINNED)["spec"]["source"]["helm"]["values"]
    assert after == text.replace("acme/x", "ghcr.io/acme/x").replace("'1'", f"'1@{DIGEST}'").replace(
        "acme/y:2", PINNED["acme/y:2"]
    )


def test_an_image_that_cannot_be_rewritten_is_an_error() -> None:
    over = release({"global": {"imageRegistry": "docker.io"}, "image": {"repository": "acme/x", "tag": "1"}})
    with pytest.raises(ManifestError, match=r"m.yaml: .*repository cannot be rewritten: global.imageRegistry"):
        manifests.rewrite(over, {"docker.io/acme/x:1": "ghcr.io/acme/x:1"})
    (untagged,) = manifests.images(release({"image": {"repository": "acme/x"}}))
    assert "its tag is said elsewhere" in untagged.fixed


def test_a_value_that_two_images_want_otherwise_is_an_error() -> None:
    parameters = [
        {"name": "image.registry", "value": "docker.io"},
        {"name": "image.repository", "value": "acme/x"},
        {"name": "image.tag", "value": "1"},
    ]
    body = {"spec": {"source": {"helm": {"parameters": parameters}}}}
    places = Places((Place("argoproj.io", "Application", images=("spec.source.helm.parameters[*].value",)),))
    application = document("argoproj.io/v1alpha1", "Application", body, places)
    with pytest.raises(ManifestError, match="shares a value with an image that does not move the same way"):
        manifests.rewrite(application, {"docker.io/acme/x:1": "ghcr.io/acme/x:1", "acme/x": "ghcr.io/acme/y"})


def test_a_place_that_two_rows_name_is_rewritten_once() -> None:
    places = Places((Place("argoproj.io", "Rollout", images=("spec.template.spec.containers[*].image",)),))
    rollout = document("argoproj.io/v1alpha1", "Rollout", POD, places)
    assert len(manifests.images(rollout)) == 1
    assert manifests.rewrite(rollout, TO)["spec"]["template"]["spec"]["containers"][0]["image"] == TO["acme/x:1"]


def test_what_looks_like_an_image_in_another_place_is_named_with_it() -> None:
    env = [{"name": "SIDECAR_IMAGE", "value": "acme/y:2"}]
    body = {"spec": {"containers": [{"name": "a", "image": "acme/x:1", "env": env}]}}
    (found,) = manifests.uncovered(document("v1", "Pod", body))
    assert (found.field, found.text) == ("spec.containers[0].env[0].value", "acme/y:2")


def test_declared_places_hold_in_memory_and_are_not_patched() -> None:
    places = Places((Place("apps", "Deployment", pods=("spec.template.spec",), args=("--image=",)),))
    body = {"spec": {"template": {"spec": {"containers": [{"name": "a", "args": ["--image=acme/x:1"]}]}}}}
    found = document("apps/v1", "Deployment", body, places)
    after = manifests.rewrite(found, TO)
    assert after["spec"]["template"]["spec"]["containers"][0]["args"] == ["--image=ghcr.io/acme/x:1"]
    with pytest.raises(ManifestError, match=r"args\[0\] cannot be patched"):
        manifests.patch_document(found, "ns", TO)
    assert manifests.images(document("apps/v1", "Deployment", body)) == ()
