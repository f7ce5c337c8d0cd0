"""How a resource of ours reaches its cluster: one client for each cluster and provider process.

A resource keeps the cluster's name and how it was reached when it was declared. What the stack's configuration says of
that name now comes first: so a kubeconfig that lies elsewhere on this machine is found by refresh and destroy, too, and
is no change of any resource.
"""

import json
import threading
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from hub2ghcr.cluster import Cluster
from hub2ghcr.plan import Kubeconfig, Reach
from hub2ghcr.platforms.rancher.registries import Rancher

from .provider_process import section
from .registry_access import credential, expanded

HOW = ("reach",)
"""The properties that say how a cluster is reached: no part of a diff."""


def reaching(name: str, reach: Reach) -> dict[str, Any]:
    """Return the properties by which a resource of ours reaches a cluster; a token is named, its value is not there."""
    return {"cluster": name, "reach": _said(reach)}


def managing(rancher: Rancher) -> dict[str, Any]:
    """Return the properties by which a resource reaches the cluster that Rancher runs in; empty where it is its own."""
    return {"management": _said(rancher.management)} if rancher.management else {}


def _said(reach: Reach) -> dict[str, str]:
    if isinstance(reach, Kubeconfig):
        return {"kubeconfig": reach.path, "context": reach.context}
    how = {"server": reach.url, "credential": reach.token.name, "certificateAuthority": reach.certificate_authority}
    return {key: value for key, value in how.items() if value}


def cluster(props: Mapping[str, Any]) -> Cluster:
    """Return the client of the cluster that a resource's properties name; do not close it, others use it.

    Raises:
        ClusterError: the kubeconfig does not reach it, or a certificate authority cannot be read.
        CredentialError: the token's credential has no value.
    """
    name = str(props["cluster"])
    return _client(name, _how(_declared(name)) or props["reach"])


def management(props: Mapping[str, Any]) -> Cluster:
    """Return the client of the cluster that Rancher runs in, by the cluster that a resource's properties name.

    Raises:
        ClusterError, CredentialError: as `cluster`.
    """
    if not props.get("management"):
        return cluster(props)
    name = str(props["cluster"])
    declared = (_declared(name) or {}).get("rancher") or {}
    return _client(f"of Rancher ({name})", _how(declared) or props["management"])


def _client(name: str, how: Mapping[str, Any]) -> Cluster:
    token = credential(how["credential"]).secret if "credential" in how else ""
    key = json.dumps([name, how, token], sort_keys=True)
    with _lock:  # an exec plugin of a kubeconfig is run once, not by every resource
        if key not in _open:
            _open[key] = _opened(name, how, token)
        return _open[key]


def _opened(name: str, how: Mapping[str, Any], token: str) -> Cluster:
    if "kubeconfig" in how:
        return Cluster.by_kubeconfig(name, how["kubeconfig"], how["context"])
    authority = how.get("certificateAuthority")
    return Cluster.by_server(name, how["server"], token, Path(authority) if authority else None)


def _declared(name: str) -> Mapping[str, Any] | None:
    return next((each for each in section("clusters") or () if each.get("name") == name), None)


def _how(declared: Mapping[str, Any] | None) -> dict[str, Any] | None:
    if not declared:
        return None
    if declared.get("kubeconfig"):
        return {"kubeconfig": expanded(declared["kubeconfig"]), "context": declared.get("context")}
    how = {"server": declared.get("server"), "certificateAuthority": declared.get("certificateAuthority")}
    return {"credential": declared.get("token"), **{key: expanded(value) for key, value in how.items() if value}}


_lock = threading.Lock()
_open: dict[str, Cluster] = {}
