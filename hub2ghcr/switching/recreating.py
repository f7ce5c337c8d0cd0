"""The switch of what cannot be changed in place, a bare Pod or a Job: it is deleted and created anew, where asked for.

Between the two there is no such object, and whoever is killed then must not have lost it. So what is to be created is
written to a Secret of the namespace first (a pod spec may hold secrets), and goes from there once it exists. A run that
finds such a Secret goes on where the one before it ended.
"""

from __future__ import annotations

import base64
import json
import time
from collections.abc import Mapping
from typing import Any, Final

from ..cluster import Cluster
from ..errors import ClusterError
from ..manifests import pod_kind
from ..owning import MANAGED_BY, MANAGER, STACK
from .patching import Object, Switch, as_live, mark, merged, missing, switched

SECONDS: Final = 120.0
"""Seconds that an object may take to go; a Pod is given 30 by default to end."""
PAUSE: Final = 0.5

_OF_THE_SERVER: Final = frozenset(
    {"creationTimestamp", "deletionGracePeriodSeconds", "deletionTimestamp", "generation", "managedFields",
     "resourceVersion", "selfLink", "uid"}
)  # fmt: skip
_OF_THE_JOB: Final = frozenset(
    {"batch.kubernetes.io/controller-uid", "batch.kubernetes.io/job-name", "controller-uid", "job-name"}
)
_TOKEN: Final = "kube-api-access-"
"""How the volume begins that the API server adds for a ServiceAccount's token."""


def recreate(cluster: Cluster, wanted: Switch) -> str:
    """Replace an object by itself with other images; return what stands for it, empty where nothing was done.

    Raises:
        ClusterError: there is no such object, and none that was about to be created; it does not go; the API server
            refuses.
    """
    live, kept = cluster.get(*wanted.key), _kept(cluster, wanted)
    if live is not None:
        if not wanted.switched and not switched(live):
            _forget(cluster, wanted)
            return ""
        if as_live(wanted.document, live) == wanted.document:
            _forget(cluster, wanted)
            return mark(live)
        kept = fresh(live)
        _keep(cluster, wanted, kept)
        cluster.delete(*wanted.key, uid=live["metadata"]["uid"])
        _await_end(cluster, wanted, live["metadata"]["uid"])
    if kept is None:
        raise missing(cluster, wanted)
    created = cluster.create(merged(kept, wanted.document), manager=MANAGER)
    _forget(cluster, wanted)
    return mark(created)


def stands(live: Object | None, wanted: Switch) -> bool:
    """Whether nothing is left to be done; what was made anew stays ours, on the old images, too."""
    if live is None:
        return False
    return as_live(wanted.document, live) == wanted.document or not (wanted.switched or switched(live))


def begun(cluster: Cluster, wanted: Switch) -> bool:
    """Whether a run that was killed has left an object that it was about to create."""
    return _kept(cluster, wanted) is not None


def fresh(live: Object) -> dict[str, Any]:
    """Return a Pod or a Job as it can be created anew: without what API server, scheduler, controller and we added."""
    metadata = {key: value for key, value in live["metadata"].items() if key not in _OF_THE_SERVER}
    if annotations := metadata.get("annotations"):
        metadata["annotations"] = {key: value for key, value in annotations.items() if key != STACK}
    found = {**{key: value for key, value in live.items() if key != "status"}, "metadata": metadata}
    spec = dict(live["spec"])
    if live["kind"] == "Job" and not spec.get("manualSelector"):
        spec.pop("selector", None)
        template = dict(spec["template"])
        template["metadata"] = _without_job_labels(template.get("metadata") or {})
        metadata.update(_without_job_labels(metadata))
        spec["template"] = template
    elif live["kind"] == "Pod":
        spec.pop("nodeName", None)
    found["spec"] = spec
    kind = pod_kind(live)
    pod: Any = found
    for key in kind.path if kind else ():
        pod[key] = dict(pod[key])
        pod = pod[key]
    if live["kind"] == "Pod":
        _without_token(pod)
    return found


def _without_job_labels(metadata: Object) -> dict[str, Any]:
    labels = {key: value for key, value in (metadata.get("labels") or {}).items() if key not in _OF_THE_JOB}
    return {**metadata, "labels": labels}


def _without_token(pod: dict[str, Any]) -> None:
    pod.pop("ephemeralContainers", None)
    pod["volumes"] = [each for each in pod.get("volumes") or () if not str(each["name"]).startswith(_TOKEN)]
    for key in ("initContainers", "containers"):
        if key in pod:
            pod[key] = [
                {
                    **each,
                    "volumeMounts": [
                        one for one in each.get("volumeMounts") or () if not str(one["name"]).startswith(_TOKEN)
                    ],
                }
                for each in pod[key]
            ]


def _secret(wanted: Switch) -> tuple[str, str, str, str]:
    _, kind, namespace, name = wanted.key
    return "v1", "Secret", namespace, f"{MANAGER}-recreates-{kind.lower()}-{name}"


def _kept(cluster: Cluster, wanted: Switch) -> dict[str, Any] | None:
    found = cluster.get(*_secret(wanted))
    return dict(json.loads(base64.b64decode(found["data"]["object"]))) if found else None


def _keep(cluster: Cluster, wanted: Switch, made: Mapping[str, Any]) -> None:
    api_version, kind, namespace, name = _secret(wanted)
    data = base64.b64encode(json.dumps(made).encode()).decode()
    metadata = {"name": name, "namespace": namespace, "labels": {MANAGED_BY: MANAGER}}
    document = {"apiVersion": api_version, "kind": kind, "metadata": metadata, "data": {"object": data}}
    cluster.apply(document, manager=MANAGER, force=True)


def _forget(cluster: Cluster, wanted: Switch) -> None:
    cluster.delete(*_secret(wanted))


def _await_end(cluster: Cluster, wanted: Switch, uid: str) -> None:
    end = time.monotonic() + SECONDS
    while (live := cluster.get(*wanted.key)) is not None and live["metadata"]["uid"] == uid:
        if time.monotonic() > end:
            place = f"cluster {cluster.name}: {wanted.place}"
            raise ClusterError(
                f"does not go within {SECONDS:.0f} s", place, remedy="what holds it back? then run again"
            )
        time.sleep(PAUSE)
