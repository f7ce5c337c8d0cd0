"""A whole answer of a registry."""

from __future__ import annotations

from dataclasses import dataclass

from urllib3 import HTTPHeaderDict


@dataclass(frozen=True, slots=True)
class Answer:
    """Status, headers (found in any case of letters) and body."""

    status: int
    headers: HTTPHeaderDict
    body: bytes

    @property
    def text(self) -> str:
        """The body as text, whatever it is."""
        return self.body.decode(errors="replace")
