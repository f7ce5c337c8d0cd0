"""What the manifests of a stack hold: each namespace's documents, and where the mapping sends each of their images."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from . import manifests
from .errors import Hub2GhcrError, ManifestError, Problems
from .manifests import Document
from .mapping import Left, Mapped, collisions
from .mapping import Mapping as ImageMapping
from .places import Places
from .reference import Reference
from .settings import ClusterSettings, NamespaceSettings, Settings

CLUSTER_SCOPED: Final = frozenset(
    {
        "APIService",
        "ClusterRole",
        "ClusterRoleBinding",
        "CustomResourceDefinition",
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
"""Kinds that live in no namespace (Kubernetes API reference); a namespace's manifests cannot hold them."""


@dataclass(frozen=True, slots=True)
class Site:
    """One declared namespace of a cluster, its documents in the order of its files."""

    cluster: ClusterSettings
    name: str
    namespace: NamespaceSettings
    documents: tuple[Document, ...]


@dataclass(frozen=True, slots=True)
class Survey:
    """All namespaces, the decision on each image text, the problems and the warnings met on the way."""

    sites: tuple[Site, ...]
    decisions: Mapping[str, Mapped | Left]
    problems: tuple[Hub2GhcrError, ...]
    warnings: tuple[str, ...]

    @property
    def mapped(self) -> tuple[Mapped, ...]:
        """All images that move, sorted by source."""
        found = {each for each in self.decisions.values() if isinstance(each, Mapped)}
        return tuple(sorted(found, key=lambda each: each.source.canonical))

    def uses(self) -> Iterator[tuple[str, str]]:
        """Yield each image text once, with the place of its first use."""
        seen: set[str] = set()
        for site in self.sites:
            for document in site.documents:
                try:
                    fields = manifests.images(document)
                except ManifestError:
                    continue  # reported already
                for field in fields:
                    if field.text not in seen:
                        seen.add(field.text)
                        yield f"{document.place}: {field.field}", field.text


def survey(settings: Settings, root: Path) -> Survey:
    """Read every manifest of a stack once; nothing is raised, all problems are collected."""
    problems: list[Hub2GhcrError] = []
    warnings: list[str] = []
    files: dict[str, tuple[Document, ...]] = {}
    sites: list[Site] = []
    decisions: dict[str, Mapped | Left] = {}
    mapping = settings.image_mapping
    for cluster in settings.clusters:
        for name, namespace in sorted(cluster.namespaces.items()):
            documents: list[Document] = []
            for file in namespace.manifests:
                if file not in files:
                    files[file] = _load(root, file, settings.declared_places, problems)
                documents += files[file]
            problems += _misplaced(documents, name)
            sites.append(Site(cluster, name, namespace, tuple(documents)))
    for file in sorted(files):
        for document in files[file]:
            _decide(document, mapping, decisions, problems)
            warnings += [
                f"{document.place}: {each.field}: {each.text}: {each.note}" for each in manifests.uncovered(document)
            ]
    problems += collisions(decisions.values())
    return Survey(tuple(sites), decisions, tuple(problems), tuple(sorted(set(warnings))))


def _load(root: Path, file: str, places: Places, problems: list[Hub2GhcrError]) -> tuple[Document, ...]:
    try:
        return manifests.load(root / file, file, places)
    except (ManifestError, Problems) as error:
        problems.append(error)
        return ()


def _misplaced(documents: list[Document], namespace: str) -> list[ManifestError]:
    problems = []
    seen: set[tuple[str, str, str]] = set()
    for each in documents:
        key = (each.api_version.rpartition("/")[0], each.kind, each.name)
        if each.kind in CLUSTER_SCOPED:
            remedy = "leave it out: it belongs to no namespace"
            problems.append(ManifestError("not an object of a namespace", each.place, remedy=remedy))
        elif each.namespace not in (None, namespace):
            remedy = f"list its file under that namespace, or correct it: it is listed under {namespace}"
            problems.append(ManifestError("names another namespace", each.place, str(each.namespace), remedy))
        elif key in seen:
            problems.append(ManifestError("stands twice", each.place, remedy=f"keep one in namespace {namespace}"))
        seen.add(key)
    return problems


def _decide(
    document: Document, mapping: ImageMapping, decisions: dict[str, Mapped | Left], problems: list[Hub2GhcrError]
) -> None:
    try:
        fields = manifests.images(document)
    except ManifestError as error:
        problems.append(error)
        return
    kind = manifests.pod_kind(document.data)
    own = kind is not None and kind.merges
    for field in fields:
        try:
            if field.found.why == "templated" and not own:
                decision = mapping.decide_text(field.text)  # its controller fills it in; in Kubernetes' own nobody does
            else:
                decision = mapping.map(Reference.parse(field.text))
        except Hub2GhcrError as error:
            problems.append(error.at(f"{document.place}: {field.field}"))
            continue
        if field.fixed and isinstance(decision, Mapped):
            problems.append(manifests.refusal(field.found, field.fixed, document))
        else:
            decisions[field.text] = decision
