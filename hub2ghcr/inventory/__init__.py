"""What lives in the clusters of a stack, as far as a plan needs it: ``stacks/<stack>.inventory.yaml``.

The file is committed, sorted and without secrets. Plans and previews read it and no cluster; who takes it
is `hub2ghcr.inventory.stack`.
"""

from .comparing import changes, stale
from .facts import (
    SYSTEM,
    AccountFacts,
    ClusterFacts,
    ImageFacts,
    Inventory,
    NamespaceFacts,
    RunningFacts,
    SecretFacts,
    WorkloadFacts,
)
from .imported import imported
from .reading import file_of, load
from .writing import data, text, write

__all__ = [
    "SYSTEM",
    "AccountFacts",
    "ClusterFacts",
    "ImageFacts",
    "Inventory",
    "NamespaceFacts",
    "RunningFacts",
    "SecretFacts",
    "WorkloadFacts",
    "changes",
    "data",
    "file_of",
    "imported",
    "load",
    "stale",
    "text",
    "write",
]
