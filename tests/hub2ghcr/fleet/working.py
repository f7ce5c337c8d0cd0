"""What processes of a pool do in tests: the name of the stack says what, a file beside the project who did it."""

from __future__ import annotations

import os
import signal
import threading

from hub2ghcr.fleet.channel import Channel
from hub2ghcr.fleet.turn import Begun, Ended, Turn


def take(turn: Turn, channel: Channel) -> Ended:
    """``dies…`` is killed, ``broken…`` raises, ``fails…`` fails, ``slow…`` works until somebody interrupts it."""
    over = threading.Event()
    channel.interrupted_by(over.set)
    if turn.stack.startswith("unknown"):
        return Ended("failed", "", ("no such stack",))
    if not channel.ask(Begun("prepare")):
        return Ended("failed", "prepare", ("the run was interrupted",))
    with (turn.root / "took.txt").open("a") as took:
        took.write(f"{turn.stack} {turn.phase} {'recover' if turn.recover else '-'}\n")
    if turn.stack.startswith("dies"):
        os.kill(os.getpid(), signal.SIGKILL)
    if turn.stack.startswith("fails"):
        return Ended("failed", "prepare", ("no access",))
    if turn.stack.startswith("slow"):
        (turn.root / f"{turn.stack}.pid").write_text(str(os.getpid()))
        over.wait(60)
        (turn.root / f"{turn.stack}.ended").write_text("in order")
        return Ended("failed", "prepare", ("the run was interrupted",))
    return Ended("done", turn.phase or "cutover")
