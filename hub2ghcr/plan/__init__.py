"""What one stack will do: frozen, sorted, the same bytes for the same input. It asks no engine, no cluster."""

from .decide import build
from .nouns import (
    Cluster,
    CredentialRef,
    Delivery,
    GitHub,
    ImageChange,
    ImageCopy,
    Namespace,
    Package,
    Phase,
    Plan,
    PullSecret,
    RegistryAccess,
    Repository,
    Untouched,
    Workload,
)

__all__ = [
    "Cluster",
    "CredentialRef",
    "Delivery",
    "GitHub",
    "ImageChange",
    "ImageCopy",
    "Namespace",
    "Package",
    "Phase",
    "Plan",
    "PullSecret",
    "RegistryAccess",
    "Repository",
    "Untouched",
    "Workload",
    "build",
]
