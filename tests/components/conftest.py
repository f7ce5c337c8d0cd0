from __future__ import annotations

import asyncio
from collections.abc import Iterator

import pytest


@pytest.fixture(scope="session", autouse=True)
def event_loop() -> Iterator[None]:
    """An event loop for Pulumi's mocks, whatever ran before: `asyncio.run` leaves its thread without one."""
    loop = asyncio.new_event_loop()
    asyncio.set_event_loop(loop)
    yield
    loop.close()
