"""Delivery ``render``: files with their images moved, for repositories that Argo CD or Flux watch."""

from .file import File
from .folder import Difference, differences, write
from .proposing import github, proposal
from .target import Branch, Folder, Rendering, checked, renderings

__all__ = [
    "Branch",
    "Difference",
    "File",
    "Folder",
    "Rendering",
    "checked",
    "differences",
    "github",
    "proposal",
    "renderings",
    "write",
]
