"""kaniko: builds inside a cluster. What is known of a build before it starts."""

from .checking import check
from .context import Seen, dockerfile_names
from .existing import remarks
from .finding import Finding
from .seeing import seen

__all__ = ["Finding", "Seen", "check", "dockerfile_names", "remarks", "seen"]
