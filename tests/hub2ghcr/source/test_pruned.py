"""Documents cut down line by line say what the full parser says, or go through it."""

from __future__ import annotations

import re
from collections.abc import Mapping

import pytest
import yaml
from hypothesis import example, given, settings
from hypothesis import strategies as st

from hub2ghcr.errors import ManifestError
from hub2ghcr.source import ListNode, MapNode, Node, Scalar, trees
from hub2ghcr.source.block import Block, Keep
from hub2ghcr.source.pruned import pruned

NOTHING = MapNode(())
ANYWHERE: frozenset[str] = frozenset()


def keep() -> Keep:
    keys = {"image": ANYWHERE, "kind": ANYWHERE, "images": ANYWHERE, "name": frozenset({"metadata"})}
    return Keep(keys)


def cut(node: Node, keys: Mapping[str, frozenset[str]], above: str | None = None) -> Node | None:
    """Cut a whole tree down to what is asked for: the rule, said plainly."""
    if isinstance(node, Scalar):
        return None
    if isinstance(node, ListNode):
        items = [cut(item, keys) for item in node.items]
        return ListNode(tuple(item or NOTHING for item in items)) if any(items) else None
    pairs = []
    for key, value in node.items:
        wanted = keys.get(key.value)
        kept = value if wanted is not None and (not wanted or above in wanted) else cut(value, keys, key.value)
        if kept is not None:
            pairs.append((key, kept))
    return MapNode(tuple(pairs)) if pairs else None


def outcome(read: object) -> object:
    try:
        return list(read)  # type: ignore[call-overload]
    except ManifestError:
        return "refused"


def same(data: bytes) -> None:
    """Compare the line by line reading with the full one, both cut down."""
    full = outcome(enumerate(trees(data, "f")))
    fast = outcome(pruned(data, "f", keep(), lambda tree, text: True))
    if full == "refused" or fast == "refused":
        assert full == fast
        return
    assert shortened(fast) == shortened(full)


def shortened(documents: object) -> list[tuple[int, Node]]:
    return [(number, cut(tree, keep().keys) or NOTHING) for number, tree in documents]  # type: ignore[attr-defined]


DEPLOYMENT = """\
# a shop
apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
  labels: {}
  annotations:
    note: |
      image: no
        deeper

      --- not a marker
    "quoted/key": 'it''s'
spec:
  replicas: 2
  template:
    metadata:
      name: "inner"
    spec:
      containers:
      - name: web
        image: nginx:1.27  # why
        args: ["--a=b", c]
        command:
        - sh
        - -c
        - "x: y"
      -   name: side
          image: 'redis:7'
          ports:
            - containerPort: 80
              name: http
      initContainers:
        - {{}}
        - image:
      volumes:
      - name: model
        image:
          reference: "acme/model:1"
          pullPolicy: Always
"""


@pytest.mark.parametrize(
    ("before", "after"),
    [("", ""), ("---\n", ""), ("# c\n---\na: image\n---   # d\n", "---\n"), ("\ufeff", "---\nimage: x\n")],
)
def test_a_workload_is_cut_down_to_what_is_asked_for(before: str, after: str) -> None:
    same((before + DEPLOYMENT.replace("{{}}", "image: busybox") + after).encode())
    same((before + DEPLOYMENT.replace("{{}}", "{image: busybox}") + after).encode())
    same((before + DEPLOYMENT.replace("{{}}", "- image: busybox\n        - ä: ü") + after).encode())


VALUES_IN_FLOW = st.recursive(
    st.sampled_from(["a", "'b c'", '"d: e"', "1.5", "-f", "x:1", "'\u00e4'"]),
    lambda below: (
        st.lists(below, max_size=3).map(lambda items: f"[{', '.join(items)}]")
        | st.lists(st.tuples(st.sampled_from(["a", "image", "name", "'k'", "k", "metadata"]), below), max_size=3).map(
            lambda pairs: "{" + ", ".join(f"{key}: {value}" for key, value in pairs) + "}"
        )
    ),
    max_leaves=8,
)
IN_FLOW = """
[ [ { { ] ] } } , , a:_ b:_ image:_ name:_ 'a':_ "a":_ a b x_y 'c' "d,_e" 1.5 -f -_g n:1 http://x:80/y _ : # _# ? -
\u00e4 '\u00e4' '' "\\n" &a_x *a !!str_x $(A) a=b ~ @ | ' " null ,_ ,_ ,_
"""
FLOWS = st.lists(st.sampled_from([each.replace("_", " ") for each in IN_FLOW.split()]), max_size=14).map("".join)


