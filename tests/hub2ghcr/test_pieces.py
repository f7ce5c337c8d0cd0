"""Files are dealt in pieces: all of them, in order, evenly, and only where it is worth it."""

from __future__ import annotations

from itertools import groupby
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from hub2ghcr.pieces import SIZE, deal
from hub2ghcr.walking import Input


def inputs(sizes: list[int]) -> tuple[list[Input], dict[str, bytes]]:
    made = [Input(f"{n}.yaml", f"/{n}.yaml") for n in range(len(sizes))]
    return made, {each.path: bytes(size) for each, size in zip(made, sizes, strict=True)}


@given(st.lists(st.sampled_from([0, 100, 5_000, SIZE // 2, SIZE, 3 * SIZE]), max_size=30), st.integers(1, 5))
def test_every_file_is_dealt_whole_and_in_order(sizes: list[int], cores: int) -> None:
    files, known = inputs(sizes)
    dealt = deal(files, known, cores)
    assert [each for each, _ in groupby(dealt.pieces, key=lambda piece: piece.input)] == files
    for _, group in groupby(dealt.pieces, key=lambda piece: piece.input):
        pieces = list(group)
        assert [(piece.index, piece.count) for piece in pieces] == [(n, len(pieces)) for n in range(len(pieces))]
        assert [piece.last for piece in pieces] == [False] * (len(pieces) - 1) + [True]
    owners = set(dealt.owners)
    assert owners <= set(range(cores))
    assert sum(len(dealt.of(owner)) for owner in owners) == len(dealt.pieces)


def test_little_work_is_for_one_process(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_bytes(b"a: b\n")
    few = [Input("a.yaml", str(tmp_path / "a.yaml")), Input("gone.yaml", str(tmp_path / "gone.yaml"))]
    assert set(deal(few, {}, 64).owners) == {0}
    assert set(deal(*inputs([SIZE]), 64).owners) == {0}


def test_much_work_is_for_all_in_turns() -> None:
    one = deal(*inputs([40 * SIZE]), 2)
    assert one.owners == (0, 1) * 4
    many = deal(*inputs([1_000] * 2_000), 2)
    assert abs(many.owners.count(0) - many.owners.count(1)) < 150
    assert len(many.pieces) == 2_000
    assert len(set(deal(*inputs([3 * SIZE]), 64).owners)) == 3
