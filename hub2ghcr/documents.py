"""YAML read the way Kubernetes reads it, with bounds and places.

PyYAML's safe loader, changed where it differs from what ``kubectl`` and Pulumi make of the same file: dates and
``12:30:00`` stay strings, ``1e3`` is a number, a plain ``=`` is a string. A key that stands twice is refused, and so
are files that nest too deeply or whose aliases expand without measure.
"""

from __future__ import annotations

import re
from collections.abc import Hashable, Iterable
from pathlib import Path
from typing import Any, Final

import yaml

from .errors import ManifestError

MAX_NODES: Final = 1_000_000
"""Nodes of one document with all its aliases written out. The largest manifests in use (CRDs) have about 50,000."""

MAX_DEPTH: Final = 300
"""Levels of nesting. libyaml composes recursively in C, without a bound of its own: 100,000 levels end the process."""

_BASE: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # libyaml is about ten times as fast


class _Loader(_BASE):  # type: ignore[misc]
    yaml_implicit_resolvers: dict[str, list[tuple[str, re.Pattern[str]]]] = {}  # noqa: RUF012 PyYAML's own interface

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Hashable, Any]:
        """Construct a mapping whose keys are all different; keys merged by ``<<`` may be overridden."""
        seen: set[tuple[str, str]] = set()
        for key, _ in node.value:
            if isinstance(key, yaml.ScalarNode) and key.tag != "tag:yaml.org,2002:merge":
                if (key.tag, key.value) in seen:
                    problem = f"the key {key.value!r} stands twice"
                    raise yaml.constructor.ConstructorError(None, None, problem, key.start_mark)
                seen.add((key.tag, key.value))
        result: dict[Hashable, Any] = super().construct_mapping(node, deep)
        return result


_BREAKS: Final = re.compile("[\r\x85\u2028\u2029]")
"""Line ends of YAML 1.1 that only an escape keeps."""


class _Dumper(yaml.SafeDumper):
    """Quotes what YAML 1.1, 1.2 or we would read as something else than text."""

    def ignore_aliases(self, data: Any) -> bool:
        """Write out what is shared: anchors that nobody named help no reader."""
        return True

    def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:
        """Indent lists below their key, as Helm's and Kustomize's own examples do."""
        super().increase_indent(flow, False)


def _text(dumper: yaml.SafeDumper, value: str) -> yaml.ScalarNode:
    style = '"' if _BREAKS.search(value) else "|" if "\n" in value else None
    return dumper.represent_scalar("tag:yaml.org,2002:str", value, style=style)


_Dumper.add_representer(str, _text)


def _resolvers() -> None:
    tag = "tag:yaml.org,2002:"
    exponent = r"(?:[eE][-+]?[0-9]+)"
    bool_ = r"yes|Yes|YES|no|No|NO|true|True|TRUE|false|False|FALSE|on|On|ON|off|Off|OFF"
    for name, pattern, first in (
        ("bool", rf"(?:{bool_})", "yYnNtTfFoO"),
        (
            "float",
            rf"[-+]?(?:[0-9][0-9_]*\.[0-9_]*{exponent}?|[0-9]+{exponent}|\.[0-9][0-9_]*{exponent}?"
            r"|\.(?:inf|Inf|INF))|\.(?:nan|NaN|NAN)",
            "-+0123456789.",
        ),
        ("int", r"[-+]?(?:0b[0-1_]+|0x[0-9a-fA-F_]+|0[0-7_]*|[1-9][0-9_]*)", "-+0123456789"),
        ("merge", r"<<", "<"),
    ):
        for each in (_Loader, _Dumper):
            each.add_implicit_resolver(tag + name, re.compile(rf"(?:{pattern})\Z"), list(first))
    _Dumper.add_implicit_resolver(tag + "bool", re.compile(r"[yYnN]\Z"), list("yYnN"))
    # what Go's YAML takes for a number: 08 is one, and 0X1F, -0o7, +_1
    number = r"[-+]?(?:[0-9_]*\.?[0-9_]*[0-9][0-9_]*\.?_*(?:[eE][-+_]*[0-9_]+)?|_*0_*[xXbBoO][-+0-9a-fA-F_]+)"
    _Dumper.add_implicit_resolver(tag + "int", re.compile(rf"{number}\Z"), list("-+.0123456789"))
    for each in (_Loader, _Dumper):
        each.add_implicit_resolver(tag + "null", re.compile(r"(?:~|null|Null|NULL|)\Z"), ["~", "n", "N", ""])


