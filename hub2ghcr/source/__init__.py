"""A file's text as bytes: what its scalars mean, where they stand, and edits that change nothing else."""

from .edit import apply
from .scalar import Scalar, Style
from .tree import ListNode, MapNode, Node, trees

__all__ = ["ListNode", "MapNode", "Node", "Scalar", "Style", "apply", "trees"]
