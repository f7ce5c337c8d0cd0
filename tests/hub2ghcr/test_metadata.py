"""Names, labels and annotations, as the API server takes or refuses them."""

from __future__ import annotations

import pytest

from hub2ghcr.metadata import ANNOTATIONS_SIZE, annotations_fault, label_fault, name_fault, namespace_fault


@pytest.mark.parametrize("name", ["a", "a-b", "0", "a.b-c.d", "x" * 253])
def test_a_sound_name(name: str) -> None:
    assert name_fault(name) == ""


@pytest.mark.parametrize("name", ["", "A", "a_b", "-a", "a-", ".a", "a..b", "a.-b", "a\n", "x" * 254])
def test_a_name_that_is_refused(name: str) -> None:
    assert "a name has lower case letters" in name_fault(name)


@pytest.mark.parametrize("name", ["a.b", "x" * 64, "", "Shop", "a-", "shop\n"])
def test_a_namespace_has_no_dots_and_is_short(name: str) -> None:
    assert "a namespace's name" in namespace_fault(name)
    assert namespace_fault("shop-1") == namespace_fault("x" * 63) == ""


@pytest.mark.parametrize(
    ("key", "value", "sound"),
    [
        ("app", "web", True),
        ("app", "", True),
        ("app.kubernetes.io/managed-by", "Hub2GHCR_1.0", True),
        ("App", "x", True),
        ("x" * 63, "x" * 63, True),
        ("x" * 64, "x", False),
        ("app", "x" * 64, False),
        ("app", "a b", False),
        ("app", "-a", False),
        ("app", "a\n", False),
        ("", "x", False),
        ("/app", "x", False),
        ("a/b/c", "x", False),
        ("Example.com/app", "x", False),
        ("example.com/", "x", False),
    ],
)
def test_labels(key: str, value: str, sound: bool) -> None:
    assert (label_fault(key, value) == "") is sound


def test_annotations_have_keys_like_labels_in_any_case_and_one_size_for_all() -> None:
    assert annotations_fault({"Example.com/App": "any value\nof any kind", "b": ""}) == ""
    assert annotations_fault({"a b": ""}) == (
        "the key of an annotation is [example.com/]name: letters, digits, '-', '_' and '.', at most 63: 'a b'"
    )
    assert annotations_fault({"a": "x" * (ANNOTATIONS_SIZE - 1)}) == ""
    assert annotations_fault({"a": "ü" * (ANNOTATIONS_SIZE // 2)}) == "annotations have 262145 bytes, more than 256 KiB"
