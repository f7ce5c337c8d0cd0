"""OpenShift: the pull secret of all nodes, and mirrors that serve pulls of Docker Hub names from GHCR."""

from .nouns import MirrorRule, MirrorSet, Opens, OpenShift, SourcePolicy

__all__ = ["MirrorRule", "MirrorSet", "OpenShift", "Opens", "SourcePolicy"]
