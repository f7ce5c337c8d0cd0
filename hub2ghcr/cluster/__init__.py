"""One cluster's API: objects read, listed, applied and deleted, with its refusals as errors of one line."""

from .client import Cluster, Live, Right

__all__ = ["Cluster", "Live", "Right"]
