"""What blocks is asked in threads of its own kind: neither registrations nor another kind hold it up."""

from __future__ import annotations

import asyncio
import threading

import pytest

from components.asking import JOBS, asked
from tests.components.conftest import run


def test_what_is_found_and_what_fails_come_back() -> None:
    assert run(asked("test", divmod, 7, 2)) == (3, 1)
    with pytest.raises(ZeroDivisionError):
        run(asked("test", divmod, 7, 0))


def test_one_kind_does_not_wait_for_another() -> None:
    over = threading.Event()

    async def many() -> int:
        slow = [asyncio.ensure_future(asked("slow", over.wait)) for _ in range(JOBS + 1)]
        try:
            return await asyncio.wait_for(asked("quick", abs, -1), 5)
        finally:
            over.set()
            await asyncio.gather(*slow)

    assert run(many()) == 1
