"""What is found in a build before it starts: what would stop it, and what would surprise."""

from __future__ import annotations

from dataclasses import dataclass

from ...errors import SettingsError


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing about a build.

    Attributes:
        place: ``context``, ``context-sub-path``, ``dockerfile``, or a line of it: ``Dockerfile:12``.
        what: what is wrong; it holds no secret.
        remedy: what to write instead.
        stops: whether the executor cannot build it. What does not stop is worth a word.
    """

    place: str
    what: str
    remedy: str = ""
    stops: bool = True

    def error(self, path: str) -> SettingsError:
        """Return it as an error at a settings path."""
        return SettingsError(f"{self.place}: {self.what}", path, remedy=self.remedy)

    def __str__(self) -> str:
        return f"{self.place}: {self.what}" + (f"; {self.remedy}" if self.remedy else "")
