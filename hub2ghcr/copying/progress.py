"""Who is told how the copying goes."""

from __future__ import annotations

from typing import Protocol

from .job import Job, Result


class Progress(Protocol):
    """Is told how the work goes, from many threads."""

    def expect(self, job: Job, size: int) -> None:
        """Take note that an image has begun, or of ``size`` more bytes of it to be placed at the target."""

    def advance(self, job: Job, size: int) -> None:
        """Take note of ``size`` bytes placed: sent, mounted or found there. Negative when they must be sent again."""

    def finish(self, result: Result) -> None:
        """Take note of an image that is done with: each one once."""

    def wait(self, seconds: float, images: int) -> None:
        """Take note of a pause of ``seconds`` for pulls, with so many ``images`` still to copy."""


class Silent:
    """Progress that nobody watches."""

    def expect(self, job: Job, size: int) -> None:
        """Do nothing."""

    def advance(self, job: Job, size: int) -> None:
        """Do nothing."""

    def finish(self, result: Result) -> None:
        """Do nothing."""

    def wait(self, seconds: float, images: int) -> None:
        """Do nothing."""
