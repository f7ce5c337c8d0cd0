"""A plan as JSON.

Endpoints, servers and paths are left out: they differ between machines, and a plan's bytes should not. The workflow's
text is given by its digest, and of a Secret among the manifests its keys alone.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from ..plan import (
    Cluster,
    CredentialRef,
    GitHub,
    Guard,
    ImageChange,
    ImageCopy,
    Kubeconfig,
    Namespace,
    NodeMirror,
    Plan,
    Pull,
    PullSecret,
    Workload,
)
from ..platforms.openshift import OpenShift
from ..platforms.rancher.registries import Rancher

SCHEMA = 2
"""The version of the JSON output."""

HIDDEN = "(not shown)"


def as_json(plan: Plan) -> str:
    """Return the whole plan as JSON, keys sorted."""
    data = {
        "version": SCHEMA,
        "stack": plan.stack,
        "phase": plan.phase,
        "mirror": plan.mirror,
        "rollback": plan.rollback,
        "copies": [_copy(each) for each in plan.copies],
        "registries": [
            {"host": each.host, "pull": _credential(each.pull), "push": _credential(each.push)}
            for each in plan.registries
        ],
        "github": _github(plan.github) if plan.github else None,
        "clusters": [_cluster(each) for each in plan.clusters],
        "warnings": list(plan.warnings),
    }
    return json.dumps(data, indent=2, sort_keys=True, ensure_ascii=False)


def _copy(copy: ImageCopy) -> dict[str, Any]:
    return {
        "source": copy.source or None,
        "target": copy.target,
        "digest": copy.digest,
        "mode": copy.mode,
        "public": copy.public,
        "platforms": list(copy.entry.target_platforms),
        "attached": len(copy.entry.attached),
        "bytes": copy.entry.size,
    }


def _credential(found: CredentialRef | None) -> dict[str, str] | None:
    return {"name": found.name, "username": found.username, "secretKey": found.secret_key} if found else None


def _github(github: GitHub) -> dict[str, Any]:
    return {
        "owner": github.owner,
        "credential": _credential(github.credential),
        "followSeconds": github.follow_seconds,
        "organizationSecrets": [
            {
                "name": each.name,
                "credential": _credential(each.credential),
                "visibility": each.visibility,
                "repositories": list(each.repositories),
            }
            for each in github.organization_secrets
        ],
        "repositories": [
            {
                "name": each.name,
                "secrets": _secrets(each.secrets),
                "dependabotSecrets": _secrets(each.dependabot_secrets),
                "environments": {name: _secrets(secrets) for name, secrets in each.environments.items()},
                "removedAtSeal": {gone.name: _credential(gone.credential) for gone in each.removed},
                "delivery": each.delivery,
                "alsoRewrite": list(each.also_rewrite),
                "image": each.image,
                "workflowPath": each.workflow_path,
                "workflowDigest": _digest(each.workflow) if each.workflow else None,
                "workflowFlavour": each.publish.flavour if each.publish else None,
                "publishes": list(each.publish.images) if each.publish else [],
            }
            for each in github.repositories
        ],
        "packages": [
            {
                "name": each.name,
                "visibility": each.visibility,
                "repository": each.repository or None,
                "access": dict(each.access),
                "enforce": each.enforce,
                "settingsUrl": each.settings_url,
            }
            for each in github.packages
        ],
    }


def _secrets(secrets: Mapping[str, CredentialRef]) -> dict[str, Any]:
    return {name: _credential(used) for name, used in sorted(secrets.items())}


def _cluster(cluster: Cluster) -> dict[str, Any]:
    return {
        "name": cluster.name,
        "context": cluster.reach.context if isinstance(cluster.reach, Kubeconfig) else None,
        "token": None if isinstance(cluster.reach, Kubeconfig) else _credential(cluster.reach.token),
        "takeFrom": list(cluster.take_from),
        "platforms": list(cluster.platforms),
        "guard": _guard(cluster.guard) if cluster.guard else None,
        "namespaces": [_namespace(ns) for ns in cluster.namespaces],
        **({"nodeMirror": _node_mirror(cluster.node_mirror)} if cluster.node_mirror else {}),
        **({"openshift": _openshift(cluster.openshift)} if cluster.openshift else {}),
        **({"rancher": _rancher(cluster.rancher)} if cluster.rancher else {}),
    }


def _openshift(wanted: OpenShift) -> dict[str, Any]:
    return {
        "globalPullSecret": {each.host: {"name": each.credential, "username": each.username} for each in wanted.opens},
        "mirrorSets": list(wanted.sets),
        "mirrored": wanted.mirrored,
        "mirrors": {each.source: each.mirror for each in wanted.rules},
        "sourcePolicy": wanted.policy,
    }


def _rancher(rancher: Rancher) -> dict[str, Any]:
    return {
        "elsewhere": rancher.management is not None,
        "projects": [
            {
                "project": str(each.project),
                "secret": each.name,
                "credentials": dict(each.credentials),
                "namespaces": list(each.namespaces),
                "backingNamespace": each.backing_namespace or None,
            }
            for each in rancher.projects
        ],
    }


def _guard(guard: Guard) -> dict[str, Any]:
    return {
        "name": guard.name,
        "audit": list(guard.audit),
        "deny": list(guard.deny),
        "exceptions": list(guard.exceptions),
    }


def _node_mirror(mirror: NodeMirror) -> dict[str, Any]:
    return {
        "layout": mirror.layout,
        "folder": mirror.folder,
        "delivery": mirror.delivery,
        "active": mirror.active,
        "fallback": mirror.fallback,
        "credential": mirror.login.name if mirror.login else None,
        "routes": [
            {"registry": each.registry, "target": each.target, "rewrites": dict(each.rewrites)}
            for each in mirror.routes
        ],
        "image": mirror.image or None,
        "namespace": mirror.namespace if mirror.delivery == "daemonset" else None,
    }


def _namespace(ns: Namespace) -> dict[str, Any]:
    return {
        "name": ns.name,
        "create": ns.create,
        "labels": dict(ns.labels),
        "phase": ns.phase,
        "onUnready": ns.on_unready,
        "rollOutSeconds": ns.roll_out_seconds,
        "pullSecret": _pull_secret(ns.pull_secret) if ns.pull_secret else None,
        **({"pushSecret": _push_secret(ns.push_secret)} if ns.push_secret else {}),
        "serviceAccounts": list(ns.service_accounts),
        **({"builders": list(ns.builders)} if ns.builders else {}),
        "pulls": [_pull(each) for each in ns.pulls],
        "sources": [{"path": each.path, "renderedBy": each.by, "digest": each.digest} for each in ns.sources],
        **({"builds": [asdict(each) for each in ns.builds]} if ns.builds else {}),
        "workloads": [_workload(each) for each in ns.all_workloads],
        "untouched": [
            {"kind": each.kind, "name": each.name, "images": [_image(image) for image in each.images]}
            for each in ns.untouched
        ],
    }


def _pull_secret(secret: PullSecret) -> dict[str, Any]:
    return {
        "name": secret.name,
        "credentials": {host: _credential(each) for host, each in secret.credentials.items()},
        "labels": dict(secret.labels),
        "annotations": dict(secret.annotations),
        **({"project": secret.project} if secret.project else {}),
    }


def _push_secret(secret: PullSecret) -> dict[str, Any]:
    return {**_pull_secret(secret), "pushes": secret.pushes, "keys": list(secret.keys)}


def _pull(pull: Pull) -> dict[str, Any]:
    return {
        "target": pull.target,
        "digest": pull.digest,
        "platforms": list(pull.platforms),
        "public": pull.public,
    }


def _workload(workload: Workload) -> dict[str, Any]:
    return {
        "apiVersion": workload.api_version,
        "kind": workload.kind,
        "name": workload.name,
        "delivery": workload.delivery,
        "switched": workload.switched,
        "adopt": workload.adopt,
        "recreate": workload.recreate,
        "waitsFor": list(workload.copies),
        "pullSecrets": list(workload.pull_secrets),
        **({"pushSecrets": list(workload.push_secrets)} if workload.push_secrets else {}),
        "images": [_image(image) for image in workload.images],
        "document": _shown(workload.document),
    }


def _shown(document: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return a document as a plan may show it: without the values of a Secret."""
    if (document.get("apiVersion"), document.get("kind")) != ("v1", "Secret"):
        return document
    found = {
        key: dict.fromkeys(document[key], HIDDEN) if isinstance(document[key], Mapping) else HIDDEN
        for key in ("data", "stringData")
        if key in document
    }
    metadata = {key: value for key, value in document["metadata"].items() if key != "annotations"}
    return {**document, **found, "metadata": metadata}  # kubectl keeps a copy of all of it in an annotation


def _image(image: ImageChange) -> dict[str, str]:
    return {"field": image.field, "before": image.before, "after": image.after, "reason": image.reason}


def _digest(text: str) -> str:
    return "sha256:" + hashlib.sha256(text.encode()).hexdigest()
