"""A project whose files a test writes, and its sources."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from hub2ghcr.places import Places
from hub2ghcr.sources import Entry, Source, Sources

DEPLOYMENT = """apiVersion: apps/v1
kind: Deployment
metadata: {name: NAME}
spec:
  template:
    spec:
      containers:
        - name: web
          image: nginx:1.27
"""


def deployment(name: str) -> str:
    return DEPLOYMENT.replace("NAME", name)


Write = Callable[[Mapping[str, str]], None]
Load = Callable[..., Source]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Write files of the project."""

    def write(files: Mapping[str, str]) -> None:
        for name, text in files.items():
            (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / name).write_text(text)

    return write


@pytest.fixture
def load(tmp_path: Path) -> Load:
    """Load an entry of the project for namespace ``shop``."""

    def load(entry: Entry, namespace: str = "shop", version: str = "") -> Source:
        return Sources(tmp_path, Places(())).load(entry, namespace, version)

    return load
