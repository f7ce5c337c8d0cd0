"""Which of a rendering's documents are ours: those of a namespace, but for Secrets and what Helm alone runs."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from ..manifests import CLUSTER_SCOPED, Document

HOOK = "helm.sh/hook"


def kept(documents: Iterable[Document], place: str, program: str) -> tuple[tuple[Document, ...], tuple[str, ...]]:
    """Return the documents that are kept, and a note for each reason for which others are left out."""
    found: list[Document] = []
    left: dict[str, list[str]] = {}
    for document in documents:
        reason = _reason(document, program)
        if reason:
            left.setdefault(reason, []).append(f"{document.kind} {document.name}")
        else:
            found.append(document)
    return tuple(found), tuple(f"{place}: left out, {why}: {', '.join(left[why])}" for why in sorted(left))


def _reason(document: Document, program: str) -> str:
    if document.kind == "Secret" and document.api_version == "v1":
        return f"since values of Secrets stay with {program}"  # never in a plan, a report, a log or a rendered file
    if program == "helm" and HOOK in _annotations(document.data):
        return "since Helm alone runs hooks (their images move in the chart's values)"
    if document.kind in CLUSTER_SCOPED:
        return "since they belong to no namespace"
    return ""


def _annotations(data: Mapping[str, Any]) -> Mapping[str, Any]:
    found = data["metadata"].get("annotations")
    return found if isinstance(found, Mapping) else {}
