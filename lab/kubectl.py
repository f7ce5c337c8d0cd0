"""The real kubectl, run against the lab's cluster."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Mapping
from typing import Any

from lab.errors import LabError


def kubectl(env: Mapping[str, str], *args: str, stdin: str | None = None, timeout: float = 120.0) -> str:
    """Run ``kubectl ARGS`` with the lab's environment added to this one and return what it prints.

    ``timeout`` is in seconds. Raises ``LabError`` with kubectl's own words when it fails or takes longer.
    """
    command = ["kubectl", *args]
    try:
        done = subprocess.run(
            command,
            input=stdin,
            env={**os.environ, **env},
            capture_output=True,
            text=True,
            timeout=timeout,
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise LabError(f"`{' '.join(command)}` did not end within {timeout:.0f} s") from error
    if done.returncode != 0:
        raise LabError(f"`{' '.join(command)}` failed", details=tuple(done.stderr.splitlines()[-10:]))
    return done.stdout


def get(env: Mapping[str, str], *args: str) -> list[dict[str, Any]]:
    """The objects that ``kubectl get ARGS -o json`` lists."""
    answer = json.loads(kubectl(env, "get", *args, "-o", "json"))
    items: list[dict[str, Any]] = answer.get("items", [answer])
    return items
