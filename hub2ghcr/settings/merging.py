"""How one file's values are laid over another's."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


def merge(beneath: Mapping[str, Any], over: Mapping[str, Any]) -> dict[str, Any]:
    """Return two mappings as one.

    Mappings are merged by key, at any depth; whatever else stands ``over`` takes the place of what lies ``beneath``,
    lists as wholes; ``null`` removes a key. That is JSON Merge Patch (RFC 7386). No input is changed.

    Three files give the same however they are merged in pairs, as long as a key is a mapping in all of them or in
    none, and none is removed.
    """
    result = {str(key): value for key, value in beneath.items()}
    for key, value in ((str(key), value) for key, value in over.items()):
        if value is None:
            result.pop(key, None)
        elif isinstance(value, Mapping):
            below = result.get(key)
            result[key] = merge(below if isinstance(below, Mapping) else {}, value)
        else:
            result[key] = value
    return result
