"""A signal at the worst moment: its handler runs between any two lines of what it interrupts, in the same thread."""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable
from types import FrameType
from typing import Any


def survives(wait: Callable[[], object], handler: Callable[[], object], seconds: float = 10.0) -> bool:
    """Return whether ``wait`` comes to its end although the handler runs at each of its lines."""
    handling = False

    def trace(frame: FrameType, event: str, _: Any) -> Any:
        nonlocal handling
        if event == "line" and not handling:
            handling = True
            try:
                handler()
            finally:
                handling = False
        return trace

    def waited() -> None:
        sys.settrace(trace)
        try:
            wait()
        finally:
            sys.settrace(None)

    thread = threading.Thread(target=waited, daemon=True)  # one that hangs must not hold the tests' end
    thread.start()
    thread.join(seconds)
    return not thread.is_alive()
