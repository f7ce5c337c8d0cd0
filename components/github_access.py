"""How a resource of ours reaches GitHub: one client for each credential and provider process.

All that asks in a process waits together where GitHub limits it, and shares its connections.
"""

import threading
from typing import TYPE_CHECKING, Any

from .registry_access import credential

if TYPE_CHECKING:
    from hub2ghcr.github import GitHub


def github(endpoint: str, name: str) -> "GitHub":
    """Return the client of an endpoint as a named credential is answered there; do not close it, others use it.

    Raises:
        CredentialError: the credential is not declared, or has no value.
        GitHubError: the endpoint's variable is not set.
    """
    from hub2ghcr.github import GitHub

    key = (endpoint, credential(name))
    with _lock:
        if key not in _open:
            _open[key] = GitHub(*key)
        return _open[key]


_lock = threading.Lock()
_open: dict[Any, "GitHub"] = {}
