"""The Secret that a build pushes with, before and after: whole, as a patch, and back. A pair is three files."""

from __future__ import annotations

import copy
from pathlib import Path

import pytest
import yaml

from hub2ghcr import manifests
from hub2ghcr.manifests import Document

PAIRS = Path(__file__).parent / "pairs" / "push"
NAMES = sorted(file.name.removesuffix(".before.yaml") for file in PAIRS.glob("*.before.yaml"))
REPLACE = {text: f"ghcr.io/{text}" for text in ("acme/shop:1.4.2", "acme/web:1")}


def before(name: str) -> Document:
    (document,) = manifests.load(PAIRS / f"{name}.before.yaml", f"{name}.before.yaml")
    return document


def after(name: str, delivery: str) -> object:
    return yaml.safe_load((PAIRS / f"{name}.{delivery}.yaml").read_text(encoding="utf-8"))


@pytest.mark.parametrize("name", NAMES)
def test_a_build_mounts_another_secret_and_keeps_all_else(name: str) -> None:
    document = before(name)
    was = copy.deepcopy(document.data)
    mounted = {each.path: "ours" for each in manifests.mounts(document)}
    assert manifests.rewrite(document, REPLACE, mounted=mounted) == after(name, "own")
    assert manifests.patch_document(document, "shop", REPLACE, mounted=mounted) == after(name, "patch")
    assert document.data == was


@pytest.mark.parametrize("name", NAMES)
def test_the_way_back_takes_hold_of_the_same_fields(name: str) -> None:
    document = before(name)
    same = {text: text for text in REPLACE}
    mounted = {each.path: each.secret for each in manifests.mounts(document)}
    assert manifests.rewrite(document, {}, mounted=mounted) == document.data
    there = manifests.patch_document(document, "shop", REPLACE, mounted={each: "ours" for each in mounted})
    back = manifests.patch_document(document, "shop", same, mounted=mounted)
    assert _fields(back) == _fields(there)


def test_an_image_among_the_arguments_of_a_build_is_patched_with_them() -> None:
    task = yaml.safe_load((PAIRS / "pod.before.yaml").read_text())
    task["spec"]["containers"][0]["args"].append("--build-arg=BASE_IMAGE=nginx:1.27")
    (document,) = manifests.parse(yaml.safe_dump(task), "pod.yaml")
    replace = {**REPLACE, "nginx:1.27": "ghcr.io/acme/nginx:1.27"}
    (first, _) = manifests.patch_document(document, "shop", replace)["spec"]["containers"]
    moved = "--build-arg=BASE_IMAGE=ghcr.io/acme/nginx:1.27"
    assert first == {"name": "kaniko", "args": ["--destination", "ghcr.io/acme/shop:1.4.2", moved]}
    same = {text: text for text in replace}
    (first, _) = manifests.patch_document(document, "shop", same)["spec"]["containers"]
    assert first == {"name": "kaniko", "args": task["spec"]["containers"][0]["args"]}


def test_what_a_build_reads_is_told_with_its_key_and_what_it_pushes() -> None:
    found = [(each.volume, each.secret, each.key, each.pushed) for each in manifests.mounts(before("pod"))]
    assert found == [
        ("registry", "one", "token", ("acme/shop:1.4.2",)),
        ("generic", "two", "config.json", ("acme/web:1",)),
    ]


def test_a_step_template_that_mounts_it_for_all_keeps_it() -> None:
    task = yaml.safe_load((PAIRS / "pod.before.yaml").read_text())
    mounts = [{"name": "generic", "mountPath": "/root/.docker"}]
    task["spec"]["stepTemplate"] = {"volumeMounts": [*mounts, None]}
    (document,) = manifests.parse(yaml.safe_dump(task), "pod.yaml")
    assert [each.secret for each in manifests.mounts(document)] == ["one"]


def _fields(value: object) -> object:
    if isinstance(value, dict):
        return {key: _fields(below) for key, below in value.items()}
    return [each.get("name") if isinstance(each, dict) else "" for each in value] if isinstance(value, list) else ""
