"""The few calls that the lab itself makes to its API server."""

from __future__ import annotations

import json
import ssl
import urllib.error
import urllib.request
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

_BODY = {"PATCH": "application/strategic-merge-patch+json"}
"""Content type by method; lists are merged by their keys."""


@dataclass(frozen=True)
class KubeApi:
    """An API server at ``url``, trusted through the certificate in ``authority``, called with ``token``."""

    url: str
    authority: Path
    token: str

    def call(self, method: str, path: str, body: Mapping[str, Any] | None = None) -> tuple[int, str]:
        """Status and text of one request, refusals included; raises ``OSError`` when there is no answer in 5 s."""
        request = urllib.request.Request(
            self.url + path,
            method=method,
            data=None if body is None else json.dumps(body).encode(),
            headers={"Authorization": f"Bearer {self.token}", "Content-Type": _BODY.get(method, "application/json")},
        )
        # A proxy of the environment must not be asked for a loopback address.
        opener = urllib.request.build_opener(
            urllib.request.ProxyHandler({}),
            urllib.request.HTTPSHandler(context=ssl.create_default_context(cafile=str(self.authority))),
        )
        try:
            with opener.open(request, timeout=5) as answer:
                return int(answer.status), answer.read().decode()
        except urllib.error.HTTPError as refusal:
            return refusal.code, refusal.read().decode(errors="replace")

    def missing(self, path: str) -> str | None:
        """None once ``path`` answers 200, else what it answers: for health checks."""
        status, text = self.call("GET", path)
        return None if status == 200 else f"{path} answers {status}: {text[:200]}"
