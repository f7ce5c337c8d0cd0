"""Where one namespace stands."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from ..plan import Phase

Guarding = Literal["none", "audit", "deny"]


@dataclass(frozen=True, slots=True)
class Part:
    """One part of the way: how much of it is done, and a sentence for each thing that is not."""

    done: int
    of: int
    lacking: tuple[str, ...] = ()

    def __str__(self) -> str:
        return f"{self.done}/{self.of}" if self.of else "-"


@dataclass(frozen=True, slots=True)
class Status:
    """One namespace of a cluster.

    ``copied``: images at their targets; ``granted``: images that the namespace's own pull Secret opens (public ones:
    that open to anyone), and entries of ServiceAccounts; ``switched``: workloads whose objects name the new images;
    ``running``: workloads whose Pods run them. ``on_hub``: Docker Hub images of Pods, with how many
    (``nginx:1.27 (3 Pods)``); ``staying`` those of them that the settings leave there. ``problems``: what is not as its
    phase says.
    """

    cluster: str
    namespace: str
    phase: Phase
    copied: Part
    granted: Part
    switched: Part
    running: Part
    on_hub: tuple[str, ...]
    staying: tuple[str, ...]
    guard: Guarding
    problems: tuple[str, ...]

    @property
    def place(self) -> str:
        """How it is called: ``CLUSTER/NAMESPACE``."""
        return f"{self.cluster}/{self.namespace}"

    def parts(self) -> Iterator[tuple[str, Part]]:
        """Yield the parts of the way by name, in their order."""
        yield "copied", self.copied
        yield "granted", self.granted
        yield "switched", self.switched
        yield "running", self.running
