"""Kubeconfigs: how a program reaches the lab's API server, and as whom."""

from __future__ import annotations

import base64
import json
import os
from pathlib import Path


def write(path: Path, *, server: str, authority: Path, user: str, token: str) -> None:
    """Write a kubeconfig with one context ``lab`` of cluster ``lab``, the authority's certificate embedded.

    JSON is YAML, so that no YAML library is needed here. The file is replaced whole and readable by its owner only.
    """
    config = {
        "apiVersion": "v1",
        "kind": "Config",
        "current-context": "lab",
        "clusters": [
            {
                "name": "lab",
                "cluster": {
                    "server": server,
                    "certificate-authority-data": base64.b64encode(authority.read_bytes()).decode(),
                },
            }
        ],
        "users": [{"name": user, "user": {"token": token}}],
        "contexts": [{"name": "lab", "context": {"cluster": "lab", "user": user}}],
    }
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_suffix(".tmp")
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as sink:
        json.dump(config, sink, indent=2, sort_keys=True)
        sink.write("\n")
    draft.replace(path)
