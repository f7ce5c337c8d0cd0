"""Which properties of a resource an operation changes, and which of them only the run gives."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from pulumi.automation.events import StepEventMetadata

UNKNOWN: Final = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"
"""What stands in an event for a value that only the run gives (pulumi v3.256, ``pkg/resource/stack/deployment.go``)."""

_INTERNAL: Final = "__"
"""How properties begin that are the engine's, or a provider's, own."""


def changed(metadata: StepEventMetadata) -> tuple[str, ...]:
    """Return the paths that change, sorted: ``document.spec.replicas``, ``marks["shop/Deployment/web"]``.

    As the provider says them, else by comparing the inputs: a dynamic provider says only that there is a change.
    Secrets are hidden in events: that the value of one changes only the provider can tell. None where a resource comes
    or goes.
    """
    if metadata.old is None or metadata.new is None:
        return ()
    said = set(metadata.detailed_diff or ()) or set(metadata.diffs or ())
    if not said and getattr(metadata.op, "value", metadata.op) != "same":
        said = set(_compared(metadata.old.inputs or {}, metadata.new.inputs or {}, ""))
    return tuple(sorted(each for each in said if not each.startswith(_INTERNAL)))


def given_by_the_run(value: Any, path: str = "") -> Iterator[str]:
    """Yield the path of each value below one of an event that only the run gives."""
    if value == UNKNOWN:
        yield path
    elif isinstance(value, dict):
        for key, below in value.items():
            yield from given_by_the_run(below, _joined(path, key))
    elif isinstance(value, list):
        for index, below in enumerate(value):
            yield from given_by_the_run(below, f"{path}[{index}]")


def _compared(old: Any, new: Any, path: str) -> Iterator[str]:
    if isinstance(old, dict) and isinstance(new, dict):
        for key in {*old, *new}:
            if (key in old) != (key in new):
                yield _joined(path, key)
            else:
                yield from _compared(old[key], new[key], _joined(path, key))
    elif isinstance(old, list) and isinstance(new, list) and len(old) == len(new):
        for index, (before, after) in enumerate(zip(old, new, strict=True)):
            yield from _compared(before, after, f"{path}[{index}]")
    elif old != new:
        yield path


def _joined(path: str, key: str) -> str:
    """Return the path of a key, as the engine writes it: one with a dot or a bracket is quoted."""
    if any(each in key for each in '.["'):
        return f'{path}["{key}"]'
    return f"{path}.{key}" if path else key
