"""The cluster side of a plan: images to their locked targets, documents to what is applied."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from .. import manifests
from ..errors import Hub2GhcrError, LockError, ManifestError, SettingsError
from ..lock import Entry, Lock, source_of, target_of
from ..manifests import Document
from ..mapping import Left, Mapped, at_home
from ..reference import Reference
from ..settings import Settings
from ..survey import Site, Survey
from .nouns import (
    CredentialRef,
    Delivery,
    ImageChange,
    ImageCopy,
    Mirror,
    Namespace,
    Phase,
    Pull,
    PullSecret,
    Untouched,
    Workload,
)


def locked(settings: Settings, lock: Lock, found: Survey, problems: list[Hub2GhcrError]) -> dict[str, Entry]:
    """Return the lock's entry of every image text that moves or was published; problems name its first document."""
    remedy = f"run `hub2ghcr lock -s {settings.stack}`"
    entries: dict[str, Entry] = {}
    for place, text in found.uses():
        decision = found.decisions.get(text)
        if isinstance(decision, Left):
            if (entry := _there(lock, decision, settings)) is not None:
                entries[text] = entry
            continue
        if decision is None:
            continue
        try:
            entry = lock.entry(decision.source)
        except LockError as error:
            problems.append(error.at(place))
            continue
        if entry is None:
            problems.append(LockError("the image has no lock entry", place, text, remedy))
        elif entry.target != target_of(decision.target):
            what = f"the lock sends the image to {entry.target}, the mapping to {target_of(decision.target)}"
            problems.append(LockError(what, place, text, remedy))
        else:
            entries[text] = entry
    return entries


def _there(lock: Lock, left: Left, settings: Settings) -> Entry | None:
    """Return the entry of an image that is named as it is on GHCR; None leaves it as it is.

    One that names its digest itself is as good as locked.
    """
    if left.kind != "on-ghcr" or left.source is None or left.source.digest:
        return None
    return lock.to(source_of(at_home(left.source, settings.aliases)))


def namespace_of(
    settings: Settings,
    site: Site,
    found: Survey,
    entries: Mapping[str, Entry],
    credentials: Mapping[str, CredentialRef],
    problems: list[Hub2GhcrError],
) -> Namespace:
    """Return what happens in one namespace; add what cannot be done to ``problems``."""
    own, cluster = site.namespace, site.cluster
    phase: Phase = own.phase or settings.phase
    name = own.pull or cluster.pull
    secret = own.pullSecretName or cluster.pullSecretName
    opens = {settings.home: name} if isinstance(name, str) else dict(sorted((name or {}).items()))
    pull = PullSecret(secret, {host: credentials[each] for host, each in opens.items()}) if opens else None
    workloads: list[Workload] = []
    untouched: list[Untouched] = []
    pulls: dict[str, Pull] = {}
    for document in site.documents:
        try:
            changes = tuple(_change(field, found, entries, phase) for field in manifests.images(document))
            found_here = [entries[each.before] for each in changes if each.before in entries]
            pulls |= {each.place: Pull(each.place, each.target_digest, each.platforms) for each in found_here}
            delivery: Delivery = own.delivery or cluster.delivery
            if phase == "prepare" or (delivery == "patch" and not any(each.before != each.after for each in changes)):
                if changes:
                    untouched.append(Untouched(document.kind, document.name, changes))
            else:
                workloads.append(_workload(site, document, delivery, changes, entries, pull))
        except ManifestError as error:
            problems.append(error)
    return Namespace(
        site.name,
        own.create,
        pull,
        tuple(sorted(workloads, key=lambda each: (each.kind, each.name, each.api_version))),
        phase,
        tuple(sorted(untouched, key=lambda each: (each.kind, each.name))),
        tuple(pulls[target] for target in sorted(pulls)),
    )


def _change(field: manifests.ImageField, found: Survey, entries: Mapping[str, Entry], phase: Phase) -> ImageChange:
    decision, entry = found.decisions.get(field.text), entries.get(field.text)
    if isinstance(decision, Left) and entry is None:
        return ImageChange(field.field, field.text, field.text, decision.reason)
    target = decision.target if isinstance(decision, Mapped) else decision.source if decision else None
    if target is None or entry is None:
        return ImageChange(field.field, field.text, field.text, "not decided")
    if phase == "prepare":
        return ImageChange(field.field, field.text, field.text, "phase prepare: copied, not switched yet")
    return ImageChange(field.field, field.text, str(target.with_digest(entry.target_digest)), "")


def _workload(
    site: Site,
    document: Document,
    delivery: Delivery,
    changes: tuple[ImageChange, ...],
    entries: Mapping[str, Entry],
    pull: PullSecret | None,
) -> Workload:
    replace = {each.before: each.after for each in changes if each.before != each.after}
    spec, kind = manifests.pod_spec(document.data), manifests.pod_kind(document.data)
    secrets: tuple[str, ...] = ()
    if replace and pull is not None and spec is not None:
        accounts = [each for each in site.documents if each.kind == "ServiceAccount"]
        secrets = manifests.added_pull_secrets(spec, pull.name, accounts, document.place)
    if delivery == "patch":
        if kind is not None and kind.fixed:
            raise ManifestError(kind.fixed, document.place, remedy="delete it and set `delivery: own`, or leave it out")
        body = manifests.patch_document(document, site.name, replace, secrets)
    else:
        body = manifests.rewrite(document, replace, secrets)
        body["metadata"] = {**body["metadata"], "namespace": site.name}
    copies = {entries[each.before].place for each in changes if each.before in entries}
    return Workload(
        document.api_version, document.kind, site.name, document.name, delivery, body, changes, tuple(sorted(copies))
    )


def copy_of(entry: Entry, mirror: Mirror, public: Collection[str]) -> ImageCopy:
    """Return the copy that a lock entry stands for; ``public`` are names that anyone can pull."""
    return ImageCopy(entry, "require" if entry.published else mirror, Reference.parse(entry.target).name in public)


def public_of(settings: Settings, found: Survey, problems: list[Hub2GhcrError]) -> frozenset[str]:
    """Return the names of the targets that should be public, as their rules or the packages' settings say."""
    prefix = f"{settings.home}/{settings.github.owner}/".lower() if settings.github else ""
    wanted = settings.github.packages if settings.github else {}
    packages = {f"{prefix}{name}": each.visibility for name, each in wanted.items()}
    ruled = {each.target.name for each in found.mapped if each.options.public}
    for name in sorted(ruled):
        if packages.get(name, "public") != "public":
            path = f"github.packages.{name.removeprefix(prefix)}.visibility"
            remedy = "make it public, or take `public` from the rule"
            problems.append(SettingsError("its mapping rule says `public: true`", path, packages[name], remedy))
    return frozenset(ruled) | {name for name, visibility in packages.items() if visibility == "public"}
