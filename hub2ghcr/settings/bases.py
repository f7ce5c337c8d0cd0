"""Base files: what several stacks share, written once.

A file has the shape of a stack file, so that a block moves between them unaltered. It holds no secret, which Pulumi
encrypts for one stack, and nothing of another namespace, which the engine reads from the stack's own file alone.
"""

from __future__ import annotations

import json
import posixpath
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

from .. import documents
from ..errors import Hub2GhcrError, ManifestError, SettingsError
from . import secrets
from .fields import is_inside
from .layers import DEFAULTS, Layer, Layers
from .read import SECTIONS, is_deep, unknown

NAMESPACE: Final = "hub2ghcr"
EXTENDS: Final = "extends"
"""The key that names base files: one, or a list of which a later one lies over an earlier."""
KEYS: Final = (*SECTIONS, EXTENDS, DEFAULTS)
"""The keys that a base file may have."""


def layers(own: Mapping[str, Any], place: str, root: Path) -> tuple[Layers | None, list[Hub2GhcrError]]:
    """Return a stack's own values over those of its base files, and everything that is wrong with these.

    None where a base file cannot be read: what would hang on it cannot be judged. A file that is reached by more than
    one way counts once, beneath all that extend it.

    Args:
        own: the stack file's values by key, without their namespace; structured ones may be JSON text.
        place: how errors name the stack file.
        root: the project's folder, which paths are relative to.
    """
    problems: list[Hub2GhcrError] = []
    values = {key: _decoded(value) if key in KEYS else value for key, value in own.items()}
    reader = _Reader(root, problems)
    reader.beneath(values, place, ())
    layered = Layers((*reader.found.values(), _layer(values, place, problems)))
    return None if reader.missing else layered, problems


class _Reader:
    """Reads what lies beneath a file, each file once, the lowest first."""

    def __init__(self, root: Path, problems: list[Hub2GhcrError]) -> None:
        self._root, self._problems = root, problems
        self.found: dict[str, Layer] = {}
        self.missing = False

    def beneath(self, values: Mapping[str, Any], place: str, through: tuple[str, ...]) -> None:
        """Read the files that a file extends, and those beneath them."""
        for path, name in self._named(values, place):
            if name in (*through, place):
                circle = " → ".join((*through, place, name))
                self._problems.append(SettingsError("extends itself", path, circle, "remove one of them"))
            elif name not in self.found:
                self._read(path, name, (*through, place))

    def _named(self, values: Mapping[str, Any], place: str) -> Iterator[tuple[str, str]]:
        given = values.get(EXTENDS)
        listed = given if isinstance(given, list) else [] if given is None else [given]
        for number, name in enumerate(listed):
            path = f"{place}: {EXTENDS}" + (f"[{number}]" if isinstance(given, list) else "")
            if not isinstance(name, str) or not name:
                remedy = "write such as stacks/base.yaml, or a list of such"
                self._problems.append(SettingsError("must be the path of a base file", path, remedy=remedy))
            elif not is_inside(name):
                what, remedy = "must be a path inside the project's folder", "write such as stacks/base.yaml"
                self._problems.append(SettingsError(what, path, name, remedy))
            else:
                yield path, posixpath.normpath(name)

    def _read(self, path: str, name: str, through: tuple[str, ...]) -> None:
        try:
            if not (self._root / name).is_file():
                remedy = "paths are relative to the project's folder"
                raise SettingsError("no such base file", path, name, remedy)
            config = config_of(document(self._root / name, name), name)
        except SettingsError as error:
            self._problems.append(error)
            self.missing = True
            return
        values = dict(_own(config, name, self._problems))
        self.beneath(values, name, through)
        self.found[name] = _layer(values, name, self._problems)


def document(path: Path, place: str) -> dict[Any, Any]:
    """Return the one mapping that a file holds.

    Raises:
        SettingsError: it cannot be read, or holds something else.
    """
    try:
        found = documents.read(path, place)
    except ManifestError as error:
        raise SettingsError.of(error) from None
    if len(found) != 1 or not isinstance(found[0], dict):
        raise SettingsError("must hold one mapping", place, remedy="see stacks/Pulumi.demo.yaml")
    return found[0]


def config_of(found: Mapping[Any, Any], place: str) -> dict[Any, Any]:
    """Return what stands below ``config`` in a stack file or base file.

    Raises:
        SettingsError: it has no such mapping.
    """
    config = found.get("config")
    if not isinstance(config, dict):
        raise SettingsError("a stack file has the key `config`", place, remedy="see stacks/Pulumi.demo.yaml")
    return config


def _own(config: Mapping[Any, Any], place: str, problems: list[Hub2GhcrError]) -> Iterator[tuple[str, Any]]:
    """Yield the sections of a base file, by key; whatever else it holds is a problem."""
    values = {str(key): value for key, value in config.items()}
    problems += [each.at(place) for each in secrets.plain_tokens(values, ())]
    for name, value in values.items():
        namespace, _, key = name.rpartition(":")
        if namespace != NAMESPACE:
            remedy = "the engine reads it from the stack's own file: write it there"
            problems.append(SettingsError("is no key of hub2ghcr", f"{place}: {name}", remedy=remedy))
        elif secrets.is_secure(value):
            remedy = "a value is encrypted for one stack: set it there"
            problems.append(SettingsError("a base file holds no secrets", f"{place}: {name}", remedy=remedy))
        elif key not in KEYS:
            problems.append(unknown(f"{place}: {name}", key, KEYS))
        else:
            yield key, value


def _layer(values: Mapping[str, Any], place: str, problems: list[Hub2GhcrError]) -> Layer:
    given = values.get(DEFAULTS)
    if given is not None and not isinstance(given, Mapping):
        problems.append(SettingsError("must be a mapping", f"{place}: {DEFAULTS}", remedy="write a cluster's keys"))
    return Layer(place, {key: value for key, value in values.items() if key != EXTENDS})


def _decoded(value: Any) -> Any:
    """Return a value that the engine gave as YAML would have given it: JSON is text there, and null an empty one."""
    if isinstance(value, str) and value[:1] in ("{", "["):
        try:
            found = json.loads(value)
        except (ValueError, RecursionError):
            return value
        return value if is_deep(found) else found
    return None if value == "" else value
