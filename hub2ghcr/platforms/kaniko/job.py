"""The objects of one build: its Job, and the Secret with which it pushes."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from typing import Any, Final

from ...credentials import Credential
from ...owning import MANAGED_BY, MANAGER
from ...pull_secrets import secret as pull_secret
from .build import RECEIVED, Build

BUILD: Final = "hub2ghcr/build"
"""The label that names a build."""
KANIKO: Final = "kaniko"
"""The container that builds."""
RECEIVER: Final = "context"
"""The init container that waits for a context that is handed over."""
TTL: Final = 3600
"""Seconds that a finished Job stays, with its log, where nobody removes it before; with it goes all that it has."""

_DOCKER_CONFIG: Final = "/kaniko/.docker"
"""Where kaniko looks for ``config.json``: its image sets ``DOCKER_CONFIG`` so."""
_GIT: Final = {"GIT_USERNAME": "git-username", "GIT_PASSWORD": "git-password"}
"""The variables by which kaniko clones (``pkg/buildcontext/git.go``), each with its key in the Secret."""
_WAIT: Final = f"trap 'exit 143' TERM; until [ -f {RECEIVED} ]; do sleep 1; done"


def job(build: Build, namespace: str, name: str, *, suspended: bool) -> dict[str, Any]:
    """Return the Job. It begins ``suspended``, so that its Secret can belong to it before a Pod needs that."""
    volumes: list[dict[str, Any]] = [
        {
            "name": "push",
            "secret": {
                "secretName": name,
                "items": [{"key": pull_secret.KEYS[pull_secret.TYPE], "path": "config.json"}],
            },
        }
    ]
    mounts: list[dict[str, Any]] = [{"name": "push", "mountPath": _DOCKER_CONFIG, "readOnly": True}]
    spec: dict[str, Any] = {"restartPolicy": "Never", "volumes": volumes}
    if build.service_account:
        spec["serviceAccountName"] = build.service_account
    else:
        # what a Dockerfile runs has no business with the API server
        spec["automountServiceAccountToken"] = False
    if build.context.handed:
        shared = {"name": "context", "mountPath": RECEIVED.rpartition("/")[0]}
        volumes.append({"name": "context", "emptyDir": {}})
        mounts.append(shared)
        spec["initContainers"] = [
            {"name": RECEIVER, "image": build.executor, "command": ["sh", "-c", _WAIT], "volumeMounts": [shared]}
        ]
    container: dict[str, Any] = {
        "name": KANIKO,
        "image": build.executor,
        "args": list(build.flags),
        # the executor asks whether it is in a container before it touches /; without a token mounted it may not know
        "env": [{"name": "container", "value": "kube"}],
        "volumeMounts": mounts,
        "terminationMessagePolicy": "FallbackToLogsOnError",
    }
    if build.clone:
        container["env"] += [
            {"name": variable, "valueFrom": {"secretKeyRef": {"name": name, "key": key}}}
            for variable, key in _GIT.items()
        ]
    if build.resources:
        container["resources"] = {key: dict(value) for key, value in sorted(build.resources.items())}
    spec["containers"] = [container]
    labels = _labels(build)
    return {
        "apiVersion": "batch/v1",
        "kind": "Job",
        "metadata": {"name": name, "namespace": namespace, "labels": labels},
        "spec": {
            "suspend": suspended,
            "backoffLimit": 0,
            "activeDeadlineSeconds": build.timeout,
            "ttlSecondsAfterFinished": TTL,
            "template": {"metadata": {"labels": labels}, "spec": spec},
        },
    }


def push_secret(
    build: Build, owner: Mapping[str, Any], credential: Credential, clone: Credential | None = None
) -> dict[str, Any]:
    """Return the Secret that opens the registry of the image, and the repository; it goes with the Job ``owner``.

    Raises:
        Problems: see `hub2ghcr.pull_secrets.secret.document`.
    """
    about = owner["metadata"]
    host = build.image.partition("/")[0]
    found = pull_secret.document(about["name"], about["namespace"], {host: credential}, labels=_labels(build))
    found["metadata"]["ownerReferences"] = [
        {"apiVersion": "batch/v1", "kind": "Job", "name": about["name"], "uid": about["uid"]}
    ]
    if clone is not None:
        for key, value in zip(_GIT.values(), (clone.username, clone.secret), strict=True):
            found["data"][key] = base64.b64encode(value.encode()).decode()
    return found


def _labels(build: Build) -> dict[str, str]:
    return {BUILD: build.name, MANAGED_BY: MANAGER}
