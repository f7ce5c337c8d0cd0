"""The one door to the Pulumi engine: runs of a stack, what they say, and the stack's state.

Runs go through the Automation API with the ``pulumi`` of PATH. Nothing here asks for secrets but `secret`, for the one
that it is asked for: outputs and configuration are not read back, and no value stands on a command line.
"""

from .events import Said, Stage, Step
from .explaining import explained
from .foreseen import EngineStep, Foreseen, done, failed, foresee
from .options import RunOptions, options
from .phase_change import DEFAULT, Change, Outcome, change
from .run import Failed, Run
from .secret import secret
from .state import Operation, Resource, State

__all__ = [
    "DEFAULT",
    "Change",
    "EngineStep",
    "Failed",
    "Foreseen",
    "Operation",
    "Outcome",
    "Resource",
    "Run",
    "RunOptions",
    "Said",
    "Stage",
    "State",
    "Step",
    "change",
    "done",
    "explained",
    "failed",
    "foresee",
    "options",
    "secret",
]
