"""What looks like a Docker Hub image where no row of the table says that one stands: reported, never edited."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Collection, Iterator
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from ..reference import HUB, HUB_HOSTS
from ..source import ListNode, MapNode, Node, Scalar
from . import helm
from .found import Found
from .inside import TYPED, Block
from .path import Path, text_of
from .table import BUILT_IN, FORMATS
from .variables import is_templated, name_of, parsed

if TYPE_CHECKING:
    from .objects import Reading

NOTE: Final = "looks like a Docker Hub image, and no rule covers this place: declare it in hub2ghcr:places"

_HOSTED: Final = re.compile(
    r"(?<![\w./@-])(?:" + "|".join(map(re.escape, sorted(HUB_HOSTS, reverse=True))) + r")"
    r"/[a-z0-9]+(?:[._/-]+[a-z0-9]+)*(?::[A-Za-z0-9_][\w.-]*)?(?:@sha\d{3}:[0-9a-f]{64,128})?(?![\w/])"
)
_LINE: Final = re.compile(r"^[ \t]*(?:-[ \t]+)?[\"']?image[\"']?:[ \t]*[\"']?([^\s\"'#]+)", re.MULTILINE)
_FLAG: Final = re.compile(r"--?[\w-]{0,80}?(?:image|destination)[\w-]{0,80}=(\S+)")
_VARIABLE: Final = re.compile(r"^[A-Z0-9_]{0,80}IMAGE(?:_NAME)?=[\"']?([^\s\"']+)", re.MULTILINE)
_SCHEME: Final = re.compile(r"\bdocker(?:-image)?://([^\s\"',]+)")
_SKIPPED: Final = frozenset({"kubectl.kubernetes.io/last-applied-configuration", "managedFields"})
_OTHER: Final = ("rbd", "image")
"""A volume of Ceph: its image is a block device."""
_KEYS: Final = frozenset(
    pattern.rpartition(".")[2].lower()
    for row in (*BUILT_IN.rows, *FORMATS.rows)
    for pattern in (*row.images, *row.names)
    if pattern.lower().endswith(("image", "imagename"))
)
"""Last keys of the table's paths."""
_FILE: Final = re.compile(r"\.[a-z][a-z0-9]{1,4}$")
"""The end of a file's name: pictures and disks are images, too."""
_PULLS: Final = ("hub.docker.com/", "docker.com/r/")


def uncovered(
    node: Node, reading: Reading, known: Collection[Found], path: Path = (), *, strict: bool
) -> Iterator[Found]:
    """Yield what looks like an image of Docker Hub and is none of those ``known``, not even inside a text.

    Args:
        node: the document.
        reading: what it is.
        known: what the table finds in it.
        path: where ``node`` is in the document.
        strict: a name alone counts only under a key that the table knows, since the document may be anything.
    """
    parts = sorted((scalar for each in known for _, scalar in each.parts), key=lambda scalar: scalar.start)
    covered, starts = {id(scalar) for scalar in parts}, [scalar.start for scalar in parts]
    read = [scalar.start for each in known if each.updater for _, scalar in each.parts]  # of lists in one text
    todo: list[tuple[Path, Node, str]] = [(path, node, "")]
    while todo:
        at, below, called = todo.pop()
        if isinstance(below, Scalar):
            if id(below) in covered or at[-2:] == _OTHER or any(below.start <= each < below.end for each in read):
                continue
            for each in _scalar(below, called, at, reading, strict):
                start = each.parts[0][1].start
                before = bisect_right(starts, start) - 1
                if before >= 0 and start < parts[before].end:
                    continue
                inside = parts[before + 1 : bisect_right(starts, each.parts[0][1].end)]
                if not any(each.text in part.value for part in inside):
                    yield each
        elif isinstance(below, ListNode):
            todo += [((*at, index), item, "") for index, item in reversed(list(enumerate(below.items)))]
        else:
            if called.lower().endswith("image"):
                for each in _group(below, reading, at):
                    if covered.isdisjoint(id(scalar) for _, scalar in each.parts):
                        covered |= {id(scalar) for _, scalar in each.parts}
                        yield each
            # What a variable, a parameter or a patch is called stands beside it, not in its key
            name = text_of(below.get("name")) or text_of(below.get("path"))
            for key, item in reversed(below.items):
                own = name if key.value == "value" and name else key.value
                if own == "name" and called == "image":  # GitLab
                    own = "name of image"
                elif own == "source" and text_of(below.get("type")) == "image":  # a volume of Compose
                    own = "image"
                if key.value not in _SKIPPED and not (key.value == "status" and at == path):
                    todo.append(((*at, key.value), item, own))


def _group(node: MapNode, reading: Reading, path: Path) -> Iterator[Found]:
    """Yield the image that a mapping of repository and tag says."""
    for each in helm.groups(node, reading, path, deep=False):
        image = None if each.note else parsed(each.text)
        if image is not None and image.registry == HUB and (image.tag or image.digest or "/" in each.text):
            yield replace(each, note=NOTE, why="uncovered")


def _scalar(scalar: Scalar, called: str, path: Path, reading: Reading, strict: bool) -> Iterator[Found]:
    value = scalar.value
    if called[-5:].lower() == "image" or called[-9:].lower() == "imagename":
        found = parsed(value) if len(value) < 1000 and not is_templated(value) else None
        typed = scalar.style == "plain" and TYPED.fullmatch(value) is not None
        if found is not None and found.registry == HUB and not scalar.null and not typed:
            alone = called.lower() in _KEYS or ("/" in value and not strict)
            if found.tag or found.digest or (alone and not _FILE.search(value)):
                yield reading.found(path, value, ("image", scalar), note=NOTE, why="uncovered")
            return
    texts: list[tuple[int, str]] = []
    if "docker." in value:
        texts += [(each.start(), each[0]) for each in _HOSTED.finditer(value) if not each[0].startswith(_PULLS)]
    if "image" in value and "\n" in value:
        texts += [(each.start(1), each[1]) for each in _LINE.finditer(value)]
    if value.startswith("-") and "=" in value:
        texts += [(each.start(1), each[1]) for each in _FLAG.finditer(value)]
    if "IMAGE" in value and "=" in value:
        texts += [(each.start(1), each[1]) for each in _VARIABLE.finditer(value)]
    if "://" in value:
        texts += [(each.start(1), each[1]) for each in _SCHEME.finditer(value)]
    block = Block(scalar, reading.data) if texts and "\n" in value else None
    at, line, offset = 0, 1, 0
    for start, text in sorted(dict(texts).items()):
        between = value[at:start]
        at, line, offset = start, line + between.count("\n"), offset + len(between.encode("utf-8", "replace"))
        image = parsed(text)
        hosted = name_of(text).partition("/")[0] in HUB_HOSTS
        if image is not None and image.registry == HUB and (hosted or image.tag or image.digest or "/" in text):
            column = start - value.rfind("\n", 0, start)
            inner = Scalar(text, offset, offset + len(text), line, column, "plain")
            place = block.moved(inner) if block else None
            yield reading.found(path, text, ("image", place or scalar), note=NOTE, why="uncovered")
