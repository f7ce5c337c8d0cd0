"""The YAML of a lock file: mappings, lists, strings and whole numbers; no anchors, no tags.

A lock of ten thousand images is read by every command. Straight from libyaml's events that takes a sixth of the time
that `hub2ghcr.documents` takes, which knows all of YAML.
"""

from __future__ import annotations

import re
from typing import Any, Final

import yaml

from ..errors import LockError

_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_NUMBER: Final = re.compile(r"0|-?[1-9][0-9]{0,17}")


def parse(text: str, place: str) -> Any:
    """Return what the file holds; None where it is empty.

    Raises:
        LockError: it is no YAML, holds several documents, a key twice, an anchor or a tag; with line and column.
    """
    root: Any = None
    open_: list[tuple[Any, str | None]] = []
    into: Any = None
    key: str | None = None
    documents = 0
    try:
        events: Any = yaml.parse(text, Loader=_LOADER)
        for event in events:
            kind = type(event)
            if kind is yaml.ScalarEvent:
                # A plain scalar that is a number; a quoted one is a string whatever it looks like
                value = int(event.value) if event.implicit[0] and _NUMBER.fullmatch(event.value) else event.value
            elif kind is yaml.MappingStartEvent:
                value = {}
            elif kind is yaml.SequenceStartEvent:
                value = []
            elif kind is yaml.MappingEndEvent or kind is yaml.SequenceEndEvent:
                into, key = open_.pop()
                continue
            elif kind is yaml.DocumentStartEvent:
                documents += 1
                if documents > 1:
                    raise _error("holds several documents", event, place)
                continue
            elif kind is yaml.AliasEvent:
                raise _error("an alias has no place in a lock", event, place)
            else:
                continue
            if event.anchor is not None or event.tag is not None:
                raise _error("an anchor or a tag has no place in a lock", event, place)
            if into is None:
                root = value
            elif type(into) is list:
                into.append(value)
            elif key is None:
                if not isinstance(value, (str, int)):
                    raise _error("a key must be a string", event, place)
                key = str(value)
                if key in into:
                    raise _error(f"the key {key!r} stands twice", event, place)
                continue
            else:
                into[key], key = value, None
            if kind is not yaml.ScalarEvent:
                open_.append((into, key))
                into, key = value, None
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        where = f"{place}:{mark.line + 1}:{mark.column + 1}" if mark else place
        raise LockError(f"not valid YAML: {error.problem or error.context}", where, remedy=_REMEDY) from None
    except yaml.YAMLError as error:
        raise LockError(f"not valid YAML: {error}", place, remedy=_REMEDY) from None
    return root


_REMEDY: Final = "correct the file, or take it from your version control"


def _error(what: str, event: Any, place: str) -> LockError:
    mark = event.start_mark
    return LockError(what, f"{place}:{mark.line + 1}:{mark.column + 1}", remedy=_REMEDY)
