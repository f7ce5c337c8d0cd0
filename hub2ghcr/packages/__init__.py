"""Packages on GitHub's registry: what they are beside what is wanted, and which of their versions anything reaches.

Nothing here changes one: GitHub has no API for their settings, and deleting is a person's decision.
"""

from .judging import differences, notes
from .looking import MISSING, Seen, look

__all__ = ["MISSING", "Seen", "differences", "look", "notes"]
