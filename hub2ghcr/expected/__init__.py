"""What a run expects of a cluster, proven in previews too, and all at once: nothing is changed by half."""

from .expectation import Expectation, State
from .planned import expectations
from .proof import prove

__all__ = ["Expectation", "State", "expectations", "prove"]
