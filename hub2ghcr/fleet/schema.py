"""The keys of ``stacks/fleet.yaml``, as types. Unknown keys are refused."""

from __future__ import annotations

import re
from typing import Annotated, Any, Final

from pydantic import AfterValidator, ConfigDict, Field

from ..settings.fields import InsidePath, LabelKey, LabelValue, Model, Name, matching

UNITS: Final = {"s": 1, "m": 60, "h": 3600, "d": 86400}
"""Seconds of the units of a duration."""

_DURATION: Final = re.compile(r"(\d{1,6})([smhd])")
_PERCENT: Final = re.compile(r"(\d{1,2}|100)%")


def seconds(text: str) -> float:
    """Return the seconds of a duration such as ``90s``, ``10m``, ``2h`` or ``1d``.

    Raises:
        ValueError: it is none.
    """
    if (found := _DURATION.fullmatch(text)) is None:
        raise ValueError("must be a duration such as 90s, 10m or 2h")
    return float(found[1]) * UNITS[found[2]]


def _duration(value: str) -> str:
    seconds(value)
    return value


def _budget(value: int | str) -> int | str:
    if (isinstance(value, str) and not _PERCENT.fullmatch(value)) or (isinstance(value, int) and value < 0):
        raise ValueError('must be a number of clusters, or a part of them such as "5%"')
    return value


Concurrency = Annotated[int, Field(ge=1)]


class GateSettings(Model):
    """What is asked of the clusters of a wave (`hub2ghcr.fleet.gates.Gate`); a wave's keys go before the fleet's."""

    availability: Annotated[float, Field(ge=0, le=1)] | None = None
    pullErrors: Annotated[int, Field(ge=0)] | None = None
    soak: Annotated[str, AfterValidator(_duration)] | None = None


class FleetClusterSettings(Model):
    """One cluster: labels, its stack (default: of the cluster's name), and keys for a stack file that is missing."""

    model_config = ConfigDict(extra="allow")

    labels: dict[LabelKey, LabelValue] = Field(default_factory=dict)
    stack: Annotated[str, matching(r"[A-Za-z0-9_.-]+", "a stack's name")] | None = None

    @property
    def values(self) -> dict[str, Any]:
        """The keys that are a stack file's."""
        return dict(self.model_extra or {})


class WaveSettings(Model):
    """One wave: the clusters that have all labels of ``select``, or with ``rest`` all that no wave before has."""

    name: Name
    select: dict[LabelKey, LabelValue] = Field(default_factory=dict)
    rest: bool = False
    concurrency: Concurrency | None = None
    gate: GateSettings = GateSettings()


class FleetSettings(Model):
    """The file."""

    concurrency: Concurrency = 4
    budget: Annotated[int | str, AfterValidator(_budget)] = 0
    gate: GateSettings = GateSettings()
    template: InsidePath | None = None
    clusters: dict[Name, FleetClusterSettings]
    waves: tuple[WaveSettings, ...]
