"""What differs between two inventories, and which of it a plan would have been decided by."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple, TypeVar

from ..owning import MANAGER
from .facts import ClusterFacts, Inventory, NamespaceFacts, WorkloadFacts

_Fact = TypeVar("_Fact")


class _Change(NamedTuple):
    """What differs, in one line; ``decides``: a plan that was made from the old facts may be wrong."""

    line: str
    decides: bool = False

    def at(self, place: str) -> _Change:
        return _Change(f"{place}: {self.line}", self.decides)


def changes(before: Inventory, now: Inventory) -> tuple[str, ...]:
    """Return all that differs, one line each, in the order of the file."""
    return tuple(each.line for each in _all(before, now))


def stale(before: Inventory, now: Inventory) -> tuple[str, ...]:
    """Return what differs of that by which a plan is decided, one line each; empty where the facts still hold.

    What Pods run just now, labels and versions decide nothing, nor does what we changed ourselves.
    """
    return tuple(each.line for each in _all(before, now) if each.decides)


def _all(before: Inventory, now: Inventory) -> Iterator[_Change]:
    return _paired("cluster", before.clusters, now.clusters, _name, _cluster)


def _cluster(before: ClusterFacts, now: ClusterFacts) -> Iterator[_Change]:
    yield from _value("version", before.version, now.version)
    # a platform less asks nothing of the images
    grown = bool(set(now.platforms) - set(before.platforms))
    yield from _value("platforms of its nodes", before.platforms, now.platforms, decides=grown)
    yield from _value("container runtimes", before.runtimes, now.runtimes)
    # one that is on no node any more is decided by its rule again, which the lock confirms or refuses
    more = bool(set(now.imported) - set(before.imported))
    yield from _value("images imported on its nodes", before.imported, now.imported, decides=more)
    yield from _paired("namespace", before.namespaces, now.namespaces, _name, _namespace)


def _namespace(before: NamespaceFacts, now: NamespaceFacts) -> Iterator[_Change]:
    yield from _value("labels", before.labels, now.labels)
    yield from _value("Rancher project", before.project, now.project, decides=bool(before.project))
    yield from _paired(
        "ServiceAccount",
        before.accounts,
        now.accounts,
        _name,
        lambda was, is_: _value("pull Secrets", was.pull_secrets, is_.pull_secrets, decides=True),
    )
    yield from _paired(
        "Secret",
        before.secrets,
        now.secrets,
        _name,
        lambda was, is_: _value("registries", (was.type, *was.registries), (is_.type, *is_.registries)),
    )
    yield from _paired("", before.workloads, now.workloads, _title, _workload)


def _workload(before: WorkloadFacts, now: WorkloadFacts) -> Iterator[_Change]:
    yield from _value("owner", before.owner, now.owner, decides=True)
    yield from _value("ServiceAccount", before.service_account, now.service_account, decides=True)
    yield from _value("pull Secrets", before.pull_secrets, now.pull_secrets, decides=True)
    yield from _value("state", before.state, now.state, decides=True)
    was, is_ = ({image.field: image for image in each.images} for each in (before, now))
    for field in dict.fromkeys([*was, *is_]):
        old, new = was.get(field), is_.get(field)
        yield from _value(field, old.image if old else "", new.image if new else "", decides=True)
        if old and new:
            strange = set(new.managers) - set(old.managers) - {MANAGER}
            yield from _value(f"managers of {field}", old.managers, new.managers, decides=bool(strange))
    yield from _value("running", [_run(each) for each in before.running], [_run(each) for each in now.running])


def _run(each: Any) -> str:
    return f"{each.image}@{each.digest}" if each.digest and "@" not in each.image else str(each.image)


def _paired(
    what: str,
    before: Sequence[_Fact],
    now: Sequence[_Fact],
    name: Callable[[_Fact], str],
    compared: Callable[[_Fact, _Fact], Iterable[_Change]],
) -> Iterator[_Change]:
    was, is_ = ({name(each): each for each in facts} for facts in (before, now))
    for key in sorted({*was, *is_}):
        title = f"{what} {key}".strip()
        if key not in was:
            yield _Change(f"{title} is new", what in ("", "cluster", "namespace"))
        elif key not in is_:
            yield _Change(f"{title} is gone", what != "Secret")
        else:
            yield from (each.at(title) for each in compared(was[key], is_[key]))


def _value(what: str, before: Any, now: Any, *, decides: bool = False) -> Iterator[_Change]:
    if before != now:
        yield _Change(f"{what}: {_said(before)} -> {_said(now)}", decides)


def _said(value: Any) -> str:
    if isinstance(value, Mapping):
        value = [f"{key}={each}" for key, each in sorted(value.items())]
    if isinstance(value, str):
        return value or "none"
    return ", ".join(map(str, value)) or "none"


def _name(fact: Any) -> str:
    return str(fact.name)


def _title(fact: WorkloadFacts) -> str:
    return f"{fact.kind} {fact.name}"
