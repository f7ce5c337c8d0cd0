"""What is wrong with an object that is live, held against what is expected of it."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from .. import owning
from ..errors import InvalidReference
from ..manifests import pod_kind, pod_spec, service_account_of
from ..places.table import CONTAINER_LISTS
from ..platforms.rancher.project import is_copy
from ..pull_secrets import secret as pull_secret
from ..reference import Reference
from ..switching.patching import switched
from .expectation import Expectation

Object = Mapping[str, Any]
Fault = tuple[str, str]
"""What is wrong, and what to do about it."""


def faults(
    expected: Expectation, live: Object | None, manager: str, take_from: Collection[str] = ()
) -> Iterator[Fault]:
    """Yield what is wrong.

    Args:
        expected: what should be.
        live: the object, None where it is not there.
        manager: the field manager of what the stack owns.
        take_from: managers that image fields may be taken from, as patterns.
    """
    if live is None:
        if expected.state == "patched":
            yield "does not exist, and a patch would create it", expected.remedy
        elif expected.state in ("there", "adopted"):
            yield "does not exist", expected.remedy
        return
    if expected.state == "copied":
        return
    own = manager in owning.writers(live)
    if expected.key[:2] == ("v1", "Secret") and is_copy(live):
        yield "is a copy that Rancher keeps of a project's Secret", _another(expected)
    elif expected.state in ("absent", "fixed", "remade") and not own:
        yield f"already exists{owning.by_writers(live)}", expected.remedy
    elif live["metadata"].get("deletionTimestamp"):
        yield "is being deleted", "run again when that has ended"
    elif expected.state == "absent" and expected.kind == "Secret":
        yield from _unusable(live, f"delete it, or {_another(expected)}")
    elif expected.state == "there":
        yield from _relabelled(expected, live)
    elif other := _switched_elsewhere(expected, live, manager):
        yield other
    elif expected.state == "adopted":
        if expected.document is not None:
            yield from _stale(expected, live, (owning.MANAGER, manager))
        if refused := owning.refusal(owning.owner(live), _image_managers(live), take_from):
            yield refused.what, refused.remedy
    elif expected.state in ("fixed", "remade"):
        yield from _unchangeable(expected, live)
    elif expected.document is not None:
        stale = tuple(_stale(expected, live, (owning.MANAGER,)))
        yield from stale
        if not stale and (refused := _refused(expected, live, take_from)):
            yield refused.what, refused.remedy


def moves(expected: Expectation, live: Object) -> bool:
    """Whether a live object has other images than those of the document."""
    return any(each.text != each.there for each in _pairs(expected, live))


def lost_secrets(expected: Expectation, live: Object, account: Object | None) -> tuple[str, ...]:
    """Return pull Secrets of a workload's ServiceAccount that its Pods would no longer have after the switch.

    A pod spec that lists no pull Secret has those of its ServiceAccount, one that lists any has these alone.
    """
    wanted, now = pod_spec(expected.document or {}) or {}, pod_spec(live) or {}
    if not expected.switched or not _names(wanted) or _names(now):
        return ()
    return tuple(sorted(_names(account or {}) - _names(wanted)))


def account_of(live: Object) -> str:
    """Return the name of the ServiceAccount that a workload's Pods run as."""
    return service_account_of(pod_spec(live) or {})


def canonical(text: str) -> str:
    """Return what all spellings of an image have in common; a text that is none as it is."""
    try:
        found = Reference.parse(text)
    except InvalidReference:
        return text
    return (found if found.tag or found.digest else found.with_tag("latest")).canonical


def _switched_elsewhere(expected: Expectation, live: Object, manager: str) -> Fault | None:
    """Return that another stack has switched it: its fields have our manager, and we would take them unnoticed."""
    stack = owning.stack_of(live)
    if not stack or owning.own_manager(stack) == manager:
        return None
    name = f"{expected.kind.lower()}/{expected.name} -n {expected.namespace}"
    left = f"`kubectl annotate {name} {owning.STACK}-`"
    return f"is switched by stack {stack}", f"take it out of one of the two; if {stack} has left it for good: {left}"


def _another(expected: Expectation) -> str:
    """Return the remedy for a Secret's name that is taken for good."""
    return expected.remedy.partition(", or ")[0]


def _unusable(secret: Object, remedy: str) -> Iterator[Fault]:
    """Yield why a Secret of ours cannot be written to."""
    kind = str(secret.get("type") or "Opaque")
    if kind != pull_secret.TYPE:
        yield f"is of type {kind}, which cannot be changed", remedy
    if secret.get("immutable"):
        yield "is immutable: no token in it can be renewed", remedy


