from __future__ import annotations

import asyncio
from collections.abc import Coroutine, Iterator
from typing import TypeVar

import pytest

Result = TypeVar("Result")


@pytest.fixture(scope="session", autouse=True)
def event_loop() -> Iterator[None]:
    """An event loop for Pulumi's mocks, whatever ran before: `asyncio.run` leaves its thread without one."""
    loop = asyncio.new_event_loop()
    asyncio.set_event_loop(loop)
    yield
    loop.close()


def run(of: Coroutine[object, object, Result]) -> Result:
    """Run it in a loop of its own, and leave the thread the one that it has: `asyncio.run` takes that away."""
    with asyncio.Runner(loop_factory=asyncio.new_event_loop) as runner:
        return runner.run(of)
