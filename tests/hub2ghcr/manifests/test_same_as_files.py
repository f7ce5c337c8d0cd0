"""What Pulumi declares is what the rewritten file says: for every row, rewriting and reading can change places."""

from __future__ import annotations

from typing import Any

import pytest
import yaml

from hub2ghcr import documents, manifests, places
from hub2ghcr.manifests import Document
from hub2ghcr.places import Place
from hub2ghcr.places.path import PathPattern
from hub2ghcr.places.rows import CUSTOM, WORKLOADS
from hub2ghcr.places.table import POD_IMAGES
from hub2ghcr.reference import Reference
from hub2ghcr.source import apply

from ..places.test_table import merged, nested

DIGEST = "sha256:" + "1" * 64
TARGETS = {
    text: f"{target}@{DIGEST}"
    for text, target in {
        "acme/x:1": "ghcr.io/acme/x:1",
        "acme/x": "ghcr.io/acme/x",
        "docker.io/acme/y:2": "ghcr.io/acme/y:2",
    }.items()
}
VALUES = {
    "image": {"registry": "docker.io", "repository": "acme/y", "tag": "2", "digest": ""},
    "sidecar": {"image": {"repository": "acme/x", "tag": "1"}},
    "init": {"image": "acme/x:1", "untagged": {"image": {"repository": "acme/x"}}},
    "café": "☕",
}
POD = {"apiVersion": "v1", "kind": "Pod", "spec": {"containers": [{"name": "a", "image": "acme/x:1"}]}}
PARAMETERS = [
    {"name": "image.repository", "value": "acme/x"},
    {"name": "image.tag", "value": "1"},
    {"name": "sidecar.image", "value": "acme/x:1"},
]
KUSTOMIZE = [{"name": "acme/x", "newTag": "1"}, {"name": "acme/x", "newName": "acme/x", "newTag": "1"}, "a=acme/x:1"]


class Dumper(yaml.SafeDumper):
    """Writes a text of several lines as a block."""


def _text(dumper: Dumper, value: str) -> yaml.ScalarNode:
    return dumper.represent_scalar("tag:yaml.org,2002:str", value, style="|" if "\n" in value else None)


Dumper.add_representer(str, _text)


def written(value: Any) -> str:
    return yaml.dump(value, Dumper=Dumper, allow_unicode=True, sort_keys=False)


def cases() -> list[tuple[Place, str, Any]]:
    """Return every path of every row, with what may stand there."""
    found: list[tuple[Place, str, Any]] = []
    for row in (*WORKLOADS, *CUSTOM):
        found += [(row, f"{pod}.{image}", "acme/x:1") for pod in row.pods for image in POD_IMAGES]
        for path in row.images:
            prefix = PathPattern.parse(path).prefix
            found += [(row, path, prefix + text) for text in ("acme/x:1", "acme/x:${TAG}")]
        found += [(row, path, "acme/x") for path in row.names]
        found += [(row, path, value) for path in row.values for value in (VALUES, written(VALUES))]
        found += [(row, path, PARAMETERS) for path in row.parameters]
        found += [(row, path, KUSTOMIZE) for path in row.kustomize]
        found += [(row, path, value) for path in row.objects for value in (POD, written(POD))]
    return found


@pytest.mark.parametrize(
    ("row", "path", "value"), cases(), ids=[f"{row.group}/{row.kind} {path}" for row, path, _ in cases()]
)
def test_a_rewritten_file_says_what_is_rewritten_in_memory(row: Place, path: str, value: Any) -> None:
    version = f"{row.group}/v1" if row.group else "v1"
    body = merged({"apiVersion": version, "kind": row.kind, "metadata": {"name": "n"}}, nested(path, value))
    data = written(body).encode()
    (loaded,) = documents.parse(data.decode(), "m.yaml")
    document = Document("m.yaml: n", version, row.kind, None, "n", loaded)

    found = [each for each in places.find(data, "m.yaml") if each.text in TARGETS and each.why != "uncovered"]
    edits = [edit for each in found for edit in places.edits(each, Reference.parse(TARGETS[each.text]))]
    (expected,) = documents.parse(apply(data, edits).decode(), "m.yaml")

    images = manifests.images(document)
    assert sorted(each.field for each in images if each.text in TARGETS) == sorted(each.field for each in found)
    fixed = {each.text for each in images if each.found.note}
    movable = {text: target for text, target in TARGETS.items() if text not in fixed}
    assert manifests.rewrite(document, movable) == expected
    if path not in row.kustomize:
        assert expected != loaded
