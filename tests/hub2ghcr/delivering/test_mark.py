from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub2ghcr.delivering import is_ours, marked


@given(st.text(alphabet=st.characters(blacklist_characters="\r", blacklist_categories=["Cs"])))
def test_what_was_marked_is_ours_until_a_byte_changes(text: str) -> None:
    data = marked(text, "prod")
    assert is_ours(data, "prod")
    assert data.decode().startswith(text)
    assert not is_ours(b" " + data, "prod")
    assert not is_ours(data + b"x", "prod")
    assert not is_ours(data, "test")


@pytest.mark.parametrize("data", [b"", b"on: push\n", b"# hub2ghcr: of stack prod, sha256:\n"])
def test_what_was_never_marked_is_not_ours(data: bytes) -> None:
    assert not is_ours(data, "prod")


def test_the_line_ends_of_windows_are_no_change() -> None:
    assert is_ours(marked("a\nb\n", "prod").replace(b"\n", b"\r\n"), "prod")


def test_a_text_that_was_marked_before_is_marked_as_a_whole() -> None:
    assert is_ours(marked(marked("a\n", "one").decode(), "two"), "two")
