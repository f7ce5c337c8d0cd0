"""Whether a live object can be switched as its settings ask, and what is worth knowing where it can.

What a manifest says of an object is enough for most of it; the inventory, where there is one, knows who owns it.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import Any

from .. import manifests, owning
from ..inventory import WorkloadFacts
from ..inventory.state import state
from ..manifests import Document
from ..owning import Refusal
from ..places.table import CONTAINER_LISTS
from .images import Move
from .nouns import Delivery


def refusal(
    document: Document,
    facts: WorkloadFacts | None,
    moves: Collection[Move],
    delivery: Delivery,
    recreate: bool,
    takes: Collection[str],
    switches: bool,
) -> Refusal | None:
    """Return why an object that is there cannot be switched, None where it can.

    Args:
        document: as its manifest, or the inventory, has it.
        facts: what the inventory knows of it.
        moves: its image fields.
        delivery: ``patch``, or ``own`` where it is adopted.
        recreate: it may be deleted and made anew.
        takes: field managers whose fields may be taken.
        switches: it is to be switched now; where it stays as it is, `fixed` says what a cutover would refuse.
    """
    kind = manifests.pod_kind(document.data)
    if _state(document, facts).get("mirror"):
        remedy = "change the image in the node's manifest folder, and leave it out here"
        return Refusal("is a static Pod, which its kubelet runs from a file", remedy)
    if facts is not None:
        moving = _moving(document, moves)
        managers = {name for each in facts.images if each.field in moving for name in each.managers}
        if (found := owning.refusal(facts.owner, managers, takes)) is not None:
            return found
    if kind is not None and kind.fixed and delivery == "own":
        return Refusal(kind.fixed, "set `delivery: patch` and `recreate: true` of its namespace, or leave it out")
    return fixed(document) if switches and not recreate else None


def fixed(document: Document) -> Refusal | None:
    """Return why an object that is there keeps its images unless it may be made anew, None where it does not."""
    kind = manifests.pod_kind(document.data)
    if kind is None or not kind.fixed:
        return None
    remedy = "set `recreate: true` of its namespace to have it deleted and made anew, or leave it out"
    return Refusal(kind.fixed, remedy)


def _moving(document: Document, moves: Collection[Move]) -> set[str]:
    """Return the fields whose images move, as `ImageFacts` calls them: a live image may be spelled in another way."""
    kind = manifests.pod_kind(document.data)
    if kind is None or not kind.merges:
        return {each.field for each in moves if each.moves}
    texts = {each.before for each in moves if each.moves}
    spec = manifests.pod_spec(document.data) or {}
    found = {
        f"{group}[{each.get('name')}]": each.get("image")
        for group in (*CONTAINER_LISTS, "volumes")
        for each in spec.get(group) or ()
    }
    return {field for field, image in found.items() if (_mapping(image).get("reference") or image) in texts}


def cautions(document: Document, facts: WorkloadFacts | None) -> Iterator[str]:
    """Yield what delays a switch, by the object's own doing."""
    state = _state(document, facts)
    if state.get("paused"):
        yield "paused: it rolls out when it is resumed"
    if partition := state.get("partition"):
        yield f"partition {partition}: Pods below ordinal {partition} stay on the old images until it is lowered"
    if state.get("strategy") == "OnDelete":
        yield "update strategy OnDelete: each Pod takes the new images when it is deleted"


def _state(document: Document, facts: WorkloadFacts | None) -> Mapping[str, bool | int | str]:
    """Return what the inventory says, else what the manifest does, in the words of `WorkloadFacts.state`."""
    return state(document.data) if facts is None else facts.state


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}
