"""What the manifests of a stack hold: each namespace's documents, and where the mapping sends each of their images."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from . import manifests
from .errors import Hub2GhcrError, ManifestError, Problems
from .inventory import Inventory, file_of
from .manifests import Document
from .mapping import Left, Mapped, collisions
from .mapping import Mapping as ImageMapping
from .reference import Reference
from .settings import ClusterSettings, HelmSettings, KustomizeSettings, NamespaceSettings, Settings
from .sources import Entry, Helm, Kustomize, Plain, Source, Sources, live


@dataclass(frozen=True, slots=True)
class Site:
    """One declared namespace of a cluster, its documents in the order of its sources."""

    cluster: ClusterSettings
    name: str
    namespace: NamespaceSettings
    documents: tuple[Document, ...]
    sources: tuple[Source, ...] = ()


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


def survey(settings: Settings, root: Path, inventory: Inventory | None = None) -> Survey:
    """Read every source of a stack once; nothing is raised, all problems are collected.

    Args:
        settings: the stack's.
        root: the project's folder.
        inventory: what lives in its clusters, as far as it is known.
    """
    problems: list[Hub2GhcrError] = []
    warnings: list[str] = []
    sites: list[Site] = []
    decisions: dict[str, Mapped | Left] = {}
    mapping = settings.image_mapping
    known = Sources(root, settings.declared_places)
    for cluster in settings.clusters:
        facts = inventory.cluster(cluster.name) if inventory else None
        for name, namespace in sorted(cluster.namespaces.items()):
            sources: list[Source] = []
            for entry in namespace.manifests:
                try:
                    sources.append(known.load(_entry(entry), name, facts.version if facts else ""))
                except (ManifestError, Problems) as error:
                    problems.append(error)
            documents = [document for source in sources for document in source.documents]
            there = facts.namespace(name) if facts else None
            if namespace.live and there is not None:
                sources.append(live(there, documents, file_of(settings.stack), settings.declared_places))
                documents += sources[-1].documents
            problems += _misplaced(documents, name)
            sites.append(Site(cluster, name, namespace, tuple(documents), tuple(sources)))
    unique = {id(source): source for site in sites for source in site.sources}
    for source in sorted(unique.values(), key=lambda each: each.path):
        warnings += source.notes
        for document in source.documents:
            _decide(document, mapping, decisions, problems)
            warnings += [
                f"{document.place}: {each.field}: {each.text}: {each.note}" for each in manifests.uncovered(document)
            ]
    problems += collisions(decisions.values())
    return Survey(tuple(sites), decisions, tuple(problems), tuple(sorted(set(warnings))))


def _entry(said: str | KustomizeSettings | HelmSettings) -> Entry:
    match said:
        case KustomizeSettings():
            return Kustomize(said.kustomize)
        case HelmSettings():
            return Helm(said.helm, said.release, said.values)
    return Plain(said)


def _misplaced(documents: Iterable[Document], namespace: str) -> list[ManifestError]:
    problems = []
    seen: set[tuple[str, str, str]] = set()
    for each in documents:
        key = (each.api_version.rpartition("/")[0], each.kind, each.name)
        if each.kind in manifests.CLUSTER_SCOPED:
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
