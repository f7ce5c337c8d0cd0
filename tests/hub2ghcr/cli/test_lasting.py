"""What shows a run goes on as long as somebody looks, and ends nothing."""

from __future__ import annotations

import os
from contextlib import nullcontext

import pytest

from hub2ghcr.cli.lasting import Lasting


def test_what_nobody_reads_any_more_goes_nowhere() -> None:
    ours, theirs = os.pipe()
    told: list[str] = []

    def tell(what: str) -> None:
        os.write(theirs, what.encode())
        told.append(what)

    with Lasting[str](nullcontext(tell), theirs) as shown:
        shown("one")
        assert os.read(ours, 9) == b"one"
        os.close(ours)
        shown("two")
        shown("three")
    os.close(theirs)
    assert told == ["one", "three"]  # the second found nobody, the third a file that takes all


def test_any_other_failure_is_one() -> None:
    def broken(_: str) -> None:
        raise ValueError

    with pytest.raises(ValueError), Lasting[str](nullcontext(broken), 2) as shown:
        shown("one")
