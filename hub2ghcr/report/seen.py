"""What was seen of the world, before anything is made of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from ..allowance import Allowance
from ..engine.past import PastRun
from ..status import Status
from .nouns import NotLooked


@dataclass(frozen=True, slots=True)
class Seen:
    """What was seen for one stack's report; all of it may be missing.

    Attributes:
        statuses: where namespaces stand, by cluster and namespace.
        there: whether images are at their targets, by `ImageCopy.target`; one that got no answer is missing.
        hub_asked: whether Docker Hub was asked for what is left of its allowance.
        allowance: what it said; None where it told of no limit.
        runs: of the engine.
        not_looked: what was not seen, and why.
    """

    statuses: Mapping[tuple[str, str], Status] = field(default_factory=dict)
    there: Mapping[str, bool] = field(default_factory=dict)
    hub_asked: bool = False
    allowance: Allowance | None = None
    runs: tuple[PastRun, ...] = ()
    not_looked: tuple[NotLooked, ...] = ()


NOTHING: Final = Seen(
    not_looked=(NotLooked("clusters, registries and the engine", "the report was asked for offline"),)
)
"""What a report knows from files alone."""