def _relabelled(expected: Expectation, live: Object) -> Iterator[Fault]:
    """Yield labels by which an object was selected, and that it has no more."""
    labels = live["metadata"].get("labels") or {}
    for key, value in sorted(expected.labels.items()):
        if labels.get(key) != value:
            now = f"{key}={labels[key]}" if key in labels else f"no label {key}"
            yield (
                f"was selected by {key}={value}, and has {now}",
                "run `hub2ghcr inventory`, or name it in the settings",
            )


def _unchangeable(expected: Expectation, live: Object) -> Iterator[Fault]:
    """Yield what would have to change in an object of ours that cannot be changed."""
    if expected.state == "remade" and owning.REMADE in (live["metadata"].get("annotations") or {}):
        return
    kind = pod_kind(live)
    why = kind.fixed if kind else ""
    remedy = "set `recreate: true` of its namespace and run once before its images change, or delete it"
    for each in _pairs(expected, live):
        if each.there != each.text:
            yield f"container {each.name} is to run {each.text}, and {why}", remedy
    missing = _names(pod_spec(expected.document or {}) or {}) - _names(pod_spec(live) or {})
    if missing:
        yield f"its Pods are to have the pull Secrets {', '.join(sorted(missing))}, and {why}", remedy


def _stale(expected: Expectation, live: Object, us: Collection[str]) -> Iterator[Fault]:
    """Yield containers that are not there, and images that are not those of the manifest.

    What is ours may be anything: an earlier digest, say. On the way back all of an object is that was switched.
    """
    remedy = "bring the manifest up to date; where the inventory is its source, `hub2ghcr inventory` does"
    for each in _pairs(expected, live):
        ours = not {*us}.isdisjoint(_managers(live, each)) or (not expected.switched and switched(live))
        what = f"volume {each.name}" if each.group == "volumes" else f"container {each.name}"
        was = expected.was.get(each.text, (each.text,))
        moved = ours or (expected.switched and _name(each.there or "") == _name(each.text))
        if each.there is None:
            yield f"has no {what} any more", remedy
        elif not moved and not _same(each.there, (each.text, *was)):
            yield f"{what} runs {each.there}, and its manifest says {' or '.join(was)}", remedy


@dataclass(frozen=True, slots=True)
class _Pair:
    """An entry of a pod spec's list: its image in the document, and in the live object (None: it is not there)."""

    group: str
    name: str
    text: str
    there: str | None


def _pairs(expected: Expectation, live: Object) -> Iterator[_Pair]:
    wanted, now = pod_spec(expected.document or {}) or {}, pod_spec(live) or {}
    for group in (*CONTAINER_LISTS, "volumes"):
        there = {each.get("name"): each for each in now.get(group) or ()}
        for each in wanted.get(group) or ():
            if (text := _image(each)) is not None:
                found = there.get(each.get("name"))
                yield _Pair(group, str(each.get("name")), text, None if found is None else _image(found) or "")


def _refused(expected: Expectation, live: Object, take_from: Collection[str]) -> owning.Refusal | None:
    """Return why the images are not ours to change; on the way back nothing is taken from anybody."""
    if not expected.switched and switched(live):
        return None
    fields = [each for each in _pairs(expected, live) if not expected.switched or each.text != each.there]
    found = {manager for each in fields for manager in _managers(live, each)}
    return owning.refusal(owning.owner(live), found, take_from) if fields else None


def _managers(live: Object, at: _Pair) -> tuple[str, ...]:
    """Return who manages one image of an object."""
    kind = pod_kind(live)
    return owning.managers(live, (*kind.path, at.group, ("name", at.name), "image")) if kind else ()


def _image_managers(live: Object) -> set[str]:
    """Return who manages any of an object's images: one that is adopted is taken whole."""
    kind, spec = pod_kind(live), pod_spec(live)
    if kind is None or spec is None:
        return set()
    return {
        manager
        for group in CONTAINER_LISTS
        for each in spec.get(group) or ()
        for manager in owning.managers(live, (*kind.path, group, ("name", each["name"]), "image"))
    }


def _image(entry: Object) -> str | None:
    found = entry.get("image")
    found = found.get("reference") if isinstance(found, Mapping) else found
    return str(found) if found else None


def _same(text: str, others: tuple[str, ...]) -> bool:
    return text in others or canonical(text) in {canonical(each) for each in others}


def _name(text: str) -> str:
    try:
        return Reference.parse(text).name
    except InvalidReference:
        return text


def _names(holder: Object) -> set[str]:
    return {str(each.get("name")) for each in holder.get("imagePullSecrets") or ()}
