"""A small project that plans without a problem; tests change one thing in it."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import settings as hypothesis_settings

from hub2ghcr.lock import Entry, Lock, Resolved
from hub2ghcr.settings import Settings, load
from lab import toolchain

# A busy machine is no failure
hypothesis_settings.register_profile("hub2ghcr", deadline=None)
hypothesis_settings.load_profile("hub2ghcr")

DIGEST = "sha256:" + "1" * 64
Config = dict[str, Any]

CONFIG = """
pulumi:disable-default-providers: [kubernetes, github]
hub2ghcr:phase: cutover
hub2ghcr:registries:
  docker.io: {endpoint: "${HUB_URL}"}
  ghcr.io: {push: push}
hub2ghcr:credentials:
  push: {username: pusher, secretKey: pushToken}
  pull: {username: puller, secretKey: pullToken}
  admin: {username: admin, secretKey: adminToken}
  publish: {username: publisher, secretKey: publishToken}
hub2ghcr:pushToken: {secure: v1:a:b}
hub2ghcr:pullToken: {secure: v1:a:b}
hub2ghcr:adminToken: {secure: v1:a:b}
hub2ghcr:publishToken: {secure: v1:a:b}
hub2ghcr:mapping:
  rules:
    - {from: docker.io/library/*, to: ghcr.io/acme/mirror/*}
    - {from: docker.io/acme/*, to: ghcr.io/acme/*}
hub2ghcr:github:
  owner: Acme
  credential: admin
  repositories:
    shop:
      secrets: {CR_PAT: publish}
      workflow: {path: .github/workflows/docker-publish.yml, image: shop, flavour: pat}
  packages:
    mirror/nginx: {visibility: public}
hub2ghcr:clusters:
  - name: one
    kubeconfig: ${KUBECONFIG}
    context: lab
    pull: pull
    namespaces:
      shop: {manifests: [shop.yaml]}
      new: {create: true, delivery: own, manifests: [new.yaml]}
"""

SHOP = """
apiVersion: apps/v1
kind: Deployment
metadata: {name: web, namespace: shop}
spec:
  template:
    spec:
      containers: [{name: web, image: "nginx:1.27"}, {name: side, image: "quay.io/x/side:1"}]
---
apiVersion: v1
kind: ConfigMap
metadata: {name: web, namespace: shop}
---
apiVersion: batch/v1
kind: CronJob
metadata: {name: elsewhere, namespace: shop}
spec: {jobTemplate: {spec: {template: {spec: {containers: [{name: a, image: "ghcr.io/acme/tools:3"}]}}}}}
"""

NEW = """
apiVersion: v1
kind: Pod
metadata: {name: smoke}
spec: {containers: [{name: shop, image: "acme/shop:1.4.2"}]}
"""


def entry(source: str, target: str, digest: str = DIGEST) -> Entry:
    """Return a lock entry."""
    resolved = Resolved("2026-11-20T10:00:00Z", "docker.io")
    return Entry(source, digest, "application/vnd.oci.image.index.v1+json", ("linux/amd64",), 1, target, resolved)


LOCK = Lock(
    (
        entry("docker.io/library/nginx:1.27", "ghcr.io/acme/mirror/nginx:1.27"),
        entry("docker.io/acme/shop:1.4.2", "ghcr.io/acme/shop:1.4.2"),
    )
)


class Project:
    """A project's folder with one stack, ``test``, that tests change before they read it."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.config: Config = yaml.safe_load(CONFIG)
        self.lock = LOCK
        self.write("shop.yaml", SHOP)
        self.write("new.yaml", NEW)

    def write(self, name: str, text: str) -> None:
        """Write a file of the project."""
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")

    def change(self, change: Callable[[Config], object]) -> Project:
        """Change the configuration, whose keys are without their namespace."""
        own = {key.partition(":")[2]: value for key, value in self.config.items() if key.startswith("hub2ghcr:")}
        change(own)
        rest = {key: value for key, value in self.config.items() if not key.startswith("hub2ghcr:")}
        self.config = {**rest, **{f"hub2ghcr:{key}": value for key, value in own.items()}}
        return self

    def save(self) -> Project:
        """Write stack file and lock."""
        self.write("stacks/Pulumi.test.yaml", yaml.safe_dump({"config": self.config}, sort_keys=False))
        self.lock.dump(self.root / "images.lock.yaml")
        return self

    def settings(self, environ: dict[str, str] | None = None) -> Settings:
        """Save and read the stack."""
        return load("test", self.save().root, environ or {})


@pytest.fixture
def project(tmp_path: Path) -> Project:
    """Return a project that plans without a problem."""
    return Project(tmp_path)


@pytest.fixture(scope="session")
def programs() -> str:
    """The folders of kustomize and helm, for PATH."""
    return os.pathsep.join(map(str, toolchain.resolve(["helm", "kustomize"], quiet=True).folders))


@pytest.fixture
def on_path(programs: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Kustomize and helm are on PATH."""
    monkeypatch.setenv("PATH", programs + os.pathsep + os.environ["PATH"])
