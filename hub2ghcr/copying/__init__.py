"""Copying locked images to GHCR: the same bytes, so the same digests, and nothing that is there already."""

from .copier import JOBS, Copier, copy_image, present
from .homes import Homes
from .job import Copied, Failed, Job, Left, Outcome, Result
from .narrowing import narrow
from .progress import Progress, Silent

__all__ = [
    "JOBS",
    "Copied",
    "Copier",
    "Failed",
    "Homes",
    "Job",
    "Left",
    "Outcome",
    "Progress",
    "Result",
    "Silent",
    "copy_image",
    "narrow",
    "present",
]
