"""A manifest before, and after: whole (delivery own) and as the smallest patch. Each pair is a folder's three files."""

from __future__ import annotations

import copy
from pathlib import Path

import pytest
import yaml

from hub2ghcr import manifests
from hub2ghcr.manifests import Document

PAIRS = Path(__file__).parent / "pairs"
NAMES = sorted(file.name.removesuffix(".before.yaml") for file in PAIRS.glob("*.before.yaml"))
DIGEST = "sha256:" + "1" * 64
REPLACE = {text: f"ghcr.io/acme/{text}@{DIGEST}" for text in ("nginx:1.27", "busybox:1.36")}


def before(name: str) -> tuple[Document, tuple[str, ...], tuple[str, ...]]:
    """Return the one document with images, the pull Secrets of its ServiceAccount, and those to add."""
    file = PAIRS / f"{name}.before.yaml"
    documents = manifests.load(file, file.name)
    (workload,) = (each for each in documents if manifests.images(each))
    spec = manifests.pod_spec(workload.data)
    assert spec is not None
    account = manifests.service_account_of(spec)
    inherited = [
        name
        for each in documents
        if (each.kind, each.name) == ("ServiceAccount", account)
        for name in manifests.listed_pull_secrets(each.data, each.place)
    ]
    return workload, tuple(inherited), manifests.added_pull_secrets(spec, "ours", inherited, workload.place)


def after(name: str, delivery: str) -> object:
    return yaml.safe_load((PAIRS / f"{name}.{delivery}.yaml").read_text(encoding="utf-8"))


@pytest.mark.parametrize("name", NAMES)
def test_a_document_is_rewritten_whole(name: str) -> None:
    workload, _, secrets = before(name)
    assert manifests.rewrite(workload, REPLACE, secrets) == after(name, "own")


@pytest.mark.parametrize("name", NAMES)
def test_a_patch_holds_what_changes_and_nothing_else(name: str) -> None:
    workload, _, secrets = before(name)
    assert manifests.patch_document(workload, "shop", REPLACE, secrets) == after(name, "patch")


@pytest.mark.parametrize("name", NAMES)
def test_the_input_is_left_as_it_is(name: str) -> None:
    workload, _, secrets = before(name)
    was = copy.deepcopy(workload.data)
    manifests.rewrite(workload, REPLACE, secrets)
    manifests.patch_document(workload, "shop", REPLACE, secrets)
    assert workload.data == was


@pytest.mark.parametrize("name", NAMES)
def test_rewriting_twice_is_rewriting_once(name: str) -> None:
    workload, inherited, secrets = before(name)
    once = manifests.rewrite(workload, REPLACE, secrets)
    again = Document(workload.place, workload.api_version, workload.kind, workload.namespace, workload.name, once)
    spec = manifests.pod_spec(once)
    assert spec is not None
    added = manifests.added_pull_secrets(spec, "ours", inherited, workload.place)
    assert added == ()
    assert manifests.rewrite(again, REPLACE, added) == once
