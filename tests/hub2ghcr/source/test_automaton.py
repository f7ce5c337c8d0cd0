"""The automaton takes what the reading line by line takes, and keeps the same lines."""

from __future__ import annotations

import re

from hypothesis import example, given, settings

from hub2ghcr.source import ListNode, Node, Scalar
from hub2ghcr.source.automaton import MAX_WIDTH, Automaton, Kept
from hub2ghcr.source.block import Block, Keep

from .test_pruned import ANYWHERE, DEPLOYMENT, TEXTS

KEEP = Keep(
    {"image": ANYWHERE, "kind": ANYWHERE, "images": ANYWHERE, "name": frozenset({"metadata"})}, re.compile(rb"refused")
)
AUTOMATON = Automaton(KEEP, lambda line: line)


def lines_of(node: Node) -> set[int]:
    """Return the lines of the scalars that are kept, but for the keys that only lead to them."""
    if isinstance(node, Scalar):
        return {node.line}
    below = node.items if isinstance(node, ListNode) else [value for _, value in node.items]
    found = {line for each in below for line in lines_of(each)}
    keys = set() if isinstance(node, ListNode) else {key.line for key, value in node.items if not lines_of(value)}
    return found | keys


def same(text: str) -> None:
    tree = Block(KEEP).read(text.encode(), 0, 0)
    outline = AUTOMATON.read(text.encode().split(b"\n"))
    assert (outline is None) == (tree is None)
    if outline is not None and tree is not None:
        assert {at + 1 for at in outline.lines} >= lines_of(tree)
        assert len(outline.lines) == sum(isinstance(each, Kept) for each in outline.kept)


@settings(max_examples=600)
@given(TEXTS)
@example("a: |\n  refused\n")
@example("a: |\n   \n  b\n")
@example("a: |\n  b\nc: d\na: e\n")
@example("- |\n  b\n")
@example("---\na: b\n")
@example("--- a\n")
def test_any_lines_are_taken_by_both_or_by_none(text: str) -> None:
    same(text)


def test_a_workload_is_outlined_by_its_kept_lines() -> None:
    text = DEPLOYMENT.replace("{{}}", "image: busybox")
    same(text)
    outline = AUTOMATON.read(text.encode().split(b"\n"))
    assert outline is not None
    lines = text.splitlines()
    said = [lines[at].strip(" -").partition(" #")[0].rstrip() for at in outline.lines]
    assert said[:5] == ["kind: Deployment", "name: web", 'name: "inner"', "image: nginx:1.27", "image: 'redis:7'"]
    assert [each for each in outline.kept if not isinstance(each, Kept)] == [(0,), (1,), (0,), (1,), (0,), (0,), (0,)]


def test_documents_that_differ_in_other_lines_have_one_outline() -> None:
    one, other = (
        AUTOMATON.read(text.encode().split(b"\n"))
        for text in ("a: b\nimage: c\n", "a:\n- b\n# d\ne: |\n  f\n\nimage: c\nd: e\n")
    )
    assert one is not None and other is not None
    assert one.kept == other.kept
    assert other.lines == (6,)


def test_a_wide_mapping_is_for_another_reader() -> None:
    text = "".join(f"key{n}: x\n" for n in range(MAX_WIDTH + 1))
    assert AUTOMATON.read(text.encode().split(b"\n")) is None
    assert AUTOMATON.read(text.encode().split(b"\n")[1:]) is not None


def test_many_documents_take_no_more_memory_than_is_set() -> None:
    automaton = Automaton(KEEP, lambda line: line)
    for n in range(80_000):
        assert automaton.read([b"a%d: x" % n]) is not None
    assert automaton._count < 70_000
