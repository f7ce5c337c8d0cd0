"""Each row of the table finds its images, in files and in memory, and is documented."""

from __future__ import annotations

import json
from typing import Any

import pytest

from hub2ghcr import places
from hub2ghcr.places import Place
from hub2ghcr.places.path import PathPattern, Saying
from hub2ghcr.places.rows import ACTION, COMPOSE, CUSTOM, FILES, HELM_VALUES, KUSTOMIZATION, WORKFLOW, WORKLOADS
from hub2ghcr.places.table import POD_IMAGES
from hub2ghcr.reference import Reference
from hub2ghcr.source import apply

from . import documented

FILE_NAMES = {
    COMPOSE: "compose.yaml",
    WORKFLOW: ".github/workflows/a.yaml",
    ACTION: "action.yml",
    KUSTOMIZATION: "kustomization.yaml",
    HELM_VALUES: "values.yaml",
}


def nested(path: str, value: Any) -> Any:
    """Return the smallest document with a value at a path; wildcards become one item."""
    pattern = PathPattern.parse(path)
    for step in reversed(pattern.steps):
        if isinstance(step, Saying):
            value = {step.key: step.value, **value}
            continue
        key = step if isinstance(step, str) else step.like.replace("*", "any")
        value = [value] if not isinstance(step, str) and step.list else {key: value}
    return value


def merged(one: Any, other: Any) -> Any:
    if isinstance(one, dict) and isinstance(other, dict):
        return {key: merged(one.get(key), other.get(key)) for key in {**one, **other}}
    return other if one is None else one


def cases() -> list[tuple[str, Place, str]]:
    found = []
    for row in (*WORKLOADS, *CUSTOM):
        paths = [f"{pod}.{image}" for pod in row.pods for image in POD_IMAGES] + [*row.images, *row.names, *row.pushes]
        found += [(f"{row.group}/{row.kind} {path}", row, path) for path in paths]
    found += [(f"{row.kind} {path}", row, path) for row in FILES for path in row.images]
    return found


@pytest.mark.parametrize(("row", "path"), [each[1:] for each in cases()], ids=[each[0] for each in cases()])
def test_an_image_of_every_row_is_found_and_rewritten(row: Place, path: str) -> None:
    prefix = PathPattern.parse(path).prefix
    body = nested(path, f"{prefix}acme/x:1")
    place = FILE_NAMES.get(row.kind, "m.yaml") if row in FILES else "m.yaml"
    if row.group or row not in FILES:
        about = {"apiVersion": f"{row.group}/v1" if row.group else "v1", "kind": row.kind, "metadata": {"name": "n"}}
        body = merged(about, body)
    data = json.dumps(body).encode()
    (found,) = places.find(data, place)
    assert (found.text, found.note) == ("acme/x:1", "")
    target = Reference.parse("ghcr.io/acme/x:1")
    after = apply(data, places.edits(found, target)).decode()
    assert after == data.decode().replace("acme/x:1", "ghcr.io/acme/x:1")
    (again,) = places.find(after.encode(), place)
    assert again.text == "ghcr.io/acme/x:1"
    if row not in FILES:
        memory = places.in_memory(body)
        assert [each.text for each in (memory.pushed if path in row.pushes else memory.found)] == ["acme/x:1"]


@pytest.mark.parametrize("row", [row for row in CUSTOM if row.values], ids=lambda row: row.kind)
def test_helm_values_inside_objects_are_found(row: Place) -> None:
    for path in row.values:
        body = nested(path, {"image": {"repository": "acme/x", "tag": "1"}})
        about = {"apiVersion": f"{row.group}/v1", "kind": row.kind, "metadata": {"name": "n"}}
        (found,) = places.find(json.dumps(merged(about, body)).encode(), "m.yaml")
        assert (found.text, found.note) == ("acme/x:1", "")


def test_a_kind_without_a_row_is_reported_and_not_edited() -> None:
    data = b"apiVersion: example.org/v1\nkind: Cron\nmetadata: {name: n}\nspec:\n  image: acme/x:1\n"
    (found,) = places.find(data, "m.yaml")
    assert (found.why, found.text, found.parts[0][1].line) == ("uncovered", "acme/x:1", 5)
    assert places.edits(found, Reference.parse("ghcr.io/acme/x:1")) == ()


def test_the_table_is_documented() -> None:
    text = documented.DOCUMENT.read_text(encoding="utf-8")
    assert text.partition(documented.BEGIN)[2].partition(documented.END)[0].strip() == documented.table()


def test_what_says_another_kind_names_no_image() -> None:
    about = {"apiVersion": "build.openshift.io/v1", "kind": "BuildConfig", "metadata": {"name": "n"}}
    spec = {"strategy": {"dockerStrategy": {"from": {"kind": "ImageStreamTag", "name": "acme/x:1"}}}}
    assert places.find(json.dumps({**about, "spec": spec}).encode(), "m.yaml") == ()
