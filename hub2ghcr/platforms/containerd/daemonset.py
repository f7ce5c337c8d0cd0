"""The DaemonSet that writes ``hosts.toml`` on every node, and the same one as it takes back what it wrote."""

from __future__ import annotations

from collections.abc import Mapping
from importlib.resources import files as resources
from typing import Any, Final

from ...owning import MANAGED_BY, MANAGER, STACK
from .hosts import hosts_toml
from .mirror import NodeMirror

NAME: Final = "hub2ghcr-node-mirror"
"""What it is called: one for each cluster, as the nodes have one folder."""

LABEL: Final = "app.kubernetes.io/name"
_MOUNT: Final = "/certs.d"
_WANTED: Final = "/tmp/wanted"
_END: Final = "HUB2GHCR_END_OF_FILE"

_REAL: Final = {
    "requiredDuringSchedulingIgnoredDuringExecution": {
        "nodeSelectorTerms": [
            {
                "matchExpressions": [
                    {"key": "eks.amazonaws.com/compute-type", "operator": "NotIn", "values": ["fargate"]},
                    {"key": "type", "operator": "NotIn", "values": ["virtual-kubelet"]},
                ]
            }
        ]
    }
}
"""Nodes with a machine below them: others run no DaemonSet, and it would wait for their Pods."""


def writing(mirror: NodeMirror, stack: str) -> dict[str, Any]:
    """Return the DaemonSet whose Pods are ready once their node has the files."""
    public = mirror.login is None
    wanted = {each.folder: hosts_toml(each, fallback=mirror.fallback, public=public) for each in mirror.routes}
    return _document(mirror, stack, "write", wanted)


def restoring(mirror: NodeMirror, stack: str) -> dict[str, Any]:
    """Return the DaemonSet whose Pods are ready once their node has what it had before."""
    return _document(mirror, stack, "restore", {})


def _document(mirror: NodeMirror, stack: str, mode: str, wanted: Mapping[str, str]) -> dict[str, Any]:
    labels = {LABEL: NAME}
    container = {
        "name": "mirror",
        "image": mirror.image,
        "imagePullPolicy": "IfNotPresent",
        "command": ["/bin/sh", "-c", _script(mode, wanted)],
        "env": [{"name": "PATH", "value": "/usr/sbin:/usr/bin:/sbin:/bin"}],
        "readinessProbe": {"exec": {"command": ["/bin/sh", "-c", "test -e /tmp/done"]}, "periodSeconds": 2},
        "resources": {"requests": {"cpu": "5m", "memory": "8Mi"}, "limits": {"memory": "32Mi"}},
        "securityContext": {
            "runAsUser": 0,
            "allowPrivilegeEscalation": False,
            # files of others are kept with their owner and mode
            "capabilities": {"drop": ["ALL"], "add": ["CHOWN", "DAC_OVERRIDE", "FOWNER"]},
        },
        "volumeMounts": [{"name": "folder", "mountPath": _MOUNT}],
    }
    pod: dict[str, Any] = {
        "automountServiceAccountToken": False,
        "priorityClassName": "system-node-critical",
        "terminationGracePeriodSeconds": 5,
        "nodeSelector": {"kubernetes.io/os": "linux"},
        "affinity": {"nodeAffinity": _REAL},
        "tolerations": [{"operator": "Exists"}],
        "containers": [container],
        "volumes": [{"name": "folder", "hostPath": {"path": mirror.folder, "type": "DirectoryOrCreate"}}],
    }
    if mirror.pull_secret:
        pod["imagePullSecrets"] = [{"name": mirror.pull_secret}]
    return {
        "apiVersion": "apps/v1",
        "kind": "DaemonSet",
        "metadata": {
            "name": NAME,
            "namespace": mirror.namespace,
            "labels": {**labels, MANAGED_BY: MANAGER},
            "annotations": {STACK: stack},
        },
        "spec": {
            "selector": {"matchLabels": labels},
            "updateStrategy": {"type": "RollingUpdate", "rollingUpdate": {"maxUnavailable": "100%"}},
            "template": {"metadata": {"labels": labels}, "spec": pod},
        },
    }


def _script(mode: str, wanted: Mapping[str, str]) -> str:
    """Return the whole program: the files stand in it, so that a change of any is a roll-out, which can be awaited."""
    head = [f"FOLDER={_MOUNT} WANTED={_WANTED} MODE={mode}", 'rm -rf "$WANTED" && mkdir -p "$WANTED"']
    head += [f"cat >\"$WANTED/{name}\" <<'{_END}'\n{text}{_END}" for name, text in sorted(wanted.items())]
    return "\n".join([*head, resources(__package__).joinpath("mirror.sh").read_text(encoding="utf-8")])
