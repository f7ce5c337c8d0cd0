"""Texts that know where their characters stand."""

from __future__ import annotations

import pytest

from hub2ghcr.source import MapNode, Scalar, trees
from hub2ghcr.workflows.scope import Scope
from hub2ghcr.workflows.texts import UNKNOWN, Text, located


def scalar(data: bytes) -> Scalar:
    (tree,) = trees(data, "x.yml")
    assert isinstance(tree, MapNode)
    found = tree.get("a")
    assert isinstance(found, Scalar)
    return found


@pytest.mark.parametrize(
    "data",
    [
        b"a: docker push acme/b acme/bc acme/b:1\n",
        b"a: 'docker push acme/b acme/bc acme/b:1'\n",
        b'a: "docker push acme/b acme/bc acme/b:1"\n',
        b"a: |\n  docker push acme/b acme/bc acme/b:1\n",
        b"a: |\r\n  docker push acme/b acme/bc \\\r\n    acme/b:1\r\n",
        b"a: >-\n  docker push acme/b\n  acme/bc\n\n  acme/b:1\n",
        b"a: docker push acme/b\n   acme/bc acme/b:1\n",
        "a: 'é docker push acme/b acme/bc “acme/b:1”'\n".encode(),
    ],
)
def test_each_occurrence_of_a_name_is_told_from_the_others(data: bytes) -> None:
    found = scalar(data)
    at = found.value.rindex("acme/b")
    place = located(data, found, at, at + len("acme/b"))
    assert place == (data.rindex(b"acme/b"), data.rindex(b"acme/b") + len("acme/b"))
    assert located(data, found, at, at) == (place[0], place[0])


@pytest.mark.parametrize("data", [b'a: "x \\u0061cme/b acme/b"\n', b"a: 'x ''acme/b'''\n"])
def test_what_escapes_say_is_told_only_where_it_stands_as_it_is(data: bytes) -> None:
    found = scalar(data)
    at = found.value.index("acme/b")
    place = located(data, found, at, at + len("acme/b"))
    assert place is None or data[slice(*place)] == b"acme/b"


def test_a_text_of_two_lines_or_of_nothing_is_told_nowhere() -> None:
    found = scalar(b"a: |\n  b\n  c\n")
    assert located(b"a: |\n  b\n  c\n", found, 0, 3) is None
    assert located(b"a: ' b '\n", scalar(b"a: ' b '\n"), 0, 0) is None


def values(data: bytes, **known: str) -> list[str]:
    scope = Scope(told={name.replace("__", "."): value for name, value in known.items()})
    return [each.plain for each in scope.filled("x.yml", scalar(data))]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a/b", ["a/b"]),
        ("${{ env.X }}/b", ["x/b"]),
        ("${{env['X']}}", ["x"]),
        ("${{ env.Y }}:1", [f"{UNKNOWN}:1"]),
        ("${{ env.X || 'd' }}", ["x", "d"]),
        ("${{ github.ref == 'r' && 'd' || 'e' }}", ["d", "e"]),
        ("${{ format('{0}', env.X) }}", [UNKNOWN]),
    ],
)
def test_expressions_are_filled_in_as_far_as_they_are_known(text: str, expected: list[str]) -> None:
    assert values(f"a: {text}\n".encode(), env__X="x") == expected


def test_slices_keep_the_place_of_every_character() -> None:
    found = scalar(b"a: one,two\n")
    first, second = Text.of("x.yml", found).split(",")
    assert (first.plain, second.plain) == ("one", "two")
    assert [(chunk.origin.start, chunk.origin.end) for chunk in second.chunks] == [(4, 7)]
    assert Text(()).origin is None
