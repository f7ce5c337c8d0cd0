"""The keys below ``hub2ghcr:clusters[].openshift``: what holds for the nodes of a whole OpenShift cluster."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Discriminator, Tag

from .fields import Host, Model, Name

Opens = Annotated[
    Annotated[Name, Tag("[name]")] | Annotated[dict[Host, Name], Tag("[registries]")],
    Discriminator(lambda value: "[registries]" if isinstance(value, dict) else "[name]"),
]
"""A credential by name, for the registry that images move to; or one for each registry host."""


class OpenShiftSettings(Model):
    """What ``openshift-config/pull-secret`` opens besides, and which mirror sets are made of the mapping.

    ``sourcePolicy`` holds from phase ``seal`` on; before nodes ask the source for what no mirror has.
    """

    globalPullSecret: Opens | None = None
    mirrorSets: tuple[Literal["digest", "tag"], ...] = ()
    sourcePolicy: Literal["AllowContactingSource", "NeverContactSource"] = "AllowContactingSource"
