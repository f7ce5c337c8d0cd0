"""Where a migration stands, namespace by namespace: asked of clusters and registries, without the engine."""

from .facts import Facts, Running
from .judging import judge
from .looking import Asking, look
from .nouns import Part, Status

__all__ = ["Asking", "Facts", "Part", "Running", "Status", "judge", "look"]
