"""Whether a stack of a change may be planned where credentials are, and whether the engine may be asked about it."""

from __future__ import annotations

import filecmp
import os
from collections.abc import Collection, Iterator, Mapping
from pathlib import Path
from typing import Any, Final

from .. import documents, sources
from ..errors import Hub2GhcrError
from ..lock import Lock
from ..settings import Settings, file_of, files, load, stacks
from ..settings.clusters import HelmSettings, KustomizeSettings
from ..settings.fields import is_inside
from ..sources import Helm, Kustomize
from .guarded import differing, differing_files, new_hosts

FOLDER: Final = "stacks"
"""What comes from the head, beside the lock."""
SHOWN: Final = 3
"""Settings or files that a reason names."""

_AUTHORITY: Final = "certificateAuthority"
_KUBECONFIG: Final = "kubeconfig"
_PATHS: Final = frozenset({"archive", "archives", _AUTHORITY, "folder", "helm", "kustomize", "manifests", "values"})
"""Keys whose values are paths in the project."""
_NOTHING: Final[Mapping[str, str]] = {}
"""The environment that a head's settings are read with: a variable that they name could be a secret."""


class Judge:
    """Whether a stack of the head may be planned, and the engine asked about it."""

    def __init__(self, base: Path, head: Path, target: Path, locks: Collection[str]) -> None:
        self._base, self._head, self._target, self._locks = base, head, target, locks
        self._base_stacks = stacks(base)

    def reasons(self, stack: str) -> tuple[str, str]:
        """Return why the engine must not be asked, and why the stack must not be planned; empty where it may."""
        try:
            after = load(stack, self._target, _NOTHING)
        except Hub2GhcrError:
            return "its settings cannot be read", ""  # its plan says why, before it renders anything
        if stack not in self._base_stacks:
            return "the base has no such stack", self._renders(None, after) or self._elsewhere(stack, after)
        try:
            before = load(stack, self._base, _NOTHING)
        except Hub2GhcrError:
            unplanned = self._renders(None, after) or self._elsewhere(stack, after)
            return "its settings cannot be read in the base", unplanned
        unplanned = self._renders(before, after) or self._elsewhere(stack, after)
        return self._guarded(stack, before, after), unplanned

    def _guarded(self, stack: str, before: Settings, after: Settings) -> str:
        place = file_of(stack, self._base)
        files = [documents.read(root / place, place)[0] for root in (self._base, self._target)]
        if found := (*differing(before, after), *differing_files(*files)):
            return f"what decides where credentials go differs from the base: {_shown(found)}"
        try:
            name = before.images.lock  # the same in both: it is guarded
            hosts = new_hosts(before, after, Lock.load(self._base / name, name), Lock.load(self._target / name, name))
        except Hub2GhcrError:
            return "its lock cannot be read"
        if hosts:
            return f"it names registries that the base does not: {_shown(hosts)}"
        named = sorted(set(_texts(after.model_dump(mode="json", warnings=False), (_AUTHORITY, _KUBECONFIG))))
        for key, path in named:
            if is_data(path) and (key == _KUBECONFIG or not same(self._base, self._target, path)):
                return f"its {key} lies in {FOLDER}/, which a change may rewrite: {path}"
        return ""

    def _renders(self, before: Settings | None, after: Settings) -> str:
        known = set(_rendered(before)) if before else set()
        for entry in sorted(set(_rendered(after)), key=str):
            if entry not in known:
                return f"it renders {entry.path}, and the base does not, or otherwise"
            try:
                used = [sources.rendered_from(entry, root) for root in (self._base, self._target)]
            except Hub2GhcrError as error:
                return f"what it renders cannot be compared: {error.lines[0]}"
            changed = sorted(each for each in {*used[0], *used[1]} if not same(self._base, self._target, each))
            if used[0] != used[1] or changed:
                return f"what {entry.path} is rendered from changes: {_shown(changed)}"
        return ""

    def _elsewhere(self, stack: str, after: Settings) -> str:
        """Return which file it names that changes, and is not among the head's data."""
        said = after.model_dump(mode="json", warnings=False)
        named = {after.images.lock, *files(stack, self._target), *(path for _, path in _texts(said, _PATHS))}
        for path in sorted({os.path.normpath(each) for each in named if is_inside(each)}):
            if not is_data(path) and path not in self._locks and not same(self._base, self._head, path):
                return f"{path} changes, or is new, and lies outside {FOLDER}/"
        return ""


def same(one: Path, other: Path, path: str) -> bool:
    """Whether a path is the same in two folders: the same files with the same bytes, or nothing in both."""
    listed = [dict(_listed(root, path)) for root in (one, other)]
    files = (each for each, size in listed[0].items() if isinstance(size, int))
    return listed[0] == listed[1] and all(filecmp.cmp(one / each, other / each, shallow=False) for each in files)


def _listed(root: Path, path: str) -> Iterator[tuple[str, int | str]]:
    """Yield the files of a path with their sizes, and the links with where they lead."""
    place = root / path
    if place.is_symlink():
        yield path, os.readlink(place)
    elif place.is_dir():
        for each in sorted(os.listdir(place)):
            yield from _listed(root, f"{path}/{each}")
    elif place.is_file():
        yield path, place.stat().st_size


def _rendered(settings: Settings) -> Iterator[Helm | Kustomize]:
    for cluster in settings.clusters:
        namespaces = [*cluster.namespaces.values(), *([cluster.selector.settings] if cluster.selector else [])]
        for entry in (each for namespace in namespaces for each in namespace.manifests):
            if isinstance(entry, HelmSettings):
                yield Helm(entry.helm, entry.release, entry.values)
            elif isinstance(entry, KustomizeSettings):
                yield Kustomize(entry.kustomize)


def _texts(value: Any, keys: Collection[str], key: str = "") -> Iterator[tuple[str, str]]:
    """Yield every text under some keys, with its key."""
    if isinstance(value, Mapping):
        for name, below in value.items():
            yield from _texts(below, keys, str(name))
    elif isinstance(value, list):
        for below in value:
            yield from _texts(below, keys, key)
    elif isinstance(value, str) and key in keys:
        yield key, value


def is_data(path: str) -> bool:
    """Whether a path of the project is among what comes from the head."""
    return os.path.normpath(path).split("/")[0] == FOLDER


def _shown(found: Collection[str]) -> str:
    listed = sorted(found)
    more = f" and {len(listed) - SHOWN} more" if len(listed) > SHOWN else ""
    return ", ".join(listed[:SHOWN]) + more
