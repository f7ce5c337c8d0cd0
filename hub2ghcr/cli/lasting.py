"""What shows a run shows it as long as somebody looks: a terminal that goes, or a reader, ends no run."""

from __future__ import annotations

import os
from collections.abc import Callable
from contextlib import AbstractContextManager, suppress
from types import TracebackType
from typing import Generic, Self, TypeVar

_Told = TypeVar("_Told")


class Lasting(Generic[_Told]):
    """Shows what another shows, and nothing from the moment when that cannot be written any more.

    Args:
        shown: the other.
        file: the number of the file that it writes to.
    """

    def __init__(self, shown: AbstractContextManager[Callable[[_Told], object]], file: int) -> None:
        self._shown, self._file = shown, file
        self._told: Callable[[_Told], object] = lambda _: None

    def __enter__(self) -> Self:
        try:
            self._told = self._shown.__enter__()
        except OSError:
            self._gone()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, where: TracebackType | None
    ) -> None:
        try:
            self._shown.__exit__(kind, error, where)
        except OSError:
            self._gone()

    def __call__(self, what: _Told) -> None:
        """Show it."""
        try:
            self._told(what)
        except OSError:
            self._gone()

    def _gone(self) -> None:
        """Have the rest go nowhere: what is still in a buffer would be tried again, and fail, when we end."""
        with suppress(OSError):
            nowhere = os.open(os.devnull, os.O_WRONLY)
            os.dup2(nowhere, self._file)
            os.close(nowhere)
