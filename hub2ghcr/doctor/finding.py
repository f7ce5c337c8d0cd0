"""One line of a doctor: what was tried, how it stands, and what to do."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from ..errors import Hub2GhcrError
from ..token_shapes import redacted

State = Literal["ok", "warning", "failure"]


@dataclass(frozen=True, slots=True)
class Finding:
    """What became of one question.

    Attributes:
        state: ``failure`` is what a run would fail by; a ``warning`` does not stop it, or is not known.
        area: ``credential``, ``registry``, ``cluster``, ``platform``, ``engine``, ``program`` or ``stack``.
        name: which of them.
        text: what is so, without any secret; in one line, whatever it was given.
        remedy: what to do, empty where nothing is to be done.
    """

    state: State
    area: str
    name: str
    text: str
    remedy: str = ""

    def __post_init__(self) -> None:
        object.__setattr__(self, "text", redacted(" ".join(self.text.split())))

    def __str__(self) -> str:
        return f"{self.area} {self.name}: {self.text}{f'; {self.remedy}' if self.remedy else ''}"


def failures(area: str, name: str, error: Hub2GhcrError, state: State = "failure") -> list[Finding]:
    """Return a finding for each line of an error; what it begins with is not said twice."""
    return [Finding(state, area, name, line.removeprefix(f"{area} {name}: ")) for line in error.lines]
