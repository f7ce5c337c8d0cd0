"""What was seen of one namespace, before anything is made of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from ..switching.rollout import Standing
from .nouns import Guarding

Name = tuple[str, str]
"""Kind and name of a workload."""


@dataclass(frozen=True, slots=True)
class Running:
    """One live workload: the images of its containers by name, and where it stands on its way to those of the plan.

    ``owner`` is who owns it, as `hub2ghcr.owning.owner` says.
    """

    images: Mapping[str, str]
    standing: Standing
    owner: str = ""


@dataclass(frozen=True, slots=True)
class Facts:
    """What was seen of one namespace.

    ``there``: whether it exists. ``refused``: target -> why it is not pulled, with the namespace's own Secret or, where
    it is public, without any. ``absent``: target -> why it is not known to be at its target, of those that are refused.
    ``entries``: ServiceAccounts without our entry. ``workloads``: the live ones of the plan; one that is not there is
    missing. ``pods``: the images of each Pod that is not leaving.
    """

    there: bool
    refused: Mapping[str, str] = field(default_factory=dict)
    absent: Mapping[str, str] = field(default_factory=dict)
    entries: tuple[str, ...] = ()
    workloads: Mapping[Name, Running] = field(default_factory=dict)
    pods: tuple[tuple[str, ...], ...] = ()
    guard: Guarding = "none"