@settings(max_examples=1500)
@given(st.sampled_from(["metadata: ", "a: ", "image: ", "- ", "a:\n- ", "images:\n  - ", ""]), FLOWS | VALUES_IN_FLOW)
@example("a: ", "{a: b, c: {a: b}, d: [e, {}]} # f")
def test_any_brackets_are_read_as_the_full_parser_reads_them(before: str, flow: str) -> None:
    same(f"{before}{flow}\n".encode())
    same(f"{before}{{{flow}}}\nkind: x\n".encode())
    same(f"{before}[{flow}]\n".encode())


def test_a_common_workload_needs_no_full_parse() -> None:
    assert Block(keep()).read(DEPLOYMENT.replace("{{}}", "image: busybox").encode(), 0, 0) is not None


def test_a_document_that_is_passed_over_is_counted() -> None:
    data = b"# c\n---\na: b\n---\n---\nimage: web\n"
    found = pruned(data, "f", keep(), lambda tree, text: True if b"image" in text else None)
    assert [number for number, _ in found] == [1, 2]  # the empty one is the full parser's


def test_a_document_is_parsed_whole_where_its_cut_is_not_enough() -> None:
    data = b"a: b\nimage: c\n"
    trees_ = [*pruned(data, "f", keep(), lambda *_: True), *pruned(data, "f", keep(), lambda *_: False)]
    assert [len(tree.items) for _, tree in trees_ if isinstance(tree, MapNode)] == [1, 2]


@pytest.mark.parametrize(
    "text", ["a: docker.io/x\n", "a:\n- b docker.io\n", "a: |\n  x\n  y docker.z\n", "image: a\nb: [docker.io]\n"]
)
def test_a_line_that_holds_what_is_refused_is_for_the_full_parser(text: str) -> None:
    asked = Keep(keep().keys, re.compile(rb"docker\."), frozenset({"last"}))
    assert Block(asked).read(text.encode(), 0, 0) is None
    assert Block(asked).read(text.replace("docker.", "dockers").encode(), 0, 0) is not None
    assert Block(asked).read(b"last: |\n  docker.io\n# docker.io\nimage: docker.io/x\nb: c\n", 0, 0) is not None


