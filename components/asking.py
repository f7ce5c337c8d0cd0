"""What the program asks others while it registers: in threads of its own.

Those of the event loop (four for each resource that the engine works on at once) are taken by registrations, each until
its resource is done. A hook of such a resource would wait for one of them for ever.
"""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import cache, partial
from typing import ParamSpec, TypeVar

JOBS = 32
"""Questions of a kind asked at the same time: most of them wait for the end of a workflow's run."""

P = ParamSpec("P")
T = TypeVar("T")


async def asked(kind: str, question: Callable[P, T], *args: P.args, **more: P.kwargs) -> T:
    """Return what a function returns that blocks, such as one that asks GitHub.

    Args:
        kind: of the question: one that takes long, as following a run does, holds up no other kind.
        question: the function.
        args: its arguments.
        more: its arguments by name.
    """
    return await asyncio.get_running_loop().run_in_executor(_threads(kind), partial(question, *args, **more))


@cache
def _threads(kind: str) -> ThreadPoolExecutor:
    return ThreadPoolExecutor(JOBS, thread_name_prefix=kind)
