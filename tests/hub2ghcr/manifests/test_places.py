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
    assert manifests.unknown_images(rollout) == ()


def test_a_custom_resource_is_not_patched_since_its_lists_need_not_merge() -> None:
    with pytest.raises(ManifestError, match=r"a Rollout cannot be patched.*set `delivery: own`"):
        manifests.patch_document(document("argoproj.io/v1alpha1", "Rollout", POD), "ns", TO)


def test_images_said_in_parts_are_named_as_left() -> None:
    body = {"spec": {"values": {"image": {"repository": "acme/x", "tag": "1"}, "sidecar": {"image": "acme/y:2"}}}}
    release = document("helm.toolkit.fluxcd.io/v2", "HelmRelease", body)
    assert [each.text for each in manifests.images(release)] == ["acme/y:2"]
    assert manifests.unknown_images(release) == ("acme/x:1",)


def test_declared_places_hold_in_memory_and_are_not_patched() -> None:
    places = Places((Place("apps", "Deployment", pods=("spec.template.spec",), args=("--image=",)),))
    body = {"spec": {"template": {"spec": {"containers": [{"name": "a", "args": ["--image=acme/x:1"]}]}}}}
    found = document("apps/v1", "Deployment", body, places)
    after = manifests.rewrite(found, TO)
    assert after["spec"]["template"]["spec"]["containers"][0]["args"] == ["--image=ghcr.io/acme/x:1"]
    with pytest.raises(ManifestError, match=r"args\[0\] cannot be patched"):
        manifests.patch_document(found, "ns", TO)
    assert manifests.images(document("apps/v1", "Deployment", body)) == ()
