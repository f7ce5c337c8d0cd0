"""Copying locked images to GHCR: the same bytes, so the same digests, and nothing that is there already."""

from .copier import JOBS, Copier, Progress, Silent, copy_image, present
from .job import Copied, Failed, Job, Left, Outcome
from .narrowing import narrow

__all__ = [
    "JOBS",
    "Copied",
    "Copier",
    "Failed",
    "Job",
    "Left",
    "Outcome",
    "Progress",
    "Silent",
    "copy_image",
    "narrow",
    "present",
]
