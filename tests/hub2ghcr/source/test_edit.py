"""Edits change the bytes of their scalar and nothing else."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub2ghcr.errors import ManifestError
from hub2ghcr.source import ListNode, MapNode, Node, Scalar, apply, trees

NEW = "ghcr.io/acme/web:2"


def scalars(node: Node) -> Iterator[Scalar]:
    if isinstance(node, Scalar):
        yield node
    elif isinstance(node, MapNode):
        for key, value in node.items:
            yield key
            yield from scalars(value)
    else:
        for item in node.items:
            yield from scalars(item)


def images(data: bytes) -> Iterator[Scalar]:
    def below(node: Node) -> Iterator[Scalar]:
        if isinstance(node, MapNode):
            for key, value in node.items:
                if key.value == "image" and isinstance(value, Scalar):
                    yield value
                yield from below(value)
        elif isinstance(node, ListNode):
            for item in node.items:
                yield from below(item)

    for tree in trees(data, "f"):
        yield from below(tree)


PAIRS = {
    "plain": ("image: web:1\n", "image: ghcr.io/acme/web:2\n"),
    "plain with a comment": ("image:   web:1   # keep\n", "image:   ghcr.io/acme/web:2   # keep\n"),
    "plain, trailing blanks": ("image: web:1 \t\nb: 1\n", "image: ghcr.io/acme/web:2 \t\nb: 1\n"),
    "plain on the next line": ("image:\n  web:1\nb: 1\n", "image:\n  ghcr.io/acme/web:2\nb: 1\n"),
    "plain over two lines": ("image: we\n  b\nb: 1\n", "image: ghcr.io/acme/web:2\nb: 1\n"),
    "single": ("image: 'web:1'\n", "image: 'ghcr.io/acme/web:2'\n"),
    "double": ('image: "web:1"#no\n'.replace("#no", " #no"), 'image: "ghcr.io/acme/web:2" #no\n'),
    "literal": ("image: |\n  web:1\n\n\nb: 1\n", "image: |\n  ghcr.io/acme/web:2\n\n\nb: 1\n"),
    "literal, stripped, with a comment": (
        "image: |- # why\n    web:1\nb: 1\n",
        "image: |- # why\n    ghcr.io/acme/web:2\nb: 1\n",
    ),
    "folded": ("a:\n- image: >-\n    web:1\n- b\n", "a:\n- image: >-\n    ghcr.io/acme/web:2\n- b\n"),
    "folded, kept line ends": ("image: >+\n  web:1\n\n", "image: >+\n  ghcr.io/acme/web:2\n\n"),
    "block scalar with CRLF": ("image: |\r\n  web:1\r\nb: 1\r\n", "image: |\r\n  ghcr.io/acme/web:2\r\nb: 1\r\n"),
    "anchor": ("a: &i {image: web:1}\nb: *i\n", "a: &i {image: ghcr.io/acme/web:2}\nb: *i\n"),
    "anchored scalar": ("image: &i web:1\nb: {image: *i}\n", "image: &i ghcr.io/acme/web:2\nb: {image: *i}\n"),
    "tag and anchor": (
        "image: !!str &i # so\n  'web:1' # c\n",
        "image: !!str &i # so\n  'ghcr.io/acme/web:2' # c\n",
    ),
    "merge": (
        "a: &a\n  image: web:1\nb:\n  <<: *a\n  c: 1\n",
        "a: &a\n  image: ghcr.io/acme/web:2\nb:\n  <<: *a\n  c: 1\n",
    ),
    "flow": ("{a: [{image: web:1, b: 1}]}\n", "{a: [{image: ghcr.io/acme/web:2, b: 1}]}\n"),
    "flow over lines": ("a: {\n  image: web:1,\n  b: 1 }\n", "a: {\n  image: ghcr.io/acme/web:2,\n  b: 1 }\n"),
    "JSON": ('{"a":[{"image":"web:1"}]}', '{"a":[{"image":"ghcr.io/acme/web:2"}]}'),
    "JSON with tabs": ('\t{\n\t"image"\t:\t"web:1"\n\t}\n', '\t{\n\t"image"\t:\t"ghcr.io/acme/web:2"\n\t}\n'),
    "JSON escapes": (
        '{"a":"\\ud83d\\ude00\\/","image":"web\\u003a1"}',
        '{"a":"\\ud83d\\ude00\\/","image":"ghcr.io/acme/web:2"}',
    ),
    "CRLF": ("a: 1\r\nimage: web:1\r\nb: 2\r\n", "a: 1\r\nimage: ghcr.io/acme/web:2\r\nb: 2\r\n"),
    "CR alone": ("a: 1\rimage: web:1\rb: 2\r", "a: 1\rimage: ghcr.io/acme/web:2\rb: 2\r"),
    "BOM": ("\ufeffimage: web:1\n", "\ufeffimage: ghcr.io/acme/web:2\n"),
    "beyond ASCII": (
        "ä: '\U0001f600'\nimage: web:1 # ü\nb: é\n",
        "ä: '\U0001f600'\nimage: ghcr.io/acme/web:2 # ü\nb: é\n",
    ),
    "no last line end": ("image: web:1", "image: ghcr.io/acme/web:2"),
    "explicit keys": ("? image\n: web:1\n? [a, b]\n: c\n", "? image\n: ghcr.io/acme/web:2\n? [a, b]\n: c\n"),
    "documents": (
        "%YAML 1.1\n--- # one\nimage: web:1\n...\n---\n- image: 'web:1'\n---\n",
        "%YAML 1.1\n--- # one\nimage: ghcr.io/acme/web:2\n...\n---\n- image: 'ghcr.io/acme/web:2'\n---\n",
    ),
    "quoted key": ("'image': web:1\n", "'image': ghcr.io/acme/web:2\n"),
}


@pytest.mark.parametrize(("before", "after"), PAIRS.values(), ids=PAIRS)
def test_only_the_images_bytes_change_whatever_the_style(before: str, after: str) -> None:
    data = before.encode()
    found = list(images(data))
    assert found
    assert apply(data, [(image, NEW) for image in found]).decode() == after
    assert apply(data, [(image, image.value) for image in found]) == data


@pytest.mark.parametrize(("before", "after"), PAIRS.values(), ids=PAIRS)
def test_what_was_written_is_read_back(before: str, after: str) -> None:
    assert {image.value.rstrip("\n") for image in images(after.encode())} == {NEW}


@pytest.mark.parametrize(
    "value",
    ["1.27", "1e3", "0x1f", "123", "12:30", "2024-01-02", "true", "no", "~", "null", "a: b", "a #b", "*a", "x:"],
)
def test_a_value_that_would_be_read_as_something_else_is_quoted(value: str) -> None:
    data = b"{a: [tag]}"
    tag = next(each for each in scalars(next(trees(data, "f"))) if each.value == "tag")
    assert apply(data, [(tag, value)]) == b'{a: ["' + value.encode() + b'"]}'


def test_a_value_that_needs_no_quotes_gets_none() -> None:
    data = b"tag: 1.26-alpine\n"
    tag = list(scalars(next(trees(data, "f"))))[1]
    assert apply(data, [(tag, "1.27-alpine")]) == b"tag: 1.27-alpine\n"


def test_a_line_and_column_are_those_of_an_editor() -> None:
    found = list(images("\ufeff# c\r\nä: {b: '\U0001f600', image: web}\r\n".encode()))
    assert [(each.line, each.column) for each in found] == [(2, 20)]


def test_a_shared_scalar_is_edited_once_and_never_to_two_values() -> None:
    data = b"a: {image: &i web}\nb: {image: *i}\n"
    first, second = images(data)
    assert first is second
    assert apply(data, [(first, "x"), (second, "x")]) == b"a: {image: &i x}\nb: {image: *i}\n"
    with pytest.raises(ManifestError, match="1:15: an alias shares it, and two values are wanted: 'x and y'"):
        apply(data, [(first, "x"), (second, "y")])


def test_overlapping_edits_are_refused() -> None:
    data = b"image: web\n"
    with pytest.raises(ManifestError, match="edits overlap"):
        apply(data, [(Scalar("web", 7, 10, 1, 8, "plain"), "x"), (Scalar("eb", 8, 10, 1, 9, "raw"), "y")])


def test_nothing_is_written_where_nothing_stands() -> None:
    with pytest.raises(ManifestError, match="1:7: nothing stands there"):
        apply(b"image:\n", [(image, NEW) for image in images(b"image:\n")])


def test_a_word_that_is_not_yaml_is_replaced_as_it_is() -> None:
    word = Scalar("nginx", 5, 10, 1, 6, "raw")
    assert apply(b"FROM nginx AS web\n", [(word, NEW)]) == b"FROM ghcr.io/acme/web:2 AS web\n"
    with pytest.raises(ManifestError, match="cannot be written as one word"):
        apply(b"FROM nginx AS web\n", [(word, "a b")])


TEXT = st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=12)
STYLED = {
    "plain": "a: {{b: c, image: web}}\n",
    "single": "a:\n- image: 'web'\n",
    "double": 'a: {{"image": "web"}} # "web"\n',
}


@given(st.sampled_from(sorted(STYLED)), TEXT, TEXT)
def test_any_text_written_is_read_back_and_its_surroundings_stay(style: str, value: str, comment: str) -> None:
    around = "".join(sign for sign in comment if sign.isprintable())
    data = (
        f"# {around}\n" + STYLED[style].replace("{{", "{").replace("}}", "}") + f"z: '{around.replace(chr(39), '')}'\n"
    ).encode()
    before = list(scalars(next(trees(data, "f"))))
    (image,) = (each for each in before if each.value == "web" and each.style == style)
    edited = apply(data, [(image, value)])
    assert edited.startswith(data[: image.start]) and edited.endswith(data[image.end :])
    after = list(scalars(next(trees(edited, "f"))))
    assert [each.value for each in after] == [value if each is image else each.value for each in before]
