"""Pages read at a shell: what ran, what could not run here, and what came out other than the page says."""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from tests.docs.apart import why
from tests.docs.commands import Line
from tests.docs.placeholders import VALUES, own
from tests.e2e.reader import Reader, unlike

HEAD = ("page", "lines", "ran", "left out", "seconds", "why left out")


@dataclass
class Reading:
    """The lines of one page, as they went."""

    page: str
    ran: int = 0
    apart: list[str] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)
    seconds: float = 0.0

    def row(self) -> tuple[str, ...]:
        """The page's line of the table."""
        total, whys = self.ran + len(self.apart), "; ".join(sorted(set(self.apart)))
        return (self.page, str(total), str(self.ran), str(len(self.apart)), f"{self.seconds:.0f}", whys or "-")


def read(
    reader: Reader,
    page: str,
    lines: Iterable[Line],
    *,
    exits: Mapping[str, int] = {},
    names: Mapping[str, str] = {},
    shown: bool = False,
) -> Reading:
    """Type the lines in their order; each ends with 0, or with what ``exits`` says of it.

    ``names`` are the reader's own for placeholders, over `VALUES`. With ``shown`` what the page shows below a line has
    to come: pages but the tutorial show what other stacks print.
    """
    reading = Reading(page)
    for line in lines:
        if reason := why(line.text):
            reading.apart.append(reason)
            continue
        begun = time.monotonic()
        done = reader.type(own(line.text, {**VALUES, **names}))
        reading.ran += 1
        reading.seconds += time.monotonic() - begun
        print(f"$ {line.text}\n{done.text}[{done.code}]\n", flush=True)
        if done.code != exits.get(line.first, 0):
            reading.wrong.append(f"{line}: exit code {done.code}: {done.text[-1000:]}")
        elif shown:
            reading.wrong += [f"{line}: did not come: {each}" for each in unlike(line, done)]
    return reading
