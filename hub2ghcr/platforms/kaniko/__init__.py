"""kaniko: builds inside a cluster. What is known of a build before it starts."""

from importlib import import_module
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from .checking import check
    from .context import Seen, dockerfile_names
    from .existing import remarks
    from .finding import Finding
    from .seeing import seen

__all__ = ["Finding", "Seen", "check", "dockerfile_names", "remarks", "seen"]

_FROM: Final = {
    "Finding": "finding",
    "Seen": "context",
    "check": "checking",
    "dockerfile_names": "context",
    "remarks": "existing",
    "seen": "seeing",
}


def __getattr__(name: str) -> Any:
    """Load what checks a build when it is asked for: a provider's process knows the noun alone, and begins sooner."""
    if name not in _FROM:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f".{_FROM[name]}", __name__), name)
