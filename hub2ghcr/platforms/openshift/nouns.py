"""What a stack does to the registries of a whole OpenShift cluster."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

MirrorSet = Literal["digest", "tag"]
"""Which pulls mirrors serve: an ImageDigestMirrorSet's those by digest, an ImageTagMirrorSet's those by tag."""
SourcePolicy = Literal["AllowContactingSource", "NeverContactSource"]
"""Whether a node asks the source for what no mirror has (``mirrorSourcePolicy`` of config.openshift.io/v1)."""


@dataclass(frozen=True, slots=True)
class MirrorRule:
    """Repositories below ``source`` (a registry, a part of one, or one repository) are pulled from ``mirror``."""

    source: str
    mirror: str


@dataclass(frozen=True, slots=True)
class Opens:
    """A registry host that all nodes pull from, with a credential by name, and as whom it speaks."""

    host: str
    credential: str
    username: str


@dataclass(frozen=True, slots=True)
class OpenShift:
    """One cluster's.

    Attributes:
        stack: whose they are: objects of the whole cluster say it.
        name: of the mirror sets.
        opens: what the global pull secret gets, by host; nothing: it is left alone.
        sets: which mirror sets are asked for.
        rules: what they say.
        policy: what holds in this phase.
        mirrored: whether this phase has them; before it is only proven that they can be.
        keep: whether entries of the global pull secret stay in the cluster when they leave the stack.
        merges: whether settings name the global pull secret: with nothing to open any more, our entries go from it.
    """

    stack: str
    name: str
    opens: tuple[Opens, ...] = ()
    sets: tuple[MirrorSet, ...] = ()
    rules: tuple[MirrorRule, ...] = ()
    policy: SourcePolicy = "AllowContactingSource"
    mirrored: bool = False
    keep: bool = False
    merges: bool = False

    @classmethod
    def of(cls, data: Mapping[str, Any]) -> OpenShift:
        """Return one from its plain values, as `dataclasses.asdict` gives them."""
        nouns = {
            "opens": tuple(Opens(**each) for each in data["opens"]),
            "sets": tuple(data["sets"]),
            "rules": tuple(MirrorRule(**each) for each in data["rules"]),
        }
        return cls(**{**data, **nouns})