_resolvers()


def parse(text: str, place: str) -> list[Any]:
    """Return the documents of a YAML text, empty ones left out.

    Args:
        text: the YAML.
        place: how errors name it, usually the file's path.

    Raises:
        ManifestError: bad YAML, with line and column; a key that stands twice; aliases without measure.
    """
    return [document for _, document in nodes(text, place)]


def nodes(text: str, place: str) -> list[tuple[yaml.Node, Any]]:
    """Return the documents as `parse` does, each with its node, which knows where it stands in the text.

    Raises:
        ManifestError: as `parse`.
    """
    documents: list[tuple[yaml.Node, Any]] = []
    loader = None
    try:
        _bound_depth(text, place)
        loader = _Loader(text)
        while loader.check_node():
            node = loader.get_node()
            _bound(node, place)
            document = loader.construct_document(node)
            if document is not None:
                documents.append((node, document))
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        where = f"{place}:{mark.line + 1}:{mark.column + 1}" if mark else place
        raise ManifestError(
            f"not valid YAML: {error.problem or error.context}", where, remedy="correct the file"
        ) from None
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        raise ManifestError(f"not valid YAML: {error}", place, remedy="correct the file") from None
    except (ArithmeticError, AttributeError, LookupError, TypeError):  # PyYAML on `!!bool perhaps`, `!!int ""` and such
        raise ManifestError("not valid YAML: a value does not fit its tag", place, remedy="correct the file") from None
    finally:
        if loader is not None:
            loader.dispose()
    return documents


def read(file: Path, place: str) -> list[Any]:
    """Return the documents of a YAML file.

    Raises:
        ManifestError: as `parse`, and when the file cannot be read or is not UTF-8.
    """
    try:
        text = file.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise ManifestError("no such file", place, remedy="paths start at the project's folder") from None
    except UnicodeDecodeError as error:
        raise ManifestError(f"not UTF-8 at byte {error.start}", place, remedy="save the file as UTF-8") from None
    except OSError as error:
        raise ManifestError(f"cannot be read: {error.strerror}", place) from None
    return parse(text, place)


def dump(found: Iterable[Any]) -> str:
    """Return documents as YAML, from which `parse` reads the same; keys stay in their order."""
    text = yaml.dump_all(
        found, Dumper=_Dumper, sort_keys=False, allow_unicode=True, explicit_start=True, width=1_000_000
    )
    return str(text)


def _bound_depth(text: str, place: str) -> None:
    depth = 0
    for event in yaml.parse(text, Loader=_BASE):
        if isinstance(event, yaml.CollectionStartEvent):
            depth += 1
            if depth > MAX_DEPTH:
                raise ManifestError(f"nested more than {MAX_DEPTH} levels deep", _at(event, place))
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1


def _bound(root: yaml.Node, place: str) -> None:
    """Refuse a document that its aliases make endless or larger than `MAX_NODES`."""
    sizes: dict[int, int] = {}
    open_: set[int] = set()
    stack: list[tuple[yaml.Node, bool]] = [(root, False)]
    while stack:
        node, done = stack.pop()
        key = id(node)
        if done:
            open_.discard(key)
            sizes[key] = 1 + sum(sizes[id(child)] for child in _children(node))
            if sizes[key] > MAX_NODES:
                raise ManifestError(
                    f"aliases expand to more than {MAX_NODES} nodes", _at(node, place), remedy="write them out"
                )
        elif key in open_:
            raise ManifestError("an alias contains itself", _at(node, place), remedy="remove it")
        elif key not in sizes:
            open_.add(key)
            stack.append((node, True))
            stack.extend((child, False) for child in _children(node) if id(child) not in sizes)


def _children(node: yaml.Node) -> list[yaml.Node]:
    if isinstance(node, yaml.MappingNode):
        return [part for pair in node.value for part in pair]
    return list(node.value) if isinstance(node, yaml.SequenceNode) else []


def _at(node: yaml.Node | yaml.Event, place: str) -> str:
    mark = node.start_mark
    return f"{place}:{mark.line + 1}:{mark.column + 1}" if mark else place
