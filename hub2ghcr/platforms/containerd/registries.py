"""The ``registries.yaml`` of k3s and RKE2 (docs.k3s.io and docs.rke2.io, "Private Registry Configuration")."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import yaml

from ...credentials import Credential
from .hosts import MARK
from .mirror import Route


def registries_yaml(routes: Sequence[Route], home: str, credential: Credential | None) -> str:
    """Return the whole file; ``credential`` opens ``home``, where the packages are private.

    Whether a registry itself is asked at last is no matter of this file: ``--disable-default-registry-endpoint`` is.
    """
    data: dict[str, Any] = {
        "mirrors": {each.registry: {"endpoint": [each.endpoint], "rewrite": dict(each.rewrites)} for each in routes}
    }
    if credential is not None:
        data["configs"] = {home: {"auth": {"username": credential.username, "password": credential.secret}}}
    return f"{MARK}.\n{yaml.safe_dump(data, sort_keys=True)}"
