"""A Kubernetes object from its document as it is: what the plan shows is what the cluster gets.

The typed classes of pulumi-kubernetes translate property names and would have to be imported kind by kind; a resource
of the same type token takes the document unchanged, custom resources included, and needs no import.
"""

from collections.abc import Mapping
from copy import deepcopy
from typing import Any

import pulumi
from pulumi.runtime.rpc import UNKNOWN

from hub2ghcr import owning

SECONDS = 300
"""Seconds that an object may take to become ready; pulumi-kubernetes would wait for ten minutes."""

WATCHED = frozenset({"DaemonSet", "Deployment", "StatefulSet"})
"""Kinds that the engine does not wait for: `RollOut` does, and knows of an image that cannot be pulled in seconds."""

IMPORTED = frozenset({"CronJob", "DaemonSet", "Deployment", "ReplicaSet", "ReplicationController"})
"""Kinds that enter by import where they are adopted, so that a preview holds the manifest against what is live.

All else is taken over by being declared: what the API server fills in and the manifest does not say would have to be
replaced, to the engine (a Secret's ``type``, a StatefulSet's ``podManagementPolicy``), which refuses what it imports.
"""

VALUES = ("data", "stringData")
"""Where a Secret has its values."""

_PREFIX = "pulumi.com/"


def own_manager() -> str:
    """Return the field manager of what this stack owns."""
    return owning.own_manager(pulumi.get_stack())


def declare(
    name: str,
    document: Mapping[str, Any],
    *,
    opts: pulumi.ResourceOptions,
    adopt: bool = False,
    foreseen: bool = False,
    recreate: bool = False,
    unseen: bool = False,
    formerly: str = "",
    properties: Mapping[str, pulumi.Input[Any]] | None = None,
) -> pulumi.CustomResource:
    """Declare one object, whole; with ``adopt`` one that is there already, whose fields are taken from their managers.

    Adopted is what is imported; with ``foreseen`` nothing is, for an import asks the cluster.
    With ``recreate`` it says on itself that it may be deleted, to be made anew; with ``unseen`` too, as a value that
    only the run gives, so that a preview sends it to nobody.
    ``formerly`` is the component that declared it in earlier versions (``TYPE::NAME``): it is the same object.
    ``properties`` are added to the document as they are, outputs and secrets among them. The values of a Secret go to
    the engine as secrets, and are kept encrypted whatever the provider answers.
    """
    body = {**deepcopy(dict(document)), **(properties or {})}
    hidden: tuple[str, ...] = VALUES if (body["apiVersion"], body["kind"]) == ("v1", "Secret") else ()
    for key in hidden:
        if key in body:
            body[key] = pulumi.Output.secret(body[key])
    annotations = {f"{_PREFIX}patchFieldManager": own_manager()}
    if body["kind"] in WATCHED:
        annotations[f"{_PREFIX}skipAwait"] = "true"
    else:
        annotations[f"{_PREFIX}timeoutSeconds"] = str(SECONDS)
    if recreate:
        annotations[owning.REMADE] = UNKNOWN if unseen else "true"
    if adopt:
        annotations[f"{_PREFIX}patchForce"] = "true"
    metadata = body.setdefault("metadata", {})
    metadata["annotations"] = {**annotations, **(metadata.get("annotations") or {})}
    if hidden and adopt:
        hidden = (*hidden, "metadata")  # its annotation of `kubectl apply` has the values once more
    imports = adopt and not foreseen and body["kind"] in IMPORTED
    imported = f"{metadata['namespace']}/{metadata['name']}" if imports else None
    extra = pulumi.ResourceOptions(
        additional_secret_outputs=list(hidden) or None,
        import_=imported,
        aliases=[pulumi.Alias(parent=_component(formerly))] if formerly else None,
    )
    return pulumi.CustomResource(
        type_token(str(body["apiVersion"]), str(body["kind"])), name, body, pulumi.ResourceOptions.merge(opts, extra)
    )


def _component(formerly: str) -> str:
    """Return the URN of a component of this stack below a cluster's."""
    stack = f"urn:pulumi:{pulumi.get_stack()}::{pulumi.get_project()}"
    return f"{stack}::hub2ghcr:index:ClusterMigration$hub2ghcr:index:{formerly}"


def keeps(document: Mapping[str, Any]) -> bool:
    """Whether a chart asks that an object outlives it (https://helm.sh/docs/howto/charts_tips_and_tricks/)."""
    annotations = (document.get("metadata") or {}).get("annotations") or {}
    return str(annotations.get("helm.sh/resource-policy", "")).strip().lower() == "keep"


def type_token(api_version: str, kind: str) -> str:
    """Return pulumi-kubernetes' type of a kind: ``kubernetes:apps/v1:Deployment``, ``kubernetes:core/v1:Pod``."""
    group = api_version if "/" in api_version else f"core/{api_version}"
    return f"kubernetes:{group}:{kind}"
