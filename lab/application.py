"""The demo's application as it runs before the migration: applied with kubectl, on images from Docker Hub."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from pathlib import Path

from lab.accounts import HUB_READER, QUAY_READER, Account
from lab.kubectl import kubectl

EXISTING = ("shop", "jobs")
"""The namespaces that are there before the migration."""

PULLS = {
    ("shop", "quay-pull"): ("quay.io", QUAY_READER),
    ("jobs", "hub-pull"): ("https://index.docker.io/v1/", HUB_READER),
}
"""Namespace and name of each pull Secret that is there before: the registry's key, and whose credential."""

ROLLOUTS = (
    ("shop", "deployment/web"),
    ("shop", "deployment/shop"),
    ("shop", "deployment/metrics"),
    ("shop", "statefulset/redis"),
    ("jobs", "deployment/worker"),
)


def deploy(env: Mapping[str, str], manifests: Path) -> None:
    """Create the namespaces and their pull Secrets and apply ``manifests/<namespace>.yaml``, as the team once did."""
    for namespace in EXISTING:
        _apply(env, {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": namespace}})
    for (namespace, name), (registry, account) in PULLS.items():
        _apply(env, pull_secret(namespace, name, registry, account))
    for namespace in EXISTING:
        kubectl(env, "apply", "-f", str(manifests / f"{namespace}.yaml"))


def settle(env: Mapping[str, str], *, timeout: int = 120) -> None:
    """Wait until every workload of the application has rolled out; ``timeout`` in seconds for each."""
    for namespace, workload in ROLLOUTS:
        kubectl(env, "rollout", "status", workload, "-n", namespace, f"--timeout={timeout}s", timeout=timeout + 5)


def run_report(env: Mapping[str, str], name: str, *, timeout: int = 60) -> None:
    """Start the CronJob once, now, as Job ``report-<name>``, and wait for its end."""
    kubectl(env, "create", "job", f"report-{name}", "--from=cronjob/report", "-n", "jobs")
    kubectl(
        env, "wait", "--for=condition=complete", f"job/report-{name}", "-n", "jobs", f"--timeout={timeout}s",
        timeout=timeout + 5,
    )  # fmt: skip


def _apply(env: Mapping[str, str], document: object) -> None:
    kubectl(env, "apply", "-f", "-", stdin=json.dumps(document))


def pull_secret(namespace: str, name: str, registry: str, account: Account) -> dict[str, object]:
    """A pull Secret with an account's credential; ``registry`` is the key of its ``config.json``."""
    auth = base64.b64encode(f"{account.user}:{account.token}".encode()).decode()
    config = json.dumps({"auths": {registry: {"username": account.user, "password": account.token, "auth": auth}}})
    return {
        "apiVersion": "v1",
        "kind": "Secret",
        "metadata": {"name": name, "namespace": namespace},
        "type": "kubernetes.io/dockerconfigjson",
        "stringData": {".dockerconfigjson": config},
    }
