"""YAML is read as Kubernetes reads it, and what could harm is refused with its place."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub2ghcr import documents
from hub2ghcr.errors import ManifestError


def test_values_are_those_of_kubernetes() -> None:
    text = "{a: 2024-01-01, b: 1e3, c: 12:30:00, e: 0644, f: yes, g: 1.5, h: -5, k: , l: '1', m: 1.2.3, n: 0x10}"
    assert documents.parse(text, "f") == [
        {"a": "2024-01-01", "b": 1000.0, "c": "12:30:00", "e": 420, "f": True, "g": 1.5, "h": -5, "k": None, "l": "1",
         "m": "1.2.3", "n": 16}
    ]  # fmt: skip


def test_a_plain_equals_sign_is_a_string() -> None:
    assert documents.parse("a: =", "f") == [{"a": "="}]


def test_empty_documents_are_left_out() -> None:
    assert documents.parse("---\n# nothing\n---\na: 1\n---\n", "f") == [{"a": 1}]


def test_merged_keys_may_be_overridden() -> None:
    assert documents.parse("x: &x {a: 1, b: 1}\ny: {<<: *x, a: 2}", "f")[0]["y"] == {"a": 2, "b": 1}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a: [", "f.yaml:2:1: not valid YAML: did not find expected node content; correct the file"),
        ("a: 1\nb:\n  c: 1\n  c: 2", "f.yaml:4:3: not valid YAML: the key 'c' stands twice; correct the file"),
        ("a: &a [*a]", "f.yaml:1:4: an alias contains itself; remove it"),
        ("\t", "f.yaml:1:1: not valid YAML: found character that cannot start any token; correct the file"),
    ],
)
def test_bad_yaml_is_refused_with_line_and_column(text: str, message: str) -> None:
    with pytest.raises(ManifestError) as caught:
        documents.parse(text, "f.yaml")
    assert str(caught.value) == message


def test_no_object_of_python_is_made() -> None:
    with pytest.raises(ManifestError, match="could not determine a constructor"):
        documents.parse("a: !!python/object/apply:os.system [x]", "f.yaml")


def test_aliases_that_expand_without_measure_are_refused_and_ordinary_ones_are_not() -> None:
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{i}: &a{i} [{', '.join([f'*a{i - 1}'] * 9)}]" for i in range(1, 9)]
    assert len(documents.parse("\n".join(lines[:3]), "f")[0]) == 3
    with pytest.raises(ManifestError, match="aliases expand to more than 1000000 nodes"):
        documents.parse("\n".join(lines), "f.yaml")


@pytest.mark.parametrize("text", ["[" * 100_000, "- " * 100_000, "{a: " * 100_000])
def test_nesting_without_measure_is_refused(text: str) -> None:
    with pytest.raises(ManifestError, match="nested more than 300 levels"):
        documents.parse(text, "f.yaml")


def test_a_file_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    with pytest.raises(ManifestError, match=r"^a\.yaml: no such file; paths start at the project's folder$"):
        documents.read(tmp_path / "a.yaml", "a.yaml")
    (tmp_path / "b.yaml").write_bytes(b"a: \xff")
    with pytest.raises(ManifestError, match=r"^b\.yaml: not UTF-8 at byte 3"):
        documents.read(tmp_path / "b.yaml", "b.yaml")
    with pytest.raises(ManifestError, match="cannot be read: Is a directory"):
        documents.read(tmp_path, "c.yaml")


_TEXTS = st.one_of(
    st.text(max_size=12),
    st.sampled_from(
        ["1e3", "12:30:00", "2020-01-01", "yes", "y", "=", "<<", "~", "0o17", "0x1F", "a\nb\n", " a\n b", "#"]
    ),
)
_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | _TEXTS,
    lambda below: st.lists(below, max_size=3) | st.dictionaries(_TEXTS, below, max_size=3),
    max_leaves=8,
)


@given(st.lists(st.dictionaries(_TEXTS, _VALUES, max_size=4), max_size=3))
def test_what_is_dumped_reads_as_the_same(found: list[dict[str, Any]]) -> None:
    assert documents.parse(documents.dump(found), "d.yaml") == found


@pytest.mark.parametrize(
    "text",
    [
        "yes",
        "y",
        "12:30:00",
        "2020-01-01",
        "1e3",
        "0o17",
        "0x1F",
        "~",
        "",
        "=",
        "1_000",
        "08",
        "0X1F",
        "-0o7",
        "+_1",
        "7e_1",
        "00.9",
    ],
)
def test_text_that_any_reader_takes_for_something_else_is_quoted(text: str) -> None:
    assert documents.dump([{"a": text}]) == f"---\na: '{text}'\n"


@pytest.mark.parametrize(
    "value",
    ["!!timestamp soon", "!!bool perhaps", "!!int ''", "!!float ''", "!!set [1]", "!!int 0b"],
)
def test_a_value_that_its_tag_does_not_fit_is_an_error_of_the_file(value: str) -> None:
    """PyYAML ends with whatever exception its own code meets."""
    with pytest.raises(ManifestError, match=r"f\.yaml: not valid YAML: a value does not fit its tag|invalid literal"):
        documents.parse(f"a: {value}", "f.yaml")
