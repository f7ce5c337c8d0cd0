"""One namespace: its documents to workloads, and what they need to pull."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final

from .. import manifests
from ..credential_ref import CredentialRef
from ..errors import Hub2GhcrError, ManifestError, SettingsError
from ..inventory import WorkloadFacts
from ..lock import Entry
from ..manifests import Document, Mount
from ..settings import Settings
from ..survey import Site, Survey
from .access import accounts_of, added_to, inherited, named_by_openshift, pull_secret_of
from .builds import builds_of
from .fitness import cautions, fixed, refusal
from .images import Move, moves, pull_of
from .nouns import Delivery, ImageChange, Namespace, Pull, RenderedSource, Untouched, Workload
from .options import Options, options_of, takes_from
from .pushing import mounts_of, push_secret_of
from .workloads import waits_for_cutover, workload_of

FOLLOWED: Final = "an updater follows it, and a patch changes what Pods run alone"
_ELSEWHERE: Final = (
    "commit what `hub2ghcr rewrite` makes of its file, or declare it in a namespace with `delivery: own`"
)


@dataclass(frozen=True, slots=True)
class Context:
    """What holds for the whole stack, and where what is wrong or worth a line is gathered."""

    settings: Settings
    found: Survey
    entries: Mapping[str, Entry]
    credentials: Mapping[str, CredentialRef]
    public: Collection[str]
    problems: list[Hub2GhcrError] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    remade: set[str] = field(default_factory=set)
    """What was to be told of Secrets in whose place ours is mounted."""
    kept: set[str] = field(default_factory=set)
    """The same of those that stay: one manifest may stand in several namespaces."""


def namespace_of(site: Site, context: Context) -> Namespace:
    """Return what happens in one namespace; what cannot be done is added to the problems."""
    options = options_of(context.settings, site)
    read = list(_read(site, options, context))
    pulls = _pulls(site, read, context)
    secret = pull_secret_of(context.settings, site, options, pulls, context.credentials, context.found.sites)
    accounts = accounts_of(site, options, context.problems) if secret else ()
    known = inherited(site)
    public = {each.target for each in pulls if each.public}
    workloads: list[Workload] = []
    waiting: list[Workload] = []
    untouched: list[Untouched] = []
    mounted: list[Mount] = []
    for document, found in read:
        live = site.is_live(document)
        mounts = mounts_of(document, context.found, options)
        try:
            if (why := _left(document, found, site, options, context)) is not None:
                untouched += _untouched(document, found, why)
                if _waits(document, found, options) and not live:
                    waiting.append(workload_of(document, site.name, "own", found, (), options, mounts))
                    mounted += mounts
                continue
            mounted += mounts
            private = any(each.moves and each.entry and each.entry.place not in public for each in found)
            added = added_to(document, secret if private else None, accounts, known)
            context.warnings.extend(f"{document.place}: {each}" for each in named_by_openshift(document, added))
            delivery: Delivery = "patch" if live else options.delivery
            workloads.append(workload_of(document, site.name, delivery, found, added, options, mounts))
        except ManifestError as error:
            context.problems.append(error)
    declared = [each for each in workloads if each.delivery != "render"]
    builds = builds_of(context.settings, site)
    remade = {each.told for each in mounted}
    context.remade.update(remade)
    context.kept.update({each.told for document, _ in read for each in manifests.mounts(document)} - remade)
    push_secret = push_secret_of(context.settings, site, options, mounted, context.credentials)
    if push_secret and secret and push_secret.name == secret.name:
        place, remedy = f"cluster {site.cluster.name}, namespace {site.name}", "choose another `pushSecretName`"
        context.problems.append(SettingsError("is the pull Secret's name, too", place, secret.name, remedy))
    return Namespace(
        site.name,
        site.namespace.create,
        secret,
        _sorted(declared),
        options.phase,
        tuple(sorted(untouched, key=lambda each: (each.kind, each.name))),
        pulls,
        accounts,
        options.on_unready,
        site.cluster.rollOutSeconds,
        dict(sorted(site.namespace.labels.items())),
        _sorted(each for each in workloads if each.delivery == "render"),
        tuple(_rendered(site)),
        _sorted(waiting),
        dict(sorted(site.selected.items())),
        tuple(sorted(set(options.builders))) if secret else (),
        builds,
        {name: context.credentials[name] for name in sorted({name for each in builds for name in each.credentials})},
        push_secret,
    )


def _rendered(site: Site) -> Iterator[RenderedSource]:
    for each in site.sources:
        if each.kind in ("kustomize", "helm"):
            yield RenderedSource(each.path, each.kind, each.digest)


def _read(site: Site, options: Options, context: Context) -> Iterator[tuple[Document, tuple[Move, ...]]]:
    for document in site.documents:
        try:
            yield document, moves(document, context.found, context.entries, options)
        except ManifestError:
            continue  # the survey reported it


def _pulls(site: Site, read: list[tuple[Document, tuple[Move, ...]]], context: Context) -> tuple[Pull, ...]:
    entries = {each.entry.place: each.entry for _, found in read for each in found if each.entry}
    return tuple(pull_of(entries[place], site.platforms, context.public) for place in sorted(entries))


def _left(document: Document, found: tuple[Move, ...], site: Site, options: Options, context: Context) -> str | None:
    """Return why a document is left alone, empty where each of its images says so itself; None: it is not.

    Raises:
        ManifestError: it is named by a manifest, and cannot be switched.
    """
    moving = any(each.moves for each in found)
    live = site.is_live(document)
    if not moving:
        return None if options.delivery == "own" and not live else ""
    if _waits(document, found, options) and not live:
        return f"phase prepare: a {document.kind} cannot be changed once it exists, so it is made at cutover"
    if options.delivery == "own" and not options.adopt and not live:
        return None
    if options.delivery == "render":
        return None
    facts = _facts(site, document)
    delivery: Delivery = "patch" if live else options.delivery
    if delivery == "patch" and all(each.followed for each in found if each.moves):
        # no pod spec: whether the manifest is what is live, and whose it is, is asked of pod specs alone
        context.warnings.append(f"{document.place}: left alone: {FOLLOWED}; {_ELSEWHERE}")
        return FOLLOWED
    takes = takes_from(context.settings, site.cluster)
    # what only the inventory knows is left alone in every phase: nobody has asked for it
    refused = refusal(document, facts, found, delivery, options.recreate, takes, options.switched or live)
    if refused is None:
        context.warnings.extend(f"{document.place}: {each}" for each in cautions(document, facts))
        if not options.recreate and (later := fixed(document)):
            context.warnings.append(f"{document.place}: phase cutover will refuse it: {later.what}; {later.remedy}")
        return None
    if not live:
        raise ManifestError(refused.what, document.place, remedy=refused.remedy)
    context.warnings.append(f"{document.place}: left alone: {refused.what}; {refused.remedy}")
    return refused.what


def _waits(document: Document, found: tuple[Move, ...], options: Options) -> bool:
    return options.delivery == "own" and not options.adopt and waits_for_cutover(document, found, options)


def _facts(site: Site, document: Document) -> WorkloadFacts | None:
    return site.facts.workload(document.kind, document.name) if site.facts else None


def _untouched(document: Document, found: tuple[Move, ...], why: str) -> Iterator[Untouched]:
    if found:
        images = (
            ImageChange(each.field, each.before, each.before, why if each.moves else each.reason) for each in found
        )
        yield Untouched(document.kind, document.name, tuple(images))


def _sorted(workloads: Iterator[Workload] | list[Workload]) -> tuple[Workload, ...]:
    return tuple(sorted(workloads, key=lambda each: (each.kind, each.name, each.api_version)))
