"""An inventory file's text: the same for the same facts."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

from .. import documents, files
from ..errors import InventoryError, ManifestError
from .facts import Inventory
from .reading import VERSION, adapter

HEADER: Final = "# Written by `hub2ghcr inventory`. Commit it: plan and preview read it, and no cluster.\n"


def text(inventory: Inventory) -> str:
    """Return the text of an inventory file; what is empty is left out."""
    return HEADER + documents.dump([{"version": VERSION, **data(inventory)}]).removeprefix("---\n")


def data(inventory: Inventory) -> dict[str, Any]:
    """Return an inventory as data: lists, mappings, strings, numbers, truth values."""
    found = adapter().dump_python(inventory, by_alias=True, exclude_defaults=True, mode="json")
    return {"clusters": _ordered(found.get("clusters", []))}


def _ordered(value: Any, key: str = "") -> Any:
    """Return data whose mappings that have no order of their own are sorted."""
    if isinstance(value, list):
        return [_ordered(each) for each in value]
    if isinstance(value, dict):
        names = sorted(value) if key in ("labels", "state") else value
        return {name: _ordered(value[name], name) for name in names}
    return value


def write(inventory: Inventory, path: Path, place: str) -> None:
    """Write the file in one step.

    Raises:
        InventoryError: it cannot be written; the file is as it was.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        files.replace(str(path), text(inventory).encode(), place)
    except OSError as error:
        raise InventoryError(f"cannot be written: {error.strerror}", place) from None
    except ManifestError as error:
        raise InventoryError.of(error) from None
