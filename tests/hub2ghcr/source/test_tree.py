"""Trees: what is read, what is refused, and at which cost."""

from __future__ import annotations

import time
import tracemalloc

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from hub2ghcr.errors import ManifestError
from hub2ghcr.source import ListNode, MapNode, Node, Scalar, trees


def plain(node: Node) -> object:
    if isinstance(node, Scalar):
        return node.value
    if isinstance(node, MapNode):
        return {key.value: plain(value) for key, value in node.items}
    return [plain(item) for item in node.items]


@pytest.mark.parametrize(
    ("data", "line"),
    [
        (b"a: 1\nb: {a: 1, c: 2, 'a': 3}\n", "f:2:17: a key stands twice: 'a'; remove one of them"),
        (b"a:\n\tb: 1\n", "f:2:1: a tab where YAML takes none; indent with spaces"),
        (b"a: 1\nb: \0\n", "f:2:4: not valid YAML: control characters are not allowed; remove the character"),
        ("a: 1".encode("utf-16"), "f: UTF-16 or UTF-32 text, or no text; save the file as UTF-8"),
        ("a: 1".encode("utf-16-le"), "f: UTF-16 or UTF-32 text, or no text; save the file as UTF-8"),
        ("a: 1".encode("utf-32"), "f: UTF-16 or UTF-32 text, or no text; save the file as UTF-8"),
        (b"a: 1\nb: \xe4\n", "f:2: not UTF-8 at byte 8; save the file as UTF-8"),
        (b"[" * 10_000, "f:1:301: nested more than 300 levels deep"),
        (b"\n".join(b" " * n + b"a:" for n in range(10_000)), "f:301:301: nested more than 300 levels deep"),
        (b"- " * 10_000, "f:1:601: nested more than 300 levels deep"),
        (b"a: &a [*a]", "f:1:8: an alias contains itself: '*a'; write it out"),
        (b"a: &a 1\n---\nb: *a", "f:2:4: an alias of nothing: '*a'; write it out".replace("2:4", "3:4")),
        (b"a:\n  <<: 3\n", "f:2:3: << merges mappings only; name a mapping"),
        (b"a: 'x\n", "f:2:1: not valid YAML: found unexpected end of stream; correct the file"),
        (b"a: b: c\n", "f:1:5: not valid YAML: mapping values are not allowed in this context; correct the file"),
    ],
)
def test_bad_input_is_one_line_with_its_place_and_a_remedy(data: bytes, line: str) -> None:
    with pytest.raises(ManifestError) as caught:
        list(trees(data, "f"))
    assert str(caught.value) == line


def test_aliases_that_explode_are_refused_in_bounded_memory_and_time() -> None:
    levels = [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 12)]
    bomb = "\n".join(["a0: &a0 [x]", *levels]).encode()
    tracemalloc.start()
    begun = time.process_time()
    with pytest.raises(ManifestError, match=r"more than 1,000,000 nodes, its aliases written out; split it"):
        list(trees(bomb, "f"))
    spent, (_, peak) = time.process_time() - begun, tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 5_000_000
    assert spent < 5  # a hang, not a measure


def test_a_document_without_end_is_refused_at_the_bound(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("hub2ghcr.source.tree.MAX_NODES", 1000)
    assert len(list(trees(b"- a\n" * 900, "f"))) == 1
    with pytest.raises(ManifestError, match="f:1000:3: one document of more than 1,000 nodes"):
        list(trees(b"- a\n" * 5000, "f"))


def test_documents_before_a_broken_one_are_given() -> None:
    found = trees(b"a: 1\n---\na: [\n", "f")
    assert plain(next(found)) == {"a": "1"}
    with pytest.raises(ManifestError, match=r"^f:4:1: not valid YAML"):
        next(found)


def test_a_part_of_a_file_is_placed_in_the_file() -> None:
    (tree,) = trees(b"a: &x !!str\n  b\n", "f", offset=100, line=10)
    assert tree == MapNode(((Scalar("a", 100, 101, 11, 1, "plain"), Scalar("b", 114, 115, 12, 3, "plain")),))


def test_empty_documents_count() -> None:
    assert [plain(tree) for tree in trees(b"---\n---\na: 1\n---\n# c\n", "f")] == ["", {"a": "1"}, ""]
    assert list(trees(b"# only a comment\n", "f")) == []
    assert list(trees(b"", "f")) == []


def test_merged_keys_stand_behind_and_do_not_override() -> None:
    text = "a: &a {x: 1, y: 2}\nb: &b {y: 3, z: 4}\nc:\n  x: 9\n  <<: [*a, *b]\n'<<': {q: 1}\n"
    (tree,) = trees(text.encode(), "f")
    assert isinstance(tree, MapNode)
    assert plain(tree.get("c") or tree) == {"x": "9", "y": "2", "z": "4"}
    assert tree.get("<<") is not None and tree.get("nothing") is None


WORDS = st.sampled_from(
    ["a", "b-c", "image", "ä", "\U0001f600", "two words", "it's", 'say "x"', "", " x", "#", "1", "\n"]
)
VALUES = st.recursive(
    WORDS, lambda below: st.lists(below, max_size=4) | st.dictionaries(WORDS, below, max_size=4), max_leaves=25
)


@given(VALUES, st.booleans(), st.sampled_from(["", "'", '"', "|", ">"]), st.booleans())
def test_a_tree_says_what_pyyaml_says_and_its_places_hold_its_values(
    value: object, flow: bool, style: str, unicode: bool
) -> None:
    text = yaml.dump(value, default_flow_style=flow, default_style=style or None, allow_unicode=unicode)
    data = text.encode()
    (tree,) = trees(data, "f")
    assert plain(tree) == value
    for scalar in scalars_of(tree):
        assert yaml.safe_load("- " + data[scalar.start : scalar.end].decode())[0] is not False
        line = text.split("\n")[scalar.line - 1]
        assert data[scalar.start : scalar.end].decode().startswith(line[scalar.column - 1 :][:1])


def scalars_of(node: Node) -> list[Scalar]:
    if isinstance(node, Scalar):
        return [node]
    below: list[Node] = (
        list(node.items) if isinstance(node, ListNode) else [part for pair in node.items for part in pair]
    )
    return [scalar for each in below for scalar in scalars_of(each)]
