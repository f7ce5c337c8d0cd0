"""What a run expects of a cluster, proven before it changes anything, and all at once: nothing is changed by half."""

from .expectation import Expectation, State
from .expectations import Expectations
from .grant import Grant
from .planned import expectations
from .proof import prove

__all__ = ["Expectation", "Expectations", "Grant", "State", "expectations", "prove"]
