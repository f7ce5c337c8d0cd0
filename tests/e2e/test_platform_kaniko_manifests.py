"""Builds that are there already, rewritten: what the real API server makes of them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import yaml

from hub2ghcr import manifests
from hub2ghcr.mapping import Mapped, Mapping, Rule
from hub2ghcr.rewriting import rewrite
from lab.errors import LabError
from lab.kubectl import get, kubectl
from tests.e2e.conftest import ROOT, Lab

pytestmark = pytest.mark.e2e

MAPPING = Mapping((Rule.parse("docker.io/*", "ghcr.io/acme/*"),))
PAIRS = ROOT / "tests" / "hub2ghcr" / "places" / "before" / "kaniko"
BUILD = ROOT / "stacks" / "kaniko" / "build.yaml"
DRY = ("--dry-run=server", "--validate=strict", "-f", "-")


@pytest.mark.parametrize("file", [BUILD, PAIRS / "pod.yaml", PAIRS / "jobs.yaml"], ids=lambda each: each.name)
def test_a_rewritten_build_is_valid_to_the_api_server(lab: Lab, file: Path) -> None:
    done = rewrite(file.read_bytes(), file.name, MAPPING)
    documents = [{**each, "metadata": {"name": each["metadata"]["name"]}} for each in yaml.safe_load_all(done.data)]
    listed = json.dumps({"apiVersion": "v1", "kind": "List", "items": documents})
    made = kubectl(lab.env, "create", "--namespace=default", *DRY, "-o", "json", stdin=listed)
    assert "ghcr.io/acme/acme/" in made
    # The control: what is no field of a Pod is refused
    broken = json.dumps({**documents[0], "spec": {**documents[0]["spec"], "destination": "ghcr.io/acme/shop"}})
    with pytest.raises(LabError) as refused:
        kubectl(lab.env, "create", "--namespace=default", *DRY, stdin=broken)
    assert "unknown field" in "".join(refused.value.details)


def test_a_patched_build_pushes_elsewhere_and_keeps_all_else(lab: Lab) -> None:
    kubectl(lab.env, "create", "namespace", "builds")
    kubectl(lab.env, "apply", "-f", "-", stdin=BUILD.read_text())
    (document,) = manifests.load(BUILD, "build.yaml")
    decided = {each.text: MAPPING.decide_text(each.text) for each in manifests.pushed(document)}
    replace = {text: str(each.target) for text, each in decided.items() if isinstance(each, Mapped)}
    patch = manifests.patch_document(document, "builds", replace)
    apply = ("apply", "--server-side", "--force-conflicts", "--field-manager=hub2ghcr", "-f", "-")
    kubectl(lab.env, *apply, stdin=json.dumps(patch))
    found = get(lab.env, "cronjob", "build-shop", "--namespace=builds")[0]
    (container,) = found["spec"]["jobTemplate"]["spec"]["template"]["spec"]["containers"]
    before = yaml.safe_load(BUILD.read_text())["spec"]["jobTemplate"]["spec"]["template"]["spec"]["containers"][0]
    changed = [each for each in container["args"] if each not in before["args"]]
    assert changed == [
        "--destination=ghcr.io/acme/acme/shop:1.4.2",
        "--destination=ghcr.io/acme/acme/shop:nightly",
        "ghcr.io/acme/acme/shop/cache",
    ]
    assert len(container["args"]) == len(before["args"])
    assert (container["image"], container["volumeMounts"]) == (before["image"], before["volumeMounts"])
