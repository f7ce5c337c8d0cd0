"""Ports of a lab."""

from __future__ import annotations

import socket
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from lab.errors import LabError
from lab.ports import port, taken


def test_a_port_is_kept_once_chosen(tmp_path: Path) -> None:
    assert port(tmp_path, "hub") == port(tmp_path, "hub")


def test_names_and_labs_never_share_a_kept_port(tmp_path: Path) -> None:
    names = [f"part-{number}" for number in range(50)]
    assert len({port(tmp_path, name) for name in names}) == len(names)


def test_names_asked_for_at_once_never_share_a_port(tmp_path: Path) -> None:
    names = [f"part-{number}" for number in range(40)]
    with ThreadPoolExecutor(8) as pool:
        chosen = list(pool.map(lambda name: port(tmp_path, name), names))
    assert len(set(chosen)) == len(names)
    assert [port(tmp_path, name) for name in names] == chosen


def test_a_book_that_is_not_one_is_refused_with_its_place(tmp_path: Path) -> None:
    (tmp_path / "ports.json").write_text("[1, 2")
    with pytest.raises(LabError) as caught:
        port(tmp_path, "hub")
    assert str(tmp_path / "ports.json") in str(caught.value)
    assert caught.value.remedy


def test_taken_tells_a_listening_program_from_none(tmp_path: Path) -> None:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        number = listener.getsockname()[1]
        assert taken(number)
    assert not taken(number)
