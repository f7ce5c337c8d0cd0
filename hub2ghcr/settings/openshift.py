"""The keys below ``hub2ghcr:clusters[].openshift``: what holds for the nodes of a whole OpenShift cluster."""

from __future__ import annotations

from typing import Literal

from .fields import Model, Pull


class OpenShiftSettings(Model):
    """What ``openshift-config/pull-secret`` opens besides, and which mirror sets are made of the mapping.

    ``sourcePolicy`` holds from phase ``seal`` on; before nodes ask the source for what no mirror has.
    """

    globalPullSecret: Pull | None = None
    mirrorSets: tuple[Literal["digest", "tag"], ...] = ()
    sourcePolicy: Literal["AllowContactingSource", "NeverContactSource"] = "AllowContactingSource"
