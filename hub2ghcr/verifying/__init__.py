"""Proving that locked images are at their targets, whole, and that whoever needs them can pull them."""

from .expected import Expected, Reader
from .planned import expected
from .verified import Verified
from .verifier import JOBS, Verifier

__all__ = ["JOBS", "Expected", "Reader", "Verified", "Verifier", "expected"]
