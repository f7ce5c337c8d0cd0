"""What the manifests of a stack hold: each namespace's documents, and where the mapping sends each of their images."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from . import manifests
from .errors import Hub2GhcrError, InventoryError, ManifestError, Problems, SettingsError
from .inventory import SYSTEM, ClusterFacts, Inventory, NamespaceFacts, file_of, imported, load
from .manifests import Document
from .mapping import Left, Mapped, collisions
from .mapping import Mapping as ImageMapping
from .reference import Reference
from .settings import ClusterSettings, HelmSettings, KustomizeSettings, NamespaceSettings, Settings
from .sources import Entry, Helm, Kustomize, Plain, Source, Sources, live


@dataclass(frozen=True, slots=True)
class Site:
    """One namespace of a cluster, named or selected, its documents in the order of its sources.

    ``facts`` is what the inventory knows of it, ``platforms`` are those of the cluster's nodes; ``selected`` the labels
    by which it was, none where settings name it.
    """

    cluster: ClusterSettings
    name: str
    namespace: NamespaceSettings
    documents: tuple[Document, ...]
    sources: tuple[Source, ...] = ()
    facts: NamespaceFacts | None = None
    platforms: tuple[str, ...] = ()
    selected: Mapping[str, str] = field(default_factory=dict)

    def is_live(self, document: Document) -> bool:
        """Whether the inventory alone has a document, and no manifest."""
        return any(document.place.startswith(f"{each.path}:") for each in self.sources if each.kind == "inventory")


@dataclass(frozen=True, slots=True)
class Survey:
    """All namespaces, the decision on each image text, the problems and the warnings met on the way.

    ``followed`` are the decisions on names that updaters follow, ``pushed`` those on what builds push: they are none
    to be locked or copied.
    """

    sites: tuple[Site, ...]
    decisions: Mapping[str, Mapped | Left]
    problems: tuple[Hub2GhcrError, ...]
    warnings: tuple[str, ...]
    inventory: Inventory
    followed: Mapping[str, Mapped | Left] = field(default_factory=dict)
    pushed: Mapping[str, Mapped | Left] = field(default_factory=dict)

    def platforms(self, cluster: str) -> tuple[str, ...]:
        """Return the platforms of a cluster's nodes, as far as they are known."""
        facts = self.inventory.cluster(cluster)
        return facts.platforms if facts else ()

    @property
    def mapped(self) -> tuple[Mapped, ...]:
        """All images that move, sorted by source."""
        found = {each for each in self.decisions.values() if isinstance(each, Mapped)}
        return tuple(sorted(found, key=lambda each: each.source.canonical))


def images(sites: Iterable[Site]) -> Iterator[tuple[str, str]]:
    """Yield the place and the text of each image that is pulled.

    Documents that `survey` could not read are passed over.
    """
    for site in sites:
        for document in site.documents:
            try:
                fields = manifests.images(document)
            except ManifestError:
                continue  # reported already
            yield from ((f"{document.place}: {each.field}", each.text) for each in fields if not each.followed)


def uses(sites: Iterable[Site]) -> Iterator[tuple[str, str]]:
    """Yield each image text once, with the place of its first use."""
    seen: set[str] = set()
    for place, text in images(sites):
        if text not in seen:
            seen.add(text)
            yield place, text


def survey(settings: Settings, root: Path, inventory: Inventory | None = None) -> Survey:
    """Read every manifest of a stack once; nothing is raised, all problems are collected.

    Args:
        settings: the stack's.
        root: the project's folder.
        inventory: what lives in its clusters (default: as the stack's file has it, if it is there).
    """
    problems: list[Hub2GhcrError] = []
    warnings: list[str] = []
    decisions: dict[str, Mapped | Left] = {}
    followed: dict[str, Mapped | Left] = {}
    pushed: dict[str, Mapped | Left] = {}
    place = file_of(settings.stack)
    if inventory is None:
        inventory = _inventory(root / place, place, problems)
    mapping = mapping_of(settings, inventory)
    known = Sources(root, settings.declared_places)
    sites: list[Site] = []
    for index, cluster in enumerate(settings.clusters):
        facts = inventory.cluster(cluster.name)
        named = _namespaces(cluster, facts, f"clusters[{index}]", settings.stack, problems)
        for name in sorted(named):
            sources = _sources(named[name], name, known, facts.version if facts else "", problems)
            here = facts.namespace(name) if facts else None
            if named[name].live and here:
                manifested = [document for source in sources for document in source.documents]
                sources.append(live(here, manifested, place, settings.declared_places))
            documents = tuple(document for source in sources for document in source.documents)
            platforms = facts.platforms if facts else ()
            by = cluster.selector.matchLabels if cluster.selector and name not in cluster.namespaces else {}
            sites.append(Site(cluster, name, named[name], documents, tuple(sources), here, platforms, by))
    read = {id(source): source for site in sites for source in site.sources}
    for source in sorted(read.values(), key=lambda each: (each.path, each.name)):
        warnings += source.notes
        for document in source.documents:
            _decide(document, mapping, decisions, followed, problems)
            warnings += _written(document, mapping)
            warnings += _pushed(document, mapping, pushed)
            warnings += [
                f"{document.place}: {each.field}: {each.text}: {each.note}" for each in manifests.uncovered(document)
            ]
    problems += collisions((*decisions.values(), *pushed.values()))
    told = tuple(sorted(set(warnings)))
    return Survey(tuple(sites), decisions, tuple(problems), told, inventory, followed, pushed)


