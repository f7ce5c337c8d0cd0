"""What one stack will do: frozen, sorted, the same bytes for the same input. It asks no engine, no cluster."""

from .decide import REQUIRE_ABOVE, build
from .nouns import (
    Cluster,
    CredentialRef,
    Delivery,
    GitHub,
    ImageChange,
    ImageCopy,
    Mirror,
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
    "REQUIRE_ABOVE",
    "Cluster",
    "CredentialRef",
    "Delivery",
    "GitHub",
    "ImageChange",
    "ImageCopy",
    "Mirror",
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
