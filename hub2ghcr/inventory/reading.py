"""From an inventory file to facts: strict, and all that is wrong with it at once."""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any, Final

from .. import documents
from ..errors import Hub2GhcrError, InventoryError, ManifestError, raise_all
from . import facts
from .facts import Inventory

VERSION: Final = 1
"""The schema's version; a file with another one is refused."""

_REMEDY: Final = "take it from your version control, or delete it and run `hub2ghcr inventory`"
_KEYS: Final = frozenset({"version", "clusters"})
_WRONG: Final = {
    "unexpected_keyword_argument": "is no key of this",
    "missing": "is missing",
    "string_type": "must be a string",
    "tuple_type": "must be a list",
    "dict_type": "must be a mapping",
    "dataclass_type": "must be a mapping",
}


def file_of(stack: str) -> str:
    """Return a stack's inventory, as seen from the project's folder."""
    return f"stacks/{stack}.inventory.yaml"


def load(path: Path, place: str = "") -> Inventory:
    """Read an inventory file; a missing one is an empty inventory.

    Raises:
        InventoryError, Problems: it cannot be read, or everything that is wrong with it.
    """
    place = place or path.name
    if not path.exists():
        return Inventory()
    try:
        found = documents.read(path, place)
    except ManifestError as error:
        raise InventoryError.of(error) from None
    data = found[0] if len(found) == 1 else None
    if not isinstance(data, dict) or set(data) - _KEYS:
        raise InventoryError("not an inventory", place, remedy=f"one has `version` and `clusters`; {_REMEDY}")
    if data.get("version") != VERSION:
        version, remedy = str(data.get("version")), f"this program reads {VERSION}: take it anew"
        raise InventoryError("unknown version", f"{place}: version", version, remedy)
    inventory = _validated({"clusters": data.get("clusters") or []}, place)
    raise_all(_repeated(inventory, place))
    return inventory


def _validated(data: Any, place: str) -> Inventory:
    from pydantic import ValidationError

    try:
        # as JSON: there strict mode takes a list for a tuple
        inventory: Inventory = adapter().validate_json(json.dumps(data, default=str))
        return inventory
    except ValidationError as error:
        problems = []
        for each in error.errors(include_url=False):
            what = _WRONG.get(each["type"], each["msg"][:1].lower() + each["msg"][1:])
            shown = "" if isinstance(each["input"], dict | list) else str(each["input"])
            problems.append(InventoryError(what, f"{place}: {_path(each['loc'])}", shown, _REMEDY))
        raise_all(problems)
        raise


@cache
def adapter() -> Any:
    """Return what reads and writes facts as data: keys in camelCase, nothing unknown, no type guessed."""
    from pydantic import ConfigDict, TypeAdapter
    from pydantic.alias_generators import to_camel

    config = ConfigDict(extra="forbid", strict=True, alias_generator=to_camel)
    for each in facts.ALL:
        setattr(each, "__pydantic_config__", config)  # noqa: B010 no attribute that its class declares
    return TypeAdapter(Inventory)


def _repeated(inventory: Inventory, place: str) -> Iterator[Hub2GhcrError]:
    for cluster in _twice([each.name for each in inventory.clusters]):
        yield InventoryError("stands twice", f"{place}: clusters", cluster, _REMEDY)
    for each in inventory.clusters:
        at = f"{place}: cluster {each.name}"
        for name in _twice([namespace.name for namespace in each.namespaces]):
            yield InventoryError("a namespace stands twice", at, name, _REMEDY)
        for namespace in each.namespaces:
            for name in _twice([f"{one.kind} {one.name} ({one.api_version})" for one in namespace.workloads]):
                yield InventoryError("a workload stands twice", f"{at}: namespace {namespace.name}", name, _REMEDY)


def _twice(names: list[str]) -> list[str]:
    return sorted({name for name in names if names.count(name) > 1}) if len(set(names)) < len(names) else []


def _path(location: tuple[int | str, ...]) -> str:
    return "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in location).removeprefix(".")
