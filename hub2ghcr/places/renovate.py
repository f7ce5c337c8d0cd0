"""Renovate's configuration: rules that name images, and hosts that it asks for them.

A rule goes by the name of a package, which for its datasource ``docker`` is an image without a tag, as files spell it.
So a rule that names an image has to follow it, and a ``registryUrls`` beside it leads where the image is. A bare name
is an image only where the rule says so (``matchDatasources``, ``matchManagers``): npm has an ``acme/shop``, too. Logins
are never moved: the password is Docker Hub's.

Sources: Renovate's pages "Configuration Options" (``packageRules``, ``hostRules``, ``registryAliases``,
``registryUrls``), "Docker" and "Docker Datasource".
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from ..reference import HUB, HUB_HOSTS
from ..source import ListNode, MapNode, Node, Scalar
from .found import Found
from .path import Path, text_of
from .variables import name_of, parsed

if TYPE_CHECKING:
    from .objects import Reading

BY: Final = "Renovate"
_NAMES: Final = ("matchPackageNames", "matchDepNames", "excludePackageNames", "packageNames")
_PATTERNS: Final = ("matchPackagePrefixes", "matchPackagePatterns", "excludePackagePrefixes", "excludePackagePatterns")
_MANAGERS: Final = frozenset(
    {"ansible", "argocd", "bitbucket-pipelines", "circleci", "crossplane", "devcontainer", "docker-compose"}
    | {"dockerfile", "droneci", "flux", "gitlabci", "helm-values", "kubernetes", "kustomize", "quadlet", "tekton"}
)
"""Managers whose packages are images, or mostly are."""
_CUSTOM: Final = ("customManagers", "regexManagers")
_WILD: Final = re.compile(r"[*?{}\[\]!^$|()\\]|^/")
_URL: Final = re.compile(r"(?:https?://)?(?P<host>[^/:]+)(?::443)?/?(?:v[12]/?)?")
_COMMENT: Final = re.compile(
    rb"\"(?:\\.|[^\"\\])*+(?:\"|\Z)|'(?:\\.|[^'\\])*+(?:'|\Z)|//[^\n]*|/\*.*?(?:\*/|\Z)", re.DOTALL
)
"""What is open at the end ends there: no beginning is tried twice."""

PATTERN: Final = "a pattern: what moves is called ghcr.io/… then: add that name to the rule"
ALIAS: Final = "an alias of Docker Hub: what is written with it is not rewritten: change both together"
ALONE: Final = "looks images up at Docker Hub whatever they are called: take it away, or name the images of this rule"
TEMPLATE: Final = "a manager of your own that reads tags of Docker Hub: have its templates name the image on ghcr.io"
LOGIN: Final = "Renovate signs in to Docker Hub alone: add a rule with matchHost ghcr.io, and a token of its own"


def without_comments(data: bytes) -> bytes:
    """Return JSON5 with spaces for its comments, so that all else stands where it stood."""

    def blank(found: re.Match[bytes]) -> bytes:
        return re.sub(rb"[^\n]", b" ", found[0]) if found[0].startswith(b"/") else found[0]

    return _COMMENT.sub(blank, data)


def images(node: Node, reading: Reading, path: Path) -> Iterator[Found]:
    """Yield what a configuration says of images of Docker Hub."""
    if not isinstance(node, MapNode):
        return
    yield from _rules(node, reading, path, docker=False)
    for key, below in node.items:
        if key.value in _MANAGERS | {"docker"} and isinstance(below, MapNode):
            yield from _rule(below, reading, (*path, key.value), docker=True)
            yield from _rules(below, reading, (*path, key.value), docker=True)
    for custom in _CUSTOM:
        for index, manager in enumerate(_items(node.get(custom))):
            if isinstance(manager, MapNode):
                yield from _templates(manager, reading, (*path, custom, index))
    aliases = node.get("registryAliases")
    for name, target in aliases.items if isinstance(aliases, MapNode) else ():
        if isinstance(target, Scalar) and target.value.partition("/")[0] in HUB_HOSTS:
            at = (*path, "registryAliases", name.value)
            yield reading.found(at, target.value, ("image", target), note=ALIAS, why="elsewhere", updater=BY)
    yield from _logins(node, reading, path)


def _rules(node: MapNode, reading: Reading, path: Path, *, docker: bool) -> Iterator[Found]:
    for index, rule in enumerate(_items(node.get("packageRules"))):
        if isinstance(rule, MapNode):
            yield from _rule(rule, reading, (*path, "packageRules", index), docker=docker)


def _rule(rule: MapNode, reading: Reading, path: Path, *, docker: bool) -> Iterator[Found]:
    urls = [each for each in _items(rule.get("registryUrls")) if isinstance(each, Scalar) and _hub_url(each.value)]
    docker, named = docker or bool(urls) or _is_docker(rule), False
    for key in _NAMES:
        for index, name in enumerate(_items(rule.get(key))):
            if not isinstance(name, Scalar) or name.null:
                continue
            at, reference = (*path, key, index), parsed(name.value)
            if _WILD.search(name.value) or reference is None:
                if _may_be_hub(name.value, docker):
                    yield reading.found(at, name.value, ("image", name), note=PATTERN, why="elsewhere", updater=BY)
            elif docker or name.value.partition("/")[0] in HUB_HOSTS:
                hub = reference.registry == HUB
                named = named or hub
                parts = [("image", name), *(("url", each) for each in urls if hub)]
                yield reading.found(at, name_of(name.value), *parts, name_only=True, updater=BY)
    for key in _PATTERNS:
        for index, name in enumerate(_items(rule.get(key))):
            if isinstance(name, Scalar) and _may_be_hub(name.value, docker):
                at = (*path, key, index)
                yield reading.found(at, name.value, ("image", name), note=PATTERN, why="elsewhere", updater=BY)
    new = rule.get("replacementName")
    if isinstance(new, Scalar) and parsed(new.value) and (docker or new.value.partition("/")[0] in HUB_HOSTS):
        # Renovate writes it in place of what matched
        at = (*path, "replacementName")
        yield reading.found(at, name_of(new.value), ("image", new), name_only=True, updater=BY)
    for each in urls if not named else ():
        at = (*path, "registryUrls")
        yield reading.found(at, each.value, ("image", each), note=ALONE, why="elsewhere", updater=BY)


def _templates(manager: MapNode, reading: Reading, path: Path) -> Iterator[Found]:
    named = "packageNameTemplate" if manager.get("packageNameTemplate") else "depNameTemplate"
    for key in (named, "registryUrlTemplate"):
        said = manager.get(key)
        if not isinstance(said, Scalar) or said.null:
            continue
        image = parsed(said.value) if text_of(manager.get("datasourceTemplate")) == "docker" else None
        if _hub_url(said.value) if key != named else image is not None and image.registry == HUB:
            yield reading.found((*path, key), said.value, ("image", said), note=TEMPLATE, why="elsewhere", updater=BY)


def _logins(node: MapNode, reading: Reading, path: Path) -> Iterator[Found]:
    rules = [each for each in _items(node.get("hostRules")) if isinstance(each, MapNode)]
    hosts = [(each.get("matchHost"), text_of(each.get("matchHost"))) for each in rules]
    if any(_host(said) == "ghcr.io" for _, said in hosts):
        return
    for scalar, said in hosts:
        if isinstance(scalar, Scalar) and _hub_url(said):
            at = (*path, "hostRules")
            yield reading.found(at, "", ("remark", scalar), note=LOGIN, why="updater", updater=BY)


def _is_docker(rule: MapNode) -> bool:
    sources = {text_of(each) for each in _items(rule.get("matchDatasources"))}
    managers = {text_of(each) for each in _items(rule.get("matchManagers"))}
    return "docker" in sources or (not sources and bool(managers & _MANAGERS))


def _may_be_hub(pattern: str, docker: bool) -> bool:
    """Whether a pattern can name images of Docker Hub: by its host, or in a rule on images where it has none."""
    first = pattern.lstrip("!/^").replace("\\", "").partition("/")[0]
    if first in HUB_HOSTS:
        return True
    return docker and not ("." in first.rstrip(".*") or ":" in first) and bool(first.strip("*.+$"))


def _hub_url(text: str) -> bool:
    return _host(text) in HUB_HOSTS


def _host(text: str) -> str:
    found = _URL.fullmatch(text)
    return found["host"] if found else ""


def _items(node: Node | None) -> tuple[Node, ...]:
    if isinstance(node, ListNode):
        return tuple(node.items)
    return (node,) if isinstance(node, Scalar) and not node.null else ()
