"""Trying everything that a stack needs, by questions that change nothing: credentials, registries, clusters, programs.

Nothing is written anywhere. Where the right to push is to be proven, a token for pushing is asked for and not used.
"""

from .examination import Examination, examine
from .finding import Finding

__all__ = ["Examination", "Finding", "examine"]
