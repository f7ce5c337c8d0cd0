"""What of a stack decides where its credentials go, and what is run: all of it but what is named here.

The list is one of what may differ, so that a key that is new, or was forgotten, is guarded.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any, Final

from ..lock import Lock
from ..reference import GHCR, HUB, Reference
from ..settings import Settings

_NAMESPACE: Final = (
    *("adopt", "annotations", "builders", "create", "delivery", "imagePullPolicy", "labels", "live", "manifests"),
    *("onUnready", "phase", "pullSecretName", "pushSecretName", "recreate", "serviceAccounts"),
)
_CLUSTER: Final = (
    *("builders", "delivery", "guard", "imagePullPolicy", "onUnready", "pullSecretName", "pushSecretName"),
    *("references", "rollOutSeconds", "serviceAccounts", "takeFrom"),
)
FREE: Final = frozenset(
    {
        *("stack", "phase", "rollback", "mapping", "places", "images/mirror", "images/pullBudget"),
        *(f"github/{key}" for key in ("delivery", "followSeconds", "packages")),
        *(f"github/repositories/*/{key}" for key in ("alsoRewrite", "delivery", "workflow")),
        *(f"clusters/*/{key}" for key in _CLUSTER),
        *(f"clusters/*/namespaces/*/{key}" for key in _NAMESPACE),
        *(f"clusters/*/selector/settings/{key}" for key in _NAMESPACE),
        "clusters/*/selector/matchLabels",
    }
)
"""Settings in which a change may differ from its base and still be asked the engine about, ``*`` for a name."""

Path = tuple[str, ...]

_OURS: Final = "hub2ghcr:"
_KNOWN: Final = frozenset({HUB, GHCR})


def differing(before: Settings, after: Settings) -> tuple[str, ...]:
    """Return the guarded settings that are not the same, as people write their places, sorted."""
    return _unlike(_guarded(before), _guarded(after))


def differing_files(before: Mapping[Any, Any], after: Mapping[Any, Any]) -> tuple[str, ...]:
    """Return what differs in two stack files beside the plain settings of ours, sorted.

    That is what the engine reads of them: the secrets provider and its salt, the configuration of providers, and every
    encrypted value, which could be another credential's, put where it goes to somebody else.
    """
    return _unlike(dict(_engines(before)), dict(_engines(after)))


def new_hosts(before: Settings, after: Settings, locked: Lock, then: Lock) -> tuple[str, ...]:
    """Return the registries that rules and lock of a change name, and those of its base do not, sorted."""
    return tuple(sorted(_hosts(after, then) - _hosts(before, locked) - _KNOWN))


def _guarded(settings: Settings) -> dict[Path, Any]:
    data = settings.model_dump(mode="json", warnings=False, by_alias=True)
    data["clusters"] = {each["name"]: each for each in data["clusters"]}
    return dict(_leaves(data, ()))


def _leaves(value: Any, path: Path) -> Iterator[tuple[Path, Any]]:
    """Yield each guarded value by its place; what is empty says the same as what is not there."""
    if any(_is(path, free) for free in FREE):
        return
    if isinstance(value, Mapping):
        for key, below in value.items():
            yield from _leaves(below, (*path, str(key)))
    elif value is not None and value is not False and value not in ([], ""):
        yield path, value


def _is(path: Path, free: str) -> bool:
    parts = free.split("/")
    return len(parts) == len(path) and all(part in ("*", name) for name, part in zip(path, parts, strict=True))


def _engines(found: Mapping[Any, Any]) -> Iterator[tuple[Path, Any]]:
    for key, value in found.items():
        if key != "config":
            yield (str(key),), value
    config = found.get("config")
    for key, value in config.items() if isinstance(config, Mapping) else ():
        if not str(key).startswith(_OURS):
            yield (str(key),), value
        else:
            yield from _sealed(value, (str(key),))


def _sealed(value: Any, path: Path) -> Iterator[tuple[Path, Any]]:
    if isinstance(value, Mapping):
        if "secure" in value:
            yield path, value
        for key, below in value.items():
            yield from _sealed(below, (*path, str(key)))
    elif isinstance(value, list):
        for number, below in enumerate(value):
            yield from _sealed(below, (*path, str(number)))
    elif isinstance(value, str) and "secure" in value:  # structured values may be JSON text
        yield path, value


def _hosts(settings: Settings, lock: Lock) -> frozenset[str]:
    named = [each for rule in settings.mapping.rules for each in (rule.source, rule.target)]
    rules = (each.lower().partition("/")[0] for each in named if "/" in each)
    locked = (each for entry in lock.entries for each in (entry.source, entry.target) if each)
    found = {*settings.registries, *settings.aliases}
    found |= {host for host in rules if "." in host or ":" in host or host == "localhost"}
    return frozenset(found | {Reference.parse(each).registry for each in locked})


def _unlike(before: Mapping[Path, Any], after: Mapping[Path, Any]) -> tuple[str, ...]:
    was, now = (
        {path: json.dumps(value, sort_keys=True, default=str) for path, value in each.items()}
        for each in (before, after)
    )
    return tuple(sorted(".".join(path) for path in {*was, *now} if was.get(path) != now.get(path)))
