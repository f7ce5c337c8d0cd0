"""Blobs that are checked on their way."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub2ghcr.errors import DigestMismatch
from hub2ghcr.registry.checking import checked
from hub2ghcr.registry.content import Descriptor, digest_of
from hub2ghcr.registry.failures import Passing


def blob(content: bytes, algorithm: str = "sha256") -> Descriptor:
    return Descriptor("", digest_of(content, f"{algorithm}:"), len(content))


@given(st.binary(max_size=200), st.lists(st.integers(0, 200)), st.sampled_from(["sha256", "sha512"]))
def test_content_passes_in_whatever_pieces_it_comes(content: bytes, cuts: list[int], algorithm: str) -> None:
    edges = sorted({0, len(content), *(min(cut, len(content)) for cut in cuts)})
    pieces = [content[start:end] for start, end in pairwise(edges)]
    told: list[int] = []
    assert b"".join(checked(pieces, blob(content, algorithm), "p", told.append)) == content
    assert sum(told) == len(content)


@pytest.mark.parametrize(
    ("pieces", "error", "words"),
    [
        ([b"abc", b"dex"], DigestMismatch, "are not what the digest says"),
        ([b"abc", b"defg"], DigestMismatch, "more than the 6 bytes"),
        ([b"abc"], Passing, "sent 3 of 6 bytes"),
        ([], Passing, "sent 0 of 6 bytes"),
    ],
)
def test_other_content_never_passes_whole(pieces: list[bytes], error: type[Exception], words: str) -> None:
    passed: list[bytes] = []
    with pytest.raises(error, match=words):
        passed.extend(checked(pieces, blob(b"abcdef"), "p", lambda _: None))
    assert len(b"".join(passed)) < 6
