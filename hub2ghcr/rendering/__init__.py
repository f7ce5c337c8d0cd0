"""Delivery ``render``: files with their images moved, for repositories that Argo CD or Flux watch.

The pull request that brings them is `hub2ghcr.rendering.proposing`, which is loaded by who makes one.
"""

from .file import File
from .folder import Difference, differences, write
from .target import Branch, Folder, Rendering, checked, renderings

__all__ = [
    "Branch",
    "Difference",
    "File",
    "Folder",
    "Rendering",
    "checked",
    "differences",
    "renderings",
    "write",
]