@pytest.mark.parametrize(
    "text",
    [
        "image: a\n  b: c\n",
        "image: a\n  b\n",
        "image: &a x\nb: *a\n",
        "image: x\nimage: y\n",
        "a:\n  image: x\n b: y\n",
        "a:\n- image: x\n -\n",
        "- image: x\nb: y\n",
        "image: x\n- y\n",
        "image: a: b\n",
        "image: 'a\n  b'\n",
        "image: !!str x\n",
        "image:\tx\n",
        "? image\n: x\n",
        '"im\\u0061ge": x\n',
        "image: >\n x\n  y\n",
        "a: |\n   \n  image: x\n",
        "a: |2\n   image: x\nimage: y\n",
        "a:\n- |\n  b\tc\n\td\n- e\nimage: x\n",
        "a:\n- |\n  b\n\n  \td\n- e\nimage: x\n",
        "- |\n \tb\nimage: x\n",
        "- >-\n b\n- |\n- c\n",
        "image:\n- |\n b\n",
        "a:\n- |\nb: c\n- d\n",
        "a: |\nimage: x\n",
        "a: |\n# c\n  image: x\n",
        "a:\n- image: x\n  b:\n  - c\n- d\n",
        "a:\n  - image: x\n  b: y\n",
        "- - image: x\n",
        "-\n  image: x\n",
        "image: x\n...\nb: y\n",
        "%YAML 1.1\n---\nimage: x\n",
        "--- image: x\n",
        "--- {image: x}\n",
        "--- |\n image: x\n",
        "image: x # c\r\nb: y\r\n",
        "image: x\u2028b: y\n",
        "a: \u0085\nimage: x\n",
        "image: x\n---x\nb: y\n",
        " image: x\n b: y\n",
        "image: x\n b: y\n",
        "a: b\nimage:\n- c\n- d: {}\n  e: []\n",
        "image:\n  a:\n    b:\n  c: d\n",
        "image: [a, b]\n",
        "a: [a, 'b']\nimage: {}\n",
        "a: x\n'a': image\n",
        "<<: {image: x}\n",
        "image: x:\n",
        "image: -\n",
        "image: - a\n",
        "image: a #\nb: c#d\n",
        "image : x\n",
        "image:x\n",
        "image\n",
        "image: {a: b}\nb: [{c: d}]\n",
        "a:\n  image: b\n\n    \n# c\n   # d\n  c: d\n",
        "a:\n    - image: x\n    -   b: c\n        d: e\n      f: g\n",
        'image: "a\\qb"\n',
        "a: 'b' c\nimage: d\n",
        "image: @x\n",
        "image: x\n\0",
        "\u00e4: image\nimage: \u00e4 \U0001f600\n'\u00e4': {image: x}\n",
    ],
)
def test_what_is_not_plain_block_style_is_read_by_the_full_parser(text: str) -> None:
    same(text.encode())


WRITTEN = """
image: x|image:|images:|kind: K|metadata:|name: n|a:|b: 'c'|c: "d" # e|- image: y|- a|- a:|- b: c|-|- - x|# c|f: {}
g: [a, 'b']|h: {i: j}|i: *x|j: &x y|---|--- # c|...|text|k: l: m|'l': m|m: \u00e4|n: \tx|-   image: z|o: x #y|p: - q
a: {name: n}|metadata: {name: n, a: [b]}|metadata: {a: {name: n}}|- {image: x:1, kind: K}|- [a, {b: c}]  # d
- {a: b|images: [{name: "x, y"}, -c]|[a]|{a: b}|g: {h: , i: j}|g: {h}|g: [h: i]|e: {f: 1, 'f': 2}|g: {a:b}
g: [a,]|\ta|a\tb|a: b\tc|# a\tb|\t|- >|- |g: [,]|g: {"a":b}|g: [a]b|g: [a] #c
q: [a|- 'r'|<<: {}|image: {}|image: [a]|images: []|s: "\\n"|image: 'it''s'|? t|: u|- ? v|w:x|- !!str x|'y|"z
"""
LINES = st.sampled_from([*WRITTEN.replace("\n", "|").split("|"), *["d: |", "e: >-", "- |"] * 2])
TEXTS = st.lists(st.tuples(st.integers(0, 5).map(lambda n: n if n < 5 else 9), LINES), max_size=14).map(
    lambda lines: "\n".join(" " * indent + line for indent, line in lines) + "\n"
)


@settings(max_examples=600)
@given(TEXTS)
@example("a:\n- image:\n- b\n")
@example("image:\n- image:\n    x: 1\n  y: 2\n- z\nb: c\n")
def test_any_lines_are_read_as_the_full_parser_reads_them(text: str) -> None:
    same(text.encode())


WORDS = st.sampled_from(
    ["a", "image", "images", "kind", "name", "metadata", "x y", "1", "it's", "\u00e4", "- b", "c: d", "e\nf"]
)
VALUES = st.recursive(
    WORDS, lambda below: st.lists(below, max_size=4) | st.dictionaries(WORDS, below, max_size=5), max_leaves=30
)


@settings(max_examples=300)
@given(st.lists(VALUES, max_size=3), st.sampled_from([None, False]))
def test_any_dumped_documents_are_read_as_the_full_parser_reads_them(values: list[object], flow: bool | None) -> None:
    same(
        yaml.safe_dump_all(values, default_flow_style=flow, allow_unicode=True, explicit_start=len(values) > 1).encode()
    )
