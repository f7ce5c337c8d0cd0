"""A Kubernetes object or a patch of one, from its document as it is: what the plan shows is what the cluster gets.

The typed classes of pulumi-kubernetes translate property names and would have to be imported kind by kind; a resource
of the same type token takes the document unchanged, custom resources included, and needs no import.
"""

from collections.abc import Mapping
from copy import deepcopy
from typing import Any

import pulumi

PATCH_MANAGER = "hub2ghcr"
"""The field manager of every patch, fixed so that a later run, from any machine, finds its own fields again."""

LABEL = "app.kubernetes.io/managed-by"
"""The label of what a migration itself brought into being (https://kubernetes.io/docs/concepts/overview/working-with-objects/common-labels/)."""

SECONDS = 300
"""Seconds that an object may take to become ready; pulumi-kubernetes would wait for ten minutes."""

_PREFIX = "pulumi.com/"


def own_manager() -> str:
    """Return the field manager of what this stack owns: another stack's objects are not taken for its own."""
    return f"{PATCH_MANAGER}-{pulumi.get_stack()}"


def declare(
    name: str,
    document: Mapping[str, Any],
    *,
    patch: bool,
    opts: pulumi.ResourceOptions,
    properties: Mapping[str, pulumi.Input[Any]] | None = None,
    secret_properties: tuple[str, ...] = (),
) -> pulumi.CustomResource:
    """Declare one object: whole, or with ``patch`` those of its fields that the document has.

    A patch takes its fields from whoever managed them, and leaves them as they are when it goes: taking an image away
    from a workload is no way back (the way back is to apply the earlier one). ``properties`` are added to the document
    as they are, outputs and secrets among them; ``secret_properties`` are kept encrypted whatever the provider answers.
    """
    annotations = {
        f"{_PREFIX}patchFieldManager": PATCH_MANAGER if patch else own_manager(),
        f"{_PREFIX}timeoutSeconds": str(SECONDS),
    }
    if patch:
        annotations[f"{_PREFIX}patchForce"] = "true"
    body = {**deepcopy(dict(document)), **(properties or {})}
    metadata = body.setdefault("metadata", {})
    metadata["annotations"] = {**annotations, **(metadata.get("annotations") or {})}
    extra = pulumi.ResourceOptions(retain_on_delete=True if patch else None)
    if secret_properties:
        extra.additional_secret_outputs = list(secret_properties)
    return pulumi.CustomResource(
        type_token(str(body["apiVersion"]), str(body["kind"]), patch=patch),
        name,
        body,
        pulumi.ResourceOptions.merge(opts, extra),
    )


def type_token(api_version: str, kind: str, *, patch: bool) -> str:
    """Return pulumi-kubernetes' type of a kind: ``kubernetes:apps/v1:DeploymentPatch``, ``kubernetes:core/v1:Pod``."""
    group = api_version if "/" in api_version else f"core/{api_version}"
    return f"kubernetes:{group}:{kind}{'Patch' if patch else ''}"
