"""After a run that was killed: its lock, what it was doing, and what the cluster has that the state does not know."""

from .checkpoint import mend
from .locks import Lock, Unknown, find
from .machine import Machine
from .objects import Found, Missing, missing
from .recovery import Recovered, recover, release
from .settling import Settled, settle
from .stack import recover_stack

__all__ = [
    "Found",
    "Lock",
    "Machine",
    "Missing",
    "Recovered",
    "Settled",
    "Unknown",
    "find",
    "mend",
    "missing",
    "recover",
    "recover_stack",
    "release",
    "settle",
]
