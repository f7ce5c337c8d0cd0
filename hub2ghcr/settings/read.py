"""Values to typed settings, and what is wrong with them in the words of a stack file."""

from __future__ import annotations

import difflib
import json
import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from typing import Any, Final, get_args

from pydantic import BaseModel, Tag, ValidationError
from pydantic_core import ErrorDetails

from ..errors import SettingsError
from .schema import Settings

SECTIONS: Final = tuple(name for name in Settings.model_fields if name != "stack")
LEVELS: Final = 100
"""Levels of nesting of a section. None has ten; readers of JSON have bounds of their own, and end with tracebacks."""
_TAGS: Final = frozenset({"[file]", "[helm]", "[kustomize]", "[name]", "[registries]"})
"""How the schema's locations name one of several shapes of a value."""
_VARIABLE = re.compile(r"\$\{(\w+)\}")
_EXPANDED: Final = frozenset({"certificateAuthority", "endpoint", "kubeconfig", "server"})


def read(
    stack: str, own: Mapping[str, Any], secret: Collection[str], environ: Mapping[str, str]
) -> tuple[Settings, frozenset[str], list[SettingsError]]:
    """Return settings, the names of the sections that are broken and stand there with their defaults, and why."""
    problems: list[SettingsError] = []
    broken: set[str] = set()
    given: dict[str, Any] = {}
    for name in SECTIONS:
        if name in secret:
            problems.append(SettingsError("must not be secret", name, remedy="only credential values are secret"))
        elif is_deep(own.get(name)):
            broken.add(name)
            problems.append(SettingsError(f"nested more than {LEVELS} levels deep", name, remedy="no setting does"))
        elif own.get(name) is not None:
            given[name] = _expand(own[name], environ)
    try:
        return _validate(stack, given), frozenset(broken), problems
    except ValidationError as error:
        for detail in error.errors(include_url=False):
            broken.add(str(detail["loc"][0]))
            problems.append(_problem(detail))
    sound = {name: value for name, value in given.items() if name not in broken}
    return _validate(stack, sound), frozenset(broken), problems


def is_deep(value: Any) -> bool:
    """Whether a value nests deeper than any setting does: its reading would end in the reader's own bounds."""
    level = [value]
    for _ in range(LEVELS):
        level = [below for each in level if isinstance(each, Mapping | list) for below in _parts(each)]
        if not level:
            return False
    return True


def _parts(value: Mapping[Any, Any] | list[Any]) -> Iterable[Any]:
    return value.values() if isinstance(value, Mapping) else value


def _validate(stack: str, given: Mapping[str, Any]) -> Settings:
    # As JSON: there strict mode takes a list for a tuple, and both sources of configuration look the same
    return Settings.model_validate_json(json.dumps({**given, "stack": stack}, default=str))


def _expand(value: Any, environ: Mapping[str, str], key: str = "") -> Any:
    if isinstance(value, Mapping):
        return {str(name): _expand(below, environ, str(name)) for name, below in value.items()}
    if isinstance(value, list):
        return [_expand(below, environ) for below in value]
    if isinstance(value, str) and key in _EXPANDED:
        return _VARIABLE.sub(lambda match: environ.get(match[1]) or match[0], value)
    return value


_LOGIN: Final = re.compile(r"://[^/\s]*@")
"""User and password of a URL, which no error shows."""
_QUERY: Final = re.compile(r"(://[^\s?]*\?)\S+")
"""The query of a URL, which may be a signature: no error shows it."""
_EXPECTED: Final = {
    "missing": "is missing",
    "string_type": "must be a string",
    "bool_type": "must be true or false",
    "int_type": "must be a whole number",
    "float_type": "must be a number",
    "tuple_type": "must be a list",
    "dict_type": "must be a mapping",
    "model_type": "must be a mapping",
    "string_too_short": "must not be empty",
    "too_short": "must not be empty",
}


def _problem(detail: ErrorDetails) -> SettingsError:
    return problem(detail, [part for part in detail["loc"] if part != "[key]"], known_keys)


def problem(
    detail: ErrorDetails, location: list[int | str], keys: Callable[[list[int | str]], Collection[str]]
) -> SettingsError:
    """Return what a schema refuses, in the words of who wrote the file.

    Args:
        detail: as pydantic tells it.
        location: where, without what names a shape of the schema and no key of the file.
        keys: gives the keys that the schema has at a location.
    """
    path, kind, value = path_of(location), detail["type"], detail["input"]
    if kind == "extra_forbidden":
        return unknown(path, str(location[-1]), keys(location[:-1]))
    what = _EXPECTED.get(kind, detail["msg"].removeprefix("Value error, "))
    if kind == "literal_error":
        what = "must be " + detail["ctx"]["expected"].replace("'", "")
    shown = "" if kind == "missing" or isinstance(value, dict | list) else str(value)
    if location[:1] == ["credentials"]:
        shown = ""  # people put the token itself where its name belongs
    shown = _QUERY.sub(r"\1…", _LOGIN.sub("://…@", shown))
    return SettingsError(what, path, shown, remedy="add it" if kind == "missing" else "")


def unknown(path: str, key: str, known: Collection[str]) -> SettingsError:
    """Return the problem of a key that does not exist, with the one that was likely meant."""
    close = difflib.get_close_matches(key, sorted(known), n=1)
    remedy = f"did you mean {close[0]}?" if close else "the keys here are " + ", ".join(sorted(known))
    return SettingsError("unknown key", path, key, remedy)


def path_of(location: Collection[str | int]) -> str:
    """Return a location as people write it: ``clusters[0].namespaces.shop.manifests[0]``."""
    told = [part for part in location if part not in _TAGS]
    return "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in told).removeprefix(".")


def known_keys(location: Collection[str | int]) -> tuple[str, ...]:
    """Return the keys that the schema has at a location."""
    annotation: Any = Settings
    for part in location:
        if part in _TAGS:
            annotation = _tagged(annotation, str(part))
            continue
        model = next(_models(annotation), None)
        field = None
        if model is not None and isinstance(part, str):
            named = {(each.alias or name): each for name, each in model.model_fields.items()}
            field = named.get(part)
        annotation = field.annotation if field is not None else annotation
    model = next(_models(annotation), None)
    return tuple((each.alias or name) for name, each in model.model_fields.items()) if model else ()


def _models(annotation: Any) -> Iterator[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for argument in get_args(annotation):
        yield from _models(argument)


def _tagged(annotation: Any, tag: str) -> Any:
    """Return the one shape of several that has a tag."""
    for argument in get_args(annotation):
        if Tag(tag) in get_args(argument)[1:]:
            return argument
        if (found := _tagged(argument, tag)) is not None:
            return found
    return None
