"""Workflows that push to and pull from Docker Hub, made to do so at GHCR; nothing else in them changes."""

from __future__ import annotations

from collections.abc import Mapping as Files
from dataclasses import dataclass, field
from typing import Final, Literal

from ..errors import Hub2GhcrError, ManifestError, Problems
from ..mapping import Mapping
from ..reference import HUB, HUB_HOSTS
from ..source import trees
from . import dependabot, keys, secrets, signing
from .keys import Splice
from .leftovers import leftovers
from .moving import Edit, Fate, fate, options, registry_options
from .permissions import Granting
from .project import Project, project
from .reading import jobs
from .settling import Want, edits, settle
from .texts import Origin, Text, located
from .uses import Given, Image, Job, SignIn, host_of

Flavour = Literal["token", "pat"]
_RUNS: Final = frozenset({"docker run", "docker create", "podman run", "podman create", "nerdctl run"})
_AROUND: Final = b" \t\r\n\"'"


@dataclass(frozen=True, slots=True, order=True)
class Change:
    """One edit: its place (from 1), what stood there, and what stands there now."""

    line: int
    column: int
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Migrated:
    """One file: what it was, what it is, the changes."""

    place: str
    before: bytes
    data: bytes
    changes: tuple[Change, ...]


@dataclass(frozen=True, slots=True)
class Migration:
    """A repository's workflows, migrated.

    Attributes:
        files: those that were read, sorted by path.
        problems: what could not be decided or understood, each with place and remedy; sorted.
        notes: what stays, and why; sorted.
    """

    files: tuple[Migrated, ...]
    problems: tuple[Hub2GhcrError, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def changed(self) -> tuple[Migrated, ...]:
        """The files that change."""
        return tuple(each for each in self.files if each.data != each.before)


def migrate(
    files: Files[str, bytes], mapping: Mapping, flavour: Flavour = "token", told: Files[str, str] | None = None
) -> Migration:
    """Return a repository's workflows and actions with what they do at Docker Hub done at GHCR.

    Args:
        files: bytes by path, of one repository: what calls each other is followed.
        mapping: which image moves where.
        flavour: what signs in to GHCR: ``token`` is ``GITHUB_TOKEN``, ``pat`` the secret ``CR_PAT``.
        told: values of expressions by name (``github.repository``, ``vars.OWNER``).
    """
    found = project(files)
    return _Run(found, jobs(found, told or {}), mapping, flavour).migration()


@dataclass(slots=True)
class _Known:
    """An image with its fate."""

    image: Image
    fate: Fate
    want: Want
    kept: bool

    @property
    def moved(self) -> bool:
        return self.want.moves and bool(self.want.taken)


@dataclass(slots=True)
class _Run:
    project: Project
    jobs: list[Job]
    mapping: Mapping
    flavour: Flavour
    problems: list[Hub2GhcrError] = field(default_factory=list)
    notes: set[str] = field(default_factory=set)
    splices: dict[str, dict[Splice, str]] = field(default_factory=dict)
    known: dict[str, dict[Image, _Known]] = field(default_factory=dict)
    moved: set[SignIn] = field(default_factory=set)

    def migration(self) -> Migration:
        self.problems += self.project.problems
        both = self._both()
        wants: list[Want] = []
        for job in self.jobs:
            local, pulled = self._local(job), self._pulled(job)
            self.known[_key(job)] = {}
            for image in job.images:
                found = self._fate(image, job, local, pulled)
                kept = found.target in both.get(job.file, ()) or found.source in both.get(job.file, ())
                ways = [] if kept or found.state != "move" else self._possible(options(image.text, found.schemes))
                want = Want(image.text, ways)
                self.known[_key(job)][image] = _Known(image, found, want, kept)
                wants.append(want)
                if found.state == "move" and not kept and not ways:
                    remedy = "change it by hand"
                    self._problem(image.text.origin, "its name is put together in several places", image.text, remedy)
        settle(wants)
        signs = self._sign_ins(both, wants)
        settle(wants)
        self.moved = {sign for sign, _, _ in signs}
        self._report({sign: registry for sign, _, registry in signs})
        for edit in edits(wants):
            self._splice(edit)
        for sign in signs:
            self._signs_in(*sign)
        self._containers()
        self._permissions()
        for file in self.project.of_kind("dependabot"):
            self.problems += dependabot.remarks(file)
        seen = self._seen()
        for file in self.project.files.values():
            self.problems += leftovers(file, seen.get(file.path, ()), self.mapping)
        return self._done()

    def _both(self) -> dict[str, set[str]]:
        """Return by file the targets that are pushed to GHCR already beside their sources, and those sources."""
        found: dict[str, set[str]] = {}
        for path in {job.file for job in self.jobs}:
            pushed = [
                fate(image.text, image.role, self.mapping)
                for job in self.jobs
                if job.file == path
                for image in job.images
                if image.role == "push" or (image.role == "build" and job.pushes)
            ]
            there = {each.source for each in pushed if each.state == "stay"}
            twice = [each for each in pushed if each.state == "move" and each.target in there]
            if twice:
                found[path] = {name for each in twice for name in (each.source, each.target)}
                names = ", ".join(sorted({each.source for each in twice}))
                self.notes.add(f"{path}: pushes to Docker Hub and GHCR already, and is left alone with {names}")
        return found

    def _local(self, job: Job) -> set[str]:
        return {
            found.source
            for image in job.images
            if image.role in ("push", "build")
            and (found := fate(image.text, image.role, self.mapping)).state == "local"
        }

    def _pulled(self, job: Job) -> set[str]:
        return {fate(image.text, "pull", self.mapping).source for image in job.images if image.role == "pull"}

    def _fate(self, image: Image, job: Job, local: set[str], pulled: set[str]) -> Fate:
        found = fate(image.text, image.role, self.mapping)
        if found.source in local:
            return Fate("local", found.source)
        if found.state == "move" and found.source.startswith(f"{HUB}/library/"):
            if image.role == "held" and found.source not in pulled:
                return Fate("local", found.source)
            if job.builders and image.what in _RUNS and not {":", "@"} & set(image.text.plain):
                remedy = "change it by hand if it is pulled; give it a tag then"
                return Fate("unknown", reason=f"may be built by its job: {image.text.shown}", remedy=remedy)
        return found

    def _seen(self) -> dict[str, set[tuple[int, int]]]:
        """Return by file the bytes that say images and registries."""
        texts = [image.text for job in self.jobs for image in job.images]
        texts += [sign.registry for job in self.jobs for sign in job.signs_in if sign.registry is not None]
        seen: dict[str, set[tuple[int, int]]] = {}
        for chunk in {chunk for text in texts for chunk in text.chunks}:
            if (place := self._located(chunk.origin)) is not None:
                seen.setdefault(chunk.origin.file, set()).add(place)
        return seen

    def _possible(self, ways: list[tuple[Edit, ...]]) -> list[tuple[Edit, ...]]:
        return [way for way in ways if all(self._located(edit.at) is not None for edit in way)]

    def _located(self, at: Origin) -> tuple[int, int] | None:
        return located(self.project.files[at.file].data, at.scalar, at.start, at.end)

    def _sign_ins(self, both: dict[str, set[str]], wants: list[Want]) -> list[tuple[SignIn, Want, str]]:
        """Decide for each place that signs in to Docker Hub whether it signs in to GHCR now."""
        owners: dict[SignIn, list[Job]] = {}
        for job in self.jobs:
            for sign in job.signs_in:
                owners.setdefault(sign, []).append(job)
        moving: list[tuple[SignIn, Want, str]] = []
        for sign, held_by in owners.items():
            host = _host(sign)
            registry = sign.registry
            if host is not None and host not in HUB_HOSTS:
                if registry is not None:
                    wants.append(Want(registry, []))
                continue
            verdicts = [self._verdict(job, sign, both) for job in held_by]
            targets = {target for target, _ in verdicts if target}
            if len(targets) == 1:
                ways = [] if registry is None else self._possible(registry_options(registry, next(iter(targets))))
                want = Want(registry or Text(()), ways)
                if self._can(sign):
                    wants.append(want)
                    moving.append((sign, want, next(iter(targets))))
                    self.notes |= {f"{self._where(sign.place)}: {why}" for target, why in verdicts if target and why}
                    continue
                self._problem(sign.place, "cannot sign in to GHCR as it is written", None, "change it by hand")
            else:
                for _, why in verdicts:
                    if why:
                        self._problem(sign.place, why, None, "sign in to ghcr.io here, or remove it with the secrets")
            if registry is not None:
                wants.append(Want(registry, []))
        return moving

    def _can(self, sign: SignIn) -> bool:
        given = [each for each in (sign.username, sign.password) if each is not None]
        if sign.password is None or any(self._located(each.place) is None for each in given):
            return False
        return self.flavour == "token" or sign.secrets

    def _verdict(self, job: Job, sign: SignIn, both: dict[str, set[str]]) -> tuple[str, str]:
        """Return the registry that a job needs instead, empty for none; and a remark."""
        known = self.known[_key(job)].values()
        moved = sorted({each.fate.target.partition("/")[0] for each in known if each.moved})
        stays = [each for each in known if each.fate.source.startswith(f"{HUB}/") and not each.moved]
        stays = [each for each in stays if each.fate.state != "local"]
        if any(each.kept for each in known):
            return "", ""
        if not moved:
            if any(each.fate.state in ("unknown", "move", "problem") for each in known):
                return "", "signs in to Docker Hub, and which images of its job move is not known"
            if stays:
                return "", "signs in to Docker Hub, where the images of its job stay"
            return "", "signs in to Docker Hub, and no image of it is named here"
        others = [_host(each) for each in job.signs_in if each != sign]
        if any(host in moved for host in others):
            return "", f"signs in to Docker Hub, and to {moved[0]} besides"
        pushed = [
            each.fate.source
            for each in stays
            if each.image.role == "push" or (each.image.role == "build" and job.pushes)
        ]
        if pushed:
            return "", f"signs in to Docker Hub, where {pushed[0]} is still pushed to"
        if stays:
            names = ", ".join(sorted({each.fate.source for each in stays}))
            return moved[0], f"does not sign in to Docker Hub any more; its job pulls from there without: {names}"
        return moved[0], ""

    def _signs_in(self, sign: SignIn, want: Want, registry: str) -> None:
        if sign.registry is not None and not want.taken:
            self._problem(
                sign.place, "the registry's name is used for other things, too", sign.registry, "write it out"
            )
            return
        if sign.registry is None:
            if isinstance(sign.at, Origin):
                self._splice(Edit(sign.at, f" {registry}"))
            else:
                data, key = self.project.files[sign.place.file].data, sign.at[1]
                self._put(sign.place.file, keys.before(data, key, [f"registry: {registry}"]), f"registry: {registry}")
        values = (signing.USERNAME, signing.password(self.flavour, sign.secrets))
        for given, value in zip((sign.username, sign.password), values, strict=True):
            if given is not None:
                place = signing.place(given, self._data(given), self._uses(given))
                if place.text != value:
                    self._splice(Edit(place, value))

    def _data(self, given: Given) -> bytes:
        return self.project.files[given.place.file].data

    def _uses(self, given: Given) -> int:
        """Return in how many places that sign in the same variable is used."""
        origin = given.text.chunks[0].origin
        return len(
            {
                each.place
                for job in self.jobs
                for sign in job.signs_in
                for each in (sign.username, sign.password)
                if each is not None and each.text.chunks and each.text.chunks[0].origin == origin
            }
        )

    def _containers(self) -> None:
        for job in self.jobs:
            for each in job.containers:
                if self.known[_key(job)][each.image].moved:
                    values = (signing.USERNAME, signing.password(self.flavour, True))
                    for given, value in zip((each.username, each.password), values, strict=True):
                        if given is not None:
                            self._splice(Edit(given.place, value))

    def _permissions(self) -> None:
        if self.flavour == "pat":
            return
        granting = Granting({path: file.data for path, file in self.project.files.items()})
        for job in self.jobs:
            moved = [each.image for each in self.known[_key(job)].values() if each.moved]
            if any(each.role == "push" or (each.role == "build" and job.pushes) for each in moved):
                granting.grant(job, "write")
            elif any(each.role in ("pull", "held", "name") for each in moved) and (job.signs_in or job.containers):
                granting.grant(job, "read")
        for path, held in granting.splices.items():
            for splice, said in held.items():
                self._put(path, splice, said)
        for path, line, what, remedy in granting.refused:
            self.problems.append(ManifestError(what, f"{path}:{line}", remedy=remedy))
        self.notes |= set(granting.notes)

    def _secrets(self, files: list[Migrated]) -> None:
        """Tell of secrets that nothing signs in with any more."""
        gone: set[str] = set()
        kept: set[str] = set()
        for sign in {sign for job in self.jobs for sign in job.signs_in}:
            if _host(sign) in HUB_HOSTS:
                (gone if sign in self.moved else kept).update(secrets.named(sign))
        for file in files:
            for name, line, asked in secrets.left(file.before, gone - kept, self.splices.get(file.place, ())):
                if asked:
                    remedy = "ask for something else before it is removed"
                    self.problems.append(ManifestError(f"depends on {name}", f"{file.place}:{line}", remedy=remedy))
                else:
                    self.notes.add(f"{file.place}:{line}: names {name}, and nothing signs in with it any more")

    def _report(self, targets: dict[SignIn, str]) -> None:
        for job in self.jobs:
            elsewhere = {_host(sign) for sign in job.signs_in}
            quiet = bool(elsewhere) and not elsewhere & {None, *HUB_HOSTS}
            for each in self.known[_key(job)].values():
                origin = each.image.text.origin
                if each.fate.state == "unknown" and not (
                    quiet or (each.image.role in ("held", "name") and _bare(each.image))
                ):
                    self._problem(origin, each.fate.reason, None, each.fate.remedy)
                elif each.fate.state == "problem":
                    self._problem(origin, each.fate.reason, each.image.text, each.fate.remedy)
                elif each.fate.state == "uncovered":
                    self.notes.add(f"{self._where(origin)}: {each.fate.reason}: {each.image.text.shown!r}")
                elif each.want.moves and each.want.taken is None:
                    what = "shares a variable with an image that does not move the same way"
                    self._problem(origin, what, each.image.text, "give each image a variable of its own")
            for place, what, remedy in job.unseen:
                self._problem(place, what, None, remedy)
            pushed = [
                each
                for each in self.known[_key(job)].values()
                if (each.moved and each.image.role == "push")
                or (each.moved and each.image.role == "build" and job.pushes)
            ]
            at = {sign.registry.plain if sign.registry else None for sign in job.signs_in} | {
                target for sign, target in targets.items() if sign in job.signs_in
            }
            for each in self.known[_key(job)].values():
                if _anonymous(each, job, at):
                    self.notes.add(
                        f"{self._where(each.image.text.origin)}: {each.fate.target} is pulled without signing in:"
                        " its package must be public, or let in the repository by credentials"
                    )
            if job.delegates and any(_host(sign) == HUB for sign in job.signs_in):
                for place, what in job.delegates:
                    self._problem(place, what, None, "name ghcr.io there, and sign in to it here")
            if pushed and not job.signs_in:
                what = "is pushed to GHCR now, and its job signs in nowhere"
                self._problem(pushed[0].image.text.origin, what, pushed[0].image.text, "sign in to ghcr.io before it")

    def _problem(self, at: Origin | None, what: str, value: Text | None, remedy: str) -> None:
        self.problems.append(ManifestError(what, self._where(at), "" if value is None else value.shown, remedy))

    def _where(self, at: Origin | None) -> str:
        if at is None:
            return ""
        place = self._located(at)
        data = self.project.files[at.file].data
        begin = at.scalar.start if place is None else place[0]
        return "{}:{}:{}".format(at.file, *_position(data, begin))

    def _splice(self, edit: Edit) -> None:
        place = self._located(edit.at)
        if place is None:
            self._problem(edit.at, "cannot be told in the file's bytes", None, f"write {edit.new} by hand")
            return
        self._put(edit.at.file, Splice(*place, self._in_style(edit, *place)), "")

    def _in_style(self, edit: Edit, start: int, end: int) -> bytes:
        """Return an edit's bytes, in quotes where a plain value could not hold them: within braces."""
        scalar, data = edit.at.scalar, self.project.files[edit.at.file].data
        new = edit.new.encode()
        if scalar.style == "plain" and (start, end) == (scalar.start, scalar.end) and b"{{" not in data[start:end]:
            try:
                list(trees(data[:start] + new + data[end:], edit.at.file))
            except ManifestError:
                return b'"' + new + b'"'
        return new

    def _put(self, file: str, splice: Splice, said: str) -> None:
        self.splices.setdefault(file, {})[splice] = said

    def _done(self) -> Migration:
        files: list[Migrated] = []
        for path, file in self.project.files.items():
            held = self.splices.get(path, {})
            changes = []
            for splice, said in held.items():
                changes.append(_change(file.data, splice, said))
            data = keys.spliced(file.data, list(held))
            try:
                list(trees(data, path) if file.kind != "bake" else ())
            except ManifestError as error:
                self.problems.append(ManifestError(f"left as it was, for it would not be YAML: {error.what}", path))
                data, changes = file.data, []
            files.append(Migrated(path, file.data, data, tuple(sorted(changes))))
        self._secrets(files)
        return Migration(tuple(files), Problems(self.problems).problems, tuple(sorted(self.notes)))


def _anonymous(known: _Known, job: Job, registry: set[str | None]) -> bool:
    """Whether a job pulls an image without signing in to where it is now."""
    if known.image.role != "pull" or not known.moved:
        return False
    if known.image.what in ("container", "uses", "runs.image") or known.image.what.startswith("service "):
        return all(each.image != known.image for each in job.containers)
    return known.fate.target.partition("/")[0] not in registry


def _key(job: Job) -> str:
    return f"{job.file}\n{job.name}"


def _host(sign: SignIn) -> str | None:
    """Return the registry that somebody signs in to; None: nobody knows."""
    if sign.registry is None or not sign.registry.plain.strip():
        return HUB
    return host_of(sign.registry.plain)


def _bare(image: Image) -> bool:
    return all(chunk.kind == "unknown" for chunk in image.text.chunks)


def _change(data: bytes, splice: Splice, said: str) -> Change:
    """Return a splice as people read it: the whole word that changes, or what is added."""
    start, end = splice.start, splice.end
    if said:
        return Change(*_position(data, start), "", said)
    if start == end:
        while data[start - 1 : start].strip(_AROUND):
            start -= 1
        while data[end : end + 1].strip(_AROUND):
            end += 1
    before, after = data[start:end], data[start : splice.start] + splice.new + data[splice.end : end]
    return Change(*_position(data, start), before.decode(), after.decode())


def _position(data: bytes, at: int) -> tuple[int, int]:
    begin = data.rfind(b"\n", 0, at) + 1
    return data.count(b"\n", 0, at) + 1, len(data[begin:at].decode("utf-8", "replace").removeprefix("\ufeff")) + 1
