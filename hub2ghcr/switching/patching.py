"""The switch of one live workload to other images, and back: a server-side apply of the fields that move, no more.

- What is applied has one field manager, `MANAGER`; every other field stays with whoever manages it.
- Nothing is taken from another manager unless it is named: the API server tells of conflicts, and only if all managers
  in the way may be taken from is the apply forced, on the very version of the object that was looked at. Where all who
  wrote to that version may be taken from, it need not be asked first.
- What was never switched is never written to.
- What was Pulumi's own until now is no more: that manager of the stack lets go of what the patch says, or the way back
  would leave the pull Secret there. It keeps the rest: of a list that nobody manages, all goes with our entry.
- On the way back the old images are applied, then the fields are let go of: the object is left without a trace.

Each step can be repeated: after a kill the next run begins anew and comes to the same end.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Any, Final

from ..cluster import Cluster
from ..errors import ClusterError, Conflict
from ..owning import MANAGER

ATTEMPTS: Final = 5
"""How often a write is tried that others outrun."""

Object = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Switch:
    """What is to be applied (``document``), whether it is the new images, and from whom fields may be taken.

    ``take_from`` are field managers as patterns (``argocd-*``).
    """

    document: Object
    switched: bool
    take_from: tuple[str, ...] = ()

    @property
    def key(self) -> tuple[str, str, str, str]:
        """The object's apiVersion, kind, namespace and name."""
        metadata = self.document["metadata"]
        return self.document["apiVersion"], self.document["kind"], metadata["namespace"], metadata["name"]

    @property
    def place(self) -> str:
        """How an error names the object."""
        _, kind, namespace, name = self.key
        return f"{kind} {namespace}/{name}"


def switch(cluster: Cluster, wanted: Switch) -> str:
    """Apply a switch, and return what stands for the object as it was written, empty where nothing was.

    Raises:
        ClusterError: there is no such object; a field belongs to a manager that nothing may be taken from; the API
            server refuses.
    """
    for _ in range(ATTEMPTS):
        live = cluster.get(*wanted.key)
        if live is None:
            raise missing(cluster, wanted)
        if not wanted.switched and not switched(live):
            return ""
        try:
            applied = _applied(cluster, wanted, _handed_over(cluster, wanted, live))
            if not wanted.switched:
                applied = cluster.replace(released(applied))
        except Conflict as conflict:
            _refuse(cluster, wanted, conflict)
        else:
            return mark(applied)
    raise ClusterError(
        "is written to by others all the time", f"cluster {cluster.name}: {wanted.place}", remedy="run again"
    )


def _applied(cluster: Cluster, wanted: Switch, live: Object) -> dict[str, Any]:
    if not _takable(live, wanted.take_from):
        try:
            return cluster.apply(wanted.document, manager=MANAGER)
        except Conflict as conflict:
            _refuse(cluster, wanted, conflict)
    metadata = {**wanted.document["metadata"], "resourceVersion": live["metadata"]["resourceVersion"]}
    return cluster.apply({**wanted.document, "metadata": metadata}, manager=MANAGER, force=True)


def _handed_over(cluster: Cluster, wanted: Switch, live: Object) -> Object:
    """Return the object, of which its stack no longer manages as Pulumi's own what the patch says."""
    own = [each for each in wanted.take_from if each.startswith(f"{MANAGER}-")]
    before = live["metadata"].get("managedFields") or []
    after = [
        {**each, "fieldsV1": _less(each["fieldsV1"], wanted.document)}
        if each.get("manager") in own and "fieldsV1" in each
        else each
        for each in before
    ]
    return (
        live if after == before else cluster.replace({**live, "metadata": {**live["metadata"], "managedFields": after}})
    )


def _less(fields: Object, document: Any) -> dict[str, Any]:
    """Return fields of a manager without those that a document says, and what has no others below it."""
    said: dict[str, Any] = {}
    if isinstance(document, Mapping):
        said = {f"f:{key}": value for key, value in document.items()}
    elif _named(document):
        said = {f"k:{json.dumps({'name': each['name']}, separators=(',', ':'))}": each for each in document}
    found = {key: _less(below, said[key]) if key in said else below for key, below in fields.items()}
    return {key: below for key, below in found.items() if key not in said or below.keys() - {"."}}


