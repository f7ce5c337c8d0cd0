"""From a lock file's data to entries: strict, and all that is wrong with it at once."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping
from typing import Any, Final, get_args

from ..attached import Attached, Kind
from ..errors import Hub2GhcrError, InvalidReference, LockError, Problems, raise_all
from ..reference import Reference, is_digest
from .entry import Entry, Narrowed, Resolved, source_of

VERSION: Final = 1
"""The schema's version; a file with another one is refused."""
PUBLISHED: Final = "published"
"""The ``origin`` of an image that was born at its target."""

_REQUIRED: Final = ("digest", "mediaType", "platforms", "size", "target", "resolved")
_OPTIONAL: Final = ("manifests", "attached", "narrowed")
_PLATFORM = re.compile(r"[a-z0-9]+/[a-z0-9_]+(?:/[a-z0-9._-]+)?")
_INSTANT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ")
_ATTACHED: Final = ("subject", "kind", "digest", "mediaType", "size")
_DIGEST: Final = "sha256: and 64 lower-case hex digits"


def entries(data: Any, place: str) -> list[Entry]:
    """Return the entries in the file's order; ``data`` is what `parsing.parse` made of it.

    Raises:
        LockError, Problems: everything that is wrong with it.
    """
    if data is None:
        return []
    if not isinstance(data, dict) or set(data) - {"version", "images"}:
        raise LockError("not a lock file", place, remedy="a lock has `version` and `images`; `hub2ghcr lock` writes it")
    if data.get("version") != VERSION:
        version, remedy = str(data.get("version")), f"this program reads {VERSION}"
        raise LockError("unknown version", f"{place}: version", version, remedy)
    images = data.get("images") or []
    if not isinstance(images, list):
        raise LockError("must be a list", f"{place}: images", str(images))
    problems: list[Hub2GhcrError] = []
    found = []
    for index, image in enumerate(images):
        try:
            found.append(_entry(image))
        except Hub2GhcrError as error:
            problems.append(error.at(f"{place}: images[{index}]"))
    raise_all(problems)
    return found


class _Fields:
    """The fields of one mapping, each checked as it is taken."""

    def __init__(self, data: Any, required: Collection[str], optional: Collection[str] = ()) -> None:
        if not isinstance(data, dict):
            raise LockError("must be a mapping", value=str(data))
        self.data: Mapping[str, Any] = data
        self.problems: list[Hub2GhcrError] = []
        self.problems += (LockError("is missing", name) for name in sorted(set(required) - set(data)))
        unknown = sorted(set(data) - {*required, *optional})
        self.problems += (LockError("is no field of this", name, remedy="remove it") for name in unknown)

    def take(self, name: str, good: Callable[[Any], bool], expected: str, default: Any = None) -> Any:
        """Return a field's value; what is not good is a problem."""
        if name not in self.data:
            return default
        value = self.data[name]
        if not good(value):
            self.problems.append(LockError(f"must be {expected}", name, str(value)))
        return value

    def part(self, name: str, read: Callable[[Any], Any]) -> Any:
        """Return what ``read`` makes of a field, None where it is missing or wrong."""
        if name not in self.data:
            return None
        try:
            return read(self.data[name])
        except Hub2GhcrError as error:
            self.problems.append(error.at(name))
            return None

    def reference(self, name: str, spelling: Callable[[Reference], str]) -> str:
        """Return a field that is a reference, spelled as entries spell it."""
        value = self.data.get(name)
        if name in self.data:
            try:
                if spelling(Reference.parse(str(value))) != value:
                    self.problems.append(LockError("must be spelled in full", name, str(value)))
            except InvalidReference as error:
                self.problems.append(error.at(name))
        return str(value)

    def done(self) -> None:
        """Raise all problems."""
        if self.problems:
            raise Problems(self.problems)


def _entry(image: Any) -> Entry:
    published = isinstance(image, dict) and "origin" in image
    fields = _Fields(image, (*_REQUIRED, "origin" if published else "source"), _OPTIONAL)
    if published:
        fields.take("origin", lambda value: value == PUBLISHED, f"{PUBLISHED}, or left out")
    source = "" if published else fields.reference("source", source_of)
    digest = fields.take("digest", _digest, _DIGEST)
    media_type = fields.take("mediaType", _text, "a string")
    platforms = fields.take("platforms", _platforms, "a list of os/architecture")
    size = fields.take("size", _count, "a number of bytes")
    target = fields.reference("target", _plain)
    resolved = fields.part("resolved", _resolved)
    manifests = fields.take("manifests", _count, "a number of manifests", 0)
    attached = fields.part("attached", _all_attached) or ()
    narrowed = fields.part("narrowed", _narrowed)
    fields.done()
    return Entry(
        source, digest, media_type, tuple(sorted(platforms)), size, target, resolved, manifests, attached, narrowed
    )


def _resolved(data: Any) -> Resolved:
    fields = _Fields(data, ("at", "from"))
    at = fields.take("at", _instant, "YYYY-MM-DDThh:mm:ssZ")
    source = fields.take("from", _text, "a registry's host or an archive")
    fields.done()
    return Resolved(at, source)


def _narrowed(data: Any) -> Narrowed:
    fields = _Fields(data, ("digest", "platforms"))
    digest = fields.take("digest", _digest, _DIGEST)
    found = fields.take("platforms", lambda value: bool(value) and _platforms(value), "a list of os/architecture")
    fields.done()
    return Narrowed(digest, tuple(sorted(found)))


def _all_attached(data: Any) -> tuple[Attached, ...]:
    if not isinstance(data, list):
        raise LockError("must be a list", value=str(data))
    problems: list[Hub2GhcrError] = []
    found = []
    for index, item in enumerate(data):
        try:
            found.append(_attached(item))
        except Hub2GhcrError as error:
            problems.append(error.at(f"[{index}]"))
    raise_all(problems)
    return tuple(sorted(found))


def _attached(data: Any) -> Attached:
    fields = _Fields(data, _ATTACHED, ("artifactType", "tag"))
    found = Attached(
        fields.take("subject", _digest, _DIGEST),
        fields.take("kind", lambda value: value in get_args(Kind), "one of " + ", ".join(get_args(Kind))),
        fields.take("digest", _digest, _DIGEST),
        fields.take("mediaType", _text, "a string"),
        fields.take("artifactType", _text, "a string", ""),
        fields.take("size", _count, "a number of bytes"),
        fields.take("tag", _text, "a string", ""),
    )
    fields.done()
    return found


def _plain(reference: Reference) -> str:
    return f"{reference.name}:{reference.tag}" if reference.tag else reference.name


def _digest(value: Any) -> bool:
    return isinstance(value, str) and is_digest(value)


def _text(value: Any) -> bool:
    return isinstance(value, str)


def _instant(value: Any) -> bool:
    return isinstance(value, str) and _INSTANT.fullmatch(value) is not None


def _count(value: Any) -> bool:
    return isinstance(value, int) and value >= 0


def _platforms(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(each, str) and _PLATFORM.fullmatch(each) for each in value)
