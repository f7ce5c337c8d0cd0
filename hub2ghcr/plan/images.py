"""Images to their locked targets: what each image field of a document will say, and what is copied and pulled."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from .. import manifests
from ..covering import runs
from ..errors import Hub2GhcrError, LockError, SettingsError
from ..lock import Entry, Lock, source_of, target_of
from ..manifests import Document
from ..mapping import Left, Mapped, at_home
from ..reference import Reference
from ..settings import Settings
from ..survey import Survey, uses
from .nouns import ImageChange, ImageCopy, Mirror, Pull
from .options import Options

NOT_YET = "phase prepare: copied, not switched yet"


@dataclass(frozen=True, slots=True)
class Move:
    """One image field: what stands there and will, once it is switched (the same and a reason where it stays).

    ``followed``: it is a name that an updater follows, and no image that runs.
    """

    field: str
    before: str
    after: str
    reason: str
    entry: Entry | None
    followed: bool = False

    @property
    def moves(self) -> bool:
        """Whether it will say something else."""
        return self.before != self.after

    def change(self, switched: bool) -> ImageChange:
        """Return the change of it that a phase makes."""
        if self.moves and not switched:
            return ImageChange(self.field, self.before, self.before, NOT_YET)
        return ImageChange(self.field, self.before, self.after, self.reason)


def moves(document: Document, found: Survey, entries: Mapping[str, Entry], options: Options) -> tuple[Move, ...]:
    """Return where each image of a document goes, in their order, and then where its builds push to.

    Raises:
        ManifestError: its images cannot be read.
    """
    images = tuple(_move(field, found, entries, options) for field in manifests.images(document))
    return images + tuple(_push(field, found) for field in manifests.pushed(document))


def _push(field: manifests.ImageField, found: Survey) -> Move:
    """Return what a build will push: no lock knows its digest, so the tag alone is said."""
    decision = found.pushed.get(field.text)
    if isinstance(decision, Mapped):
        return Move(field.field, field.text, str(decision.target), "", None)
    return Move(field.field, field.text, field.text, decision.reason if decision else "not decided", None)


def _move(field: manifests.ImageField, found: Survey, entries: Mapping[str, Entry], options: Options) -> Move:
    if field.followed:
        return _followed(field, found)
    decision, entry = found.decisions.get(field.text), entries.get(field.text)
    if isinstance(decision, Left) and entry is None:
        return Move(field.field, field.text, field.text, decision.reason, None)
    target = decision.target if isinstance(decision, Mapped) else decision.source if decision else None
    if target is None or entry is None:
        return Move(field.field, field.text, field.text, "not decided", None)
    if field.written:  # by tag alone, in files and in what is compared with them
        return Move(field.field, field.text, str(target) if isinstance(decision, Mapped) else field.text, "", entry)
    if options.references == "digest":
        target = target.with_tag(None)
    return Move(field.field, field.text, str(target.with_digest(entry.target_digest)), "", entry)


def _followed(field: manifests.ImageField, found: Survey) -> Move:
    """Return where a name goes that an updater follows: without a tag, and with no entry of the lock."""
    decision = found.followed.get(field.text)
    if isinstance(decision, Mapped):
        return Move(field.field, field.text, decision.target.name, "", None, followed=True)
    return Move(field.field, field.text, field.text, decision.reason if decision else "not decided", None)


def locked(settings: Settings, lock: Lock, found: Survey, problems: list[Hub2GhcrError]) -> dict[str, Entry]:
    """Return the lock's entry of every image text that moves or was published; problems name its first document."""
    remedy = f"run `hub2ghcr lock -s {settings.stack}`"
    entries: dict[str, Entry] = {}
    for place, text in uses(found.sites):
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


def copy_of(entry: Entry, mirror: Mirror, public: Collection[str]) -> ImageCopy:
    """Return the copy that a lock entry stands for; ``public`` are names that anyone can pull."""
    return ImageCopy(entry, "require" if entry.published else mirror, _public(entry, public))


def pull_of(entry: Entry, nodes: Collection[str], public: Collection[str]) -> Pull:
    """Return what nodes of these platforms pull of a lock entry; no platforms: nobody knows the nodes."""
    matter = tuple(each for each in entry.target_platforms if not nodes or runs(each, nodes))
    without = tuple(each for each in entry.platforms if each not in entry.target_platforms)
    return Pull(entry.place, entry.target_digest, matter, _public(entry, public), without, entry.digest)


def _public(entry: Entry, public: Collection[str]) -> bool:
    return Reference.parse(entry.target).name in public


def open_to_anyone(found: Survey) -> frozenset[str]:
    """Return the names of the targets that are pulled without a credential: their rules say so.

    A package that its settings alone want public may not be so yet (no API sets it): it is pulled as a private one.
    """
    return frozenset(each.target.name for each in found.mapped if each.options.public)


def public_of(settings: Settings, found: Survey, problems: list[Hub2GhcrError]) -> frozenset[str]:
    """Return the names of the targets that should be public, as their rules or the packages' settings say."""
    prefix = f"{settings.home}/{settings.github.owner}/".lower() if settings.github else ""
    wanted = settings.github.packages if settings.github else {}
    packages = {f"{prefix}{name}": each.visibility for name, each in wanted.items() if each.visibility}
    ruled = open_to_anyone(found)
    for name in sorted(ruled):
        if packages.get(name, "public") != "public":
            path = f"github.packages.{name.removeprefix(prefix)}.visibility"
            remedy = "make it public, or take `public` from the rule"
            problems.append(SettingsError("its mapping rule says `public: true`", path, packages[name], remedy))
    return ruled | {name for name, visibility in packages.items() if visibility == "public"}
