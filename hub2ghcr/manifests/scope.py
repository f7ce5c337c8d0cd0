"""Which kinds live in no namespace."""

from __future__ import annotations

from typing import Final

CLUSTER_SCOPED: Final = frozenset(
    {
        "APIService",
        "ClusterRole",
        "ClusterRoleBinding",
        "CustomResourceDefinition",
        "ImageContentSourcePolicy",
        "ImageDigestMirrorSet",
        "ImageTagMirrorSet",
        "IngressClass",
        "MutatingWebhookConfiguration",
        "Namespace",
        "Node",
        "PersistentVolume",
        "PriorityClass",
        "RuntimeClass",
        "StorageClass",
        "ValidatingWebhookConfiguration",
    }
)
"""Kinds that live in no namespace (API references of Kubernetes and OpenShift); no namespace's manifests hold them."""
