"""A stand-in for one controller of Rancher's: it copies project-scoped Secrets to their project's namespaces.

It is held to what that controller's source does (rancher/rancher,
``pkg/controllers/managementuser/secret/project_scoped_secrets.go``): Secrets of the backing namespace that have the
label of the project, copied with labels and annotations over whatever has their name; copies that belong there no more
are deleted. It acts when a namespace or such a Secret changes, and not because a copy did. It is no part of Rancher.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import yaml

from hub2ghcr.cluster import Cluster
from hub2ghcr.errors import Hub2GhcrError

API = "management.cattle.io/v3"
PROJECT = "field.cattle.io/projectId"
SCOPED = "management.cattle.io/project-scoped-secret"
COPY = f"{SCOPED}-copy"
MANAGER = "rancher"

Object = dict[str, Any]


def install(kubeconfig: str, version: str, *projects: Object) -> None:
    """Make a cluster one that Rancher runs in, as far as anybody here asks: its kinds, its version, its projects."""
    definitions = list(yaml.safe_load_all((Path(__file__).parent / "crds" / "rancher.yaml").read_text()))
    setting = {"apiVersion": API, "kind": "Setting", "metadata": {"name": "server-version"}, "value": version}
    for attempt in range(40):
        # a client asks once which kinds there are, and these are served a moment after they are installed
        with Cluster.by_kubeconfig("management", kubeconfig, "lab") as management:
            try:
                for each in (*definitions, setting, *projects):
                    management.apply(each, manager=MANAGER, force=True)
                return
            except Hub2GhcrError:
                if attempt == 39:
                    raise
        time.sleep(0.25)


def project(cluster: str, name: str) -> list[Object]:
    """A project with its two namespaces: the cluster's, in which it is, and the backing one."""
    backing = f"{cluster}-{name}"
    return [
        {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": cluster}},
        {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": backing}},
        {
            "apiVersion": API,
            "kind": "Project",
            "metadata": {"name": name, "namespace": cluster},
            "spec": {"clusterName": cluster, "displayName": "Shops"},
            "status": {"backingNamespace": backing},
        },
    ]


@contextmanager
def running(management: Cluster, downstream: Cluster, name: str) -> Iterator[None]:
    """Copy, as Rancher does for the cluster that it calls ``name``, as long as the context lasts."""
    end = threading.Event()
    seen: dict[str, object] = {}

    def loop() -> None:
        while not end.wait(0.3):
            with suppress(Hub2GhcrError):  # an API server that is busy is asked again
                for namespace in downstream.list("v1", "Namespace"):
                    _look(management, downstream, name, namespace, seen)

    thread = threading.Thread(target=loop, daemon=True)
    thread.start()
    yield
    end.set()
    thread.join(10)


def _look(
    management: Cluster, downstream: Cluster, cluster: str, namespace: Mapping[str, Any], seen: dict[str, object]
) -> None:
    metadata = namespace["metadata"]
    id_ = (metadata.get("annotations") or {}).get(PROJECT, "")
    if ":" not in id_ or metadata.get("deletionTimestamp") or not id_.startswith(f"{cluster}:"):
        return
    found = management.get(API, "Project", *id_.split(":"))
    if found is None:
        return
    labels = f"{SCOPED}={found['metadata']['name']}"
    sources = list(management.list("v1", "Secret", found["status"]["backingNamespace"], labels=labels))
    state = (
        metadata["resourceVersion"],
        [(each["metadata"]["uid"], each["metadata"]["resourceVersion"]) for each in sources],
    )
    if seen.get(metadata["name"]) == state:
        return
    for each in sources:
        if f"{SCOPED}-cluster" not in each["metadata"]["labels"]:
            label = {"name": each["metadata"]["name"], "namespace": each["metadata"]["namespace"]}
            label |= {"labels": {f"{SCOPED}-cluster": cluster}}
            management.apply({"apiVersion": "v1", "kind": "Secret", "metadata": label}, manager=MANAGER)
        _copy(downstream, metadata["name"], each)
    wanted = {each["metadata"]["name"] for each in sources}
    for each in downstream.list("v1", "Secret", metadata["name"], labels=SCOPED):
        copied = (each["metadata"].get("annotations") or {}).get(COPY) == "true"
        if copied and each["metadata"]["name"] not in wanted:
            downstream.delete("v1", "Secret", metadata["name"], each["metadata"]["name"])
    seen[metadata["name"]] = state


def _copy(downstream: Cluster, namespace: str, source: Mapping[str, Any]) -> None:
    about = source["metadata"]
    document = {
        "apiVersion": "v1",
        "kind": "Secret",
        "type": source["type"],
        "data": source["data"],
        "metadata": {
            "name": about["name"],
            "namespace": namespace,
            "labels": dict(about.get("labels") or {}),
            "annotations": {
                **(about.get("annotations") or {}),
                "secret.user.cattle.io/secret": "true",
                COPY: "true",
            },
        },
    }
    live = downstream.get("v1", "Secret", namespace, about["name"])
    if live is None:
        downstream.create(document, manager=MANAGER)
    else:
        document["metadata"]["resourceVersion"] = live["metadata"]["resourceVersion"]
        downstream.replace(document, manager=MANAGER)
