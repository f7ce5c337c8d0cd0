"""Bytes and seconds as people read them."""

from __future__ import annotations

from hub2ghcr.amounts import duration, size_of


def test_amounts_are_as_short_as_people_say_them() -> None:
    assert [size_of(each) for each in (0, 999, 1000, 999_949, 999_950, 2e9, 3e18)] == [
        "0 B",
        "999 B",
        "1.0 kB",
        "999.9 kB",
        "1.0 MB",
        "2.0 GB",
        "3000.0 PB",
    ]
    assert [duration(each) for each in (0, 59.6, 3600, 3661, 90061)] == ["0 s", "1 min", "1 h", "1 h 1 min", "1 d 1 h"]
