"""Kubernetes manifests: read, searched for images, rewritten into copies. Input is never changed."""

from .document import Document
from .images import ImageField, builds, images, pushed, refusal, uncovered
from .load import load, parse
from .mounts import Mount, mounts
from .patch import AS_IT_WAS, patch_document
from .pods import pod_kind, pod_spec
from .rewrite import rewrite
from .scope import CLUSTER_SCOPED
from .secrets import added_pull_secrets, listed_pull_secrets, service_account_of

__all__ = [
    "AS_IT_WAS",
    "CLUSTER_SCOPED",
    "Document",
    "ImageField",
    "Mount",
    "added_pull_secrets",
    "builds",
    "images",
    "listed_pull_secrets",
    "load",
    "mounts",
    "parse",
    "patch_document",
    "pod_kind",
    "pod_spec",
    "pushed",
    "refusal",
    "rewrite",
    "service_account_of",
    "uncovered",
]
