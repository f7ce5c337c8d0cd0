"""What lives in the clusters of a stack, as far as a plan needs it: ``stacks/<stack>.inventory.yaml``.

The file is committed, sorted and without secrets. Plans and previews read it and no cluster.
"""

from .facts import (
    AccountFacts,
    ClusterFacts,
    ImageFacts,
    Inventory,
    NamespaceFacts,
    RunningFacts,
    SecretFacts,
    WorkloadFacts,
)
from .reading import file_of, load
from .writing import text, write

__all__ = [
    "AccountFacts",
    "ClusterFacts",
    "ImageFacts",
    "Inventory",
    "NamespaceFacts",
    "RunningFacts",
    "SecretFacts",
    "WorkloadFacts",
    "file_of",
    "load",
    "text",
    "write",
]
