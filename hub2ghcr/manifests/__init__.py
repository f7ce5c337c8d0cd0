"""Kubernetes manifests: read, searched for images, rewritten into copies. Input is never changed."""

from .images import ImageField, images, refusal, uncovered
from .load import Document, load
from .patch import patch_document
from .pods import pod_kind, pod_spec
from .rewrite import rewrite
from .secrets import added_pull_secrets, service_account_of

__all__ = [
    "Document",
    "ImageField",
    "added_pull_secrets",
    "images",
    "load",
    "patch_document",
    "pod_kind",
    "pod_spec",
    "refusal",
    "rewrite",
    "service_account_of",
    "uncovered",
]