def _takable(live: Object, take_from: Sequence[str]) -> bool:
    """Whether nothing has to be asked: all who ever wrote to the object, beside its status, may be taken from."""
    writers = {
        str(each.get("manager")) for each in live["metadata"].get("managedFields") or () if not each.get("subresource")
    }
    return all(each == MANAGER or _named_by(take_from, each) for each in writers) and bool(writers - {MANAGER})


def _refuse(cluster: Cluster, wanted: Switch, conflict: Conflict) -> None:
    """Raise what cannot be overcome: a manager in the way that nothing may be taken from."""
    foreign = sorted({each for each in conflict.managers if not _named_by(wanted.take_from, each)})
    if foreign:
        whom = ", ".join(foreign)
        remedy = f"change the image where {whom} has it from, or name it in the cluster's `takeFrom`"
        what = f"{', '.join(conflict.fields) or 'a field'} belongs to {whom}"
        raise ClusterError(what, f"cluster {cluster.name}: {wanted.place}", remedy=remedy) from None


def _named_by(take_from: Iterable[str], manager: str) -> bool:
    return any(fnmatchcase(manager, pattern) for pattern in take_from)


def missing(cluster: Cluster, wanted: Switch) -> ClusterError:
    """Return the error that there is no such object."""
    remedy = "apply it first, take it from the settings, or set `delivery: own`"
    return ClusterError(
        "does not exist, and a patch creates nothing", f"cluster {cluster.name}: {wanted.place}", "", remedy
    )


def switched(live: Object) -> bool:
    """Whether fields of an object are ours: we switched it, and did not let it go since."""
    return any(each.get("manager") == MANAGER for each in live["metadata"].get("managedFields") or ())


def stands(live: Object | None, wanted: Switch) -> bool:
    """Whether nothing is left to be done: the document is what is there, or was never anything else."""
    if live is None:
        return False
    return as_live(wanted.document, live) == wanted.document if wanted.switched else not switched(live)


def released(live: Object) -> dict[str, Any]:
    """Return the object with none of its fields ours; they belong to nobody, until somebody applies them again."""
    entries = [each for each in live["metadata"].get("managedFields") or () if each.get("manager") != MANAGER]
    # an empty list would leave it as it is: one empty entry is how the API server is told that there is none
    return {**live, "metadata": {**live["metadata"], "managedFields": entries or [{}]}}


def mark(live: Object) -> str:
    """Return what changes whenever the object's spec does, and when another object takes its name."""
    metadata = live["metadata"]
    return f"{metadata.get('uid', '')}/{metadata.get('generation', 0)}"


def as_live(document: Any, live: Any) -> Any:
    """Return a document with the values that the live object has in its places; what is not there is left out.

    Entries of a list are the same if they have the same name.
    """
    if isinstance(document, Mapping) and isinstance(live, Mapping):
        return {key: as_live(value, live[key]) for key, value in document.items() if key in live}
    if _named(document) and _named(live):
        there = {each["name"]: each for each in live}
        return [as_live(each, there[each["name"]]) for each in document if each["name"] in there]
    return live


def merged(live: Any, document: Any) -> Any:
    """Return a live object with a document's values put in; lists merge by name, what is new comes last."""
    if isinstance(document, Mapping) and isinstance(live, Mapping):
        return {**live, **{key: merged(live.get(key), value) for key, value in document.items()}}
    if _named(document) and _named(live):
        wanted = {each["name"]: each for each in document}
        new = [each for name, each in wanted.items() if name not in _names(live)]
        return [merged(each, wanted.get(each["name"], {})) for each in live] + new
    return document


def _named(entries: Any) -> bool:
    return isinstance(entries, list) and all(isinstance(each, Mapping) and "name" in each for each in entries)


def _names(entries: Sequence[Object] | Iterable[Object]) -> set[str]:
    return {each["name"] for each in entries}
