"""Kubernetes objects are found in files, images in objects; what is malformed is named."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from hub2ghcr import manifests
from hub2ghcr.errors import Hub2GhcrError, ManifestError
from hub2ghcr.manifests import Document
from hub2ghcr.manifests.pods import POD_KINDS


def load(tmp_path: Path, text: str) -> tuple[Document, ...]:
    (tmp_path / "m.yaml").write_text(text, encoding="utf-8")
    return manifests.load(tmp_path / "m.yaml", "m.yaml")


def document(kind: str, api_version: str, spec: dict[str, Any], path: tuple[str, ...]) -> Document:
    body: Any = spec
    for key in reversed(path):
        body = {key: body}
    data = {"apiVersion": api_version, "kind": kind, "metadata": {"name": "x"}, **body}
    return Document(f"m.yaml: {kind} x", api_version, kind, None, "x", data)


SPEC = {
    "initContainers": [{"name": "a", "image": "a:1"}],
    "containers": [{"name": "b", "image": "b:1"}, {"name": "no-image"}],
    "ephemeralContainers": [{"name": "c", "image": "c:1"}],
    "volumes": [{"name": "v", "emptyDir": {}}, {"name": "w", "image": {"reference": "d:1"}}],
}


@pytest.mark.parametrize(("key", "kind"), sorted(POD_KINDS.items()))
def test_the_images_of_every_kind_are_found_with_their_paths(key: tuple[str, str], kind: Any) -> None:
    found = document(key[1], f"{key[0]}/v1" if key[0] else "v1", SPEC, kind.path)
    prefix = ".".join(kind.path)
    assert [(each.field, each.text) for each in manifests.images(found)] == [
        (f"{prefix}.initContainers[0].image", "a:1"),
        (f"{prefix}.containers[0].image", "b:1"),
        (f"{prefix}.ephemeralContainers[0].image", "c:1"),
        (f"{prefix}.volumes[1].image.reference", "d:1"),
    ]


def test_a_kind_of_another_group_is_not_taken_for_ours() -> None:
    found = document("Deployment", "example.org/v1", SPEC, ("spec", "template", "spec"))
    assert manifests.images(found) == ()
    assert [each.text for each in manifests.uncovered(found)] == ["a:1", "b:1", "c:1"]
    assert manifests.uncovered(document("Pod", "v1", SPEC, ("spec",))) == ()


def test_the_items_of_a_list_are_documents_of_their_own(tmp_path: Path) -> None:
    item = "{apiVersion: v1, kind: Pod, metadata: {name: %s}}"
    found = load(tmp_path, f"{{apiVersion: v1, kind: List, items: [{item % 'a'}, {item % 'b'}]}}")
    assert [each.place for each in found] == ["m.yaml: Pod a", "m.yaml: Pod b"]


def test_all_documents_that_are_no_objects_are_reported_in_one_run(tmp_path: Path) -> None:
    with pytest.raises(Hub2GhcrError) as caught:
        load(tmp_path, "just text\n---\nkind: Pod\n---\n{apiVersion: v1, kind: Pod, metadata: {generateName: x-}}\n")
    assert caught.value.lines == (
        "m.yaml: document 1: not a Kubernetes object: 'just text'; a document has apiVersion, kind and metadata",
        "m.yaml: document 2: not a Kubernetes object: 'apiVersion: None'; write its apiVersion",
        "m.yaml: document 3 (Pod): metadata.name is missing;"
        " objects without a fixed name (generateName) cannot be declared",
    )


@pytest.mark.parametrize(
    ("spec", "message"),
    [
        ({"containers": {}}, "m.yaml: Pod x: containers must be a list of mappings"),
        (
            {"containers": [{"image": 1.27}]},
            "m.yaml: Pod x: spec.containers[0].image must be a string: '1.27'; quote it",
        ),
    ],
)
def test_malformed_images_are_named(spec: dict[str, Any], message: str) -> None:
    with pytest.raises(ManifestError) as caught:
        manifests.images(document("Pod", "v1", spec, ("spec",)))
    assert str(caught.value) == message


def test_a_container_without_a_name_cannot_be_patched() -> None:
    found = document("Pod", "v1", {"containers": [{"image": "a:1"}]}, ("spec",))
    with pytest.raises(ManifestError, match=r"containers\[0\] has no name; entries merge by name"):
        manifests.patch_document(found, "ns", {"a:1": "b:1"})


def test_what_an_alias_shares_does_not_change_together(tmp_path: Path) -> None:
    text = """
apiVersion: v1
kind: Pod
metadata: {name: x}
spec:
  containers: [{name: a, image: "a:1", env: &env [{name: A}]}, {name: b, image: "b:1", env: *env}]
"""
    (found,) = load(tmp_path, text)
    after = manifests.rewrite(found, {})
    after["spec"]["containers"][0]["env"].append("changed")
    assert len(after["spec"]["containers"][1]["env"]) == 1


def test_pull_secrets_that_are_no_list_of_names_are_refused() -> None:
    with pytest.raises(ManifestError, match=r"p: imagePullSecrets must be a list of names: .*; write - name:"):
        manifests.added_pull_secrets({"imagePullSecrets": ["x"]}, "ours", (), "p")