def mapping_of(settings: Settings, inventory: Inventory) -> ImageMapping:
    """Return which image moves where, by the settings and by what the inventory knows of images on nodes."""
    return replace(settings.image_mapping, imported=imported(inventory))


def _inventory(path: Path, place: str, problems: list[Hub2GhcrError]) -> Inventory:
    try:
        return load(path, place)
    except (InventoryError, Problems) as error:
        problems.append(error)
        return Inventory()


def _namespaces(
    cluster: ClusterSettings, facts: ClusterFacts | None, path: str, stack: str, problems: list[Hub2GhcrError]
) -> dict[str, NamespaceSettings]:
    """Return the namespaces that settings name or select; those of the system are never selected."""
    named = dict(cluster.namespaces)
    if facts is None:
        remedy = f"run `hub2ghcr inventory -s {stack}`"
        asking = [f"{path}.namespaces.{name}.live" for name, each in sorted(named.items()) if each.live]
        asking += [f"{path}.selector"] if cluster.selector else []
        problems += (SettingsError("needs the inventory", each, cluster.name, remedy) for each in asking)
    elif cluster.selector:
        wanted = cluster.selector.matchLabels.items()
        for each in facts.namespaces:
            if wanted <= each.labels.items() and not each.name.startswith(SYSTEM):
                named.setdefault(each.name, cluster.selector.settings)
    return named


def _sources(
    namespace: NamespaceSettings, name: str, known: Sources, version: str, problems: list[Hub2GhcrError]
) -> list[Source]:
    found: list[Source] = []
    for entry in namespace.manifests:
        try:
            found.append(known.load(_entry(entry), name, version))
        except (ManifestError, Problems) as error:
            problems.append(error)
    problems += _misplaced([document for source in found for document in source.documents], name)
    return found


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


def _written(document: Document, mapping: ImageMapping) -> Iterator[str]:
    """Yield what moves and is not pinned."""
    try:
        fields = [each for each in manifests.images(document) if each.written]
        moving = [each for each in fields if isinstance(mapping.decide_text(each.text), Mapped)]
    except Hub2GhcrError:
        return  # reported already
    for each in moving:
        why = f"{each.written} writes its tag and takes a digest away"
        yield f"{document.place}: {each.field}: {each.text}: not pinned, for {why}"


def _decide(
    document: Document,
    mapping: ImageMapping,
    decisions: dict[str, Mapped | Left],
    followed: dict[str, Mapped | Left],
    problems: list[Hub2GhcrError],
) -> None:
    try:
        fields = manifests.images(document)
    except ManifestError as error:
        problems.append(error)
        return
    kind = manifests.pod_kind(document.data)
    own = kind is not None and kind.merges
    for image in fields:
        try:
            if image.found.why == "templated" and not own:
                decision = mapping.decide_text(image.text)  # its controller fills it in; in Kubernetes' own nobody does
            else:
                decision = mapping.map(Reference.parse(image.text))
        except Hub2GhcrError as error:
            problems.append(error.at(f"{document.place}: {image.field}"))
            continue
        if image.fixed and isinstance(decision, Mapped):
            problems.append(manifests.refusal(image.found, image.fixed, document))
        else:
            (followed if image.followed else decisions)[image.text] = decision


def _pushed(document: Document, mapping: ImageMapping, pushed: dict[str, Mapped | Left]) -> Iterator[str]:
    """Decide on what a document's builds push, and yield what is to be said of them."""
    for each in manifests.pushed(document):
        place = f"{document.place}: {each.field}"
        try:
            decision = mapping.decide_text(each.text)
        except Hub2GhcrError as error:
            yield str(error.at(place))
            continue
        if each.found.note and (isinstance(decision, Mapped) or each.found.why == "templated"):
            yield f"{place}: a build pushes there, and it stays: {each.found.note}"
        else:
            pushed[each.text] = decision
    yield from (f"{document.place}: {each.field}: {each.note}" for each in manifests.builds(document))
