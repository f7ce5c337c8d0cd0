"""Remarks on pull Secrets: what they cover, what is broken, and ``imagePullSecrets`` that nobody reads.

No remark holds more of a Secret than the hosts of its registries.
"""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, Final

from ..reasons import is_internal
from ..reference import HUB_HOSTS
from ..source import ListNode, MapNode, Node, Scalar
from .found import Found
from .path import Path, PathPattern, shown, text_of
from .table import CONTAINER_LISTS

if TYPE_CHECKING:
    from .objects import Reading

_KEYS: Final = {"kubernetes.io/dockerconfigjson": ".dockerconfigjson", "kubernetes.io/dockercfg": ".dockercfg"}
_BUILT_IN: Final = frozenset({"", "apps", "extensions", "batch"})


def remarks(node: MapNode, group: str, kind: str, reading: Reading, path: Path) -> Iterator[Found]:
    """Yield the remarks on one object."""
    if (group, kind) == ("", "Secret"):
        yield from _secret(node, reading, path)
    elif (group, kind) == ("", "ServiceAccount"):
        yield from _listed(node, reading, path)
    elif group in _BUILT_IN:
        pods = [
            (*path, *at)
            for row in reading.places.of(group, kind, reading.name)
            for pattern in row.pods
            for at, pod in PathPattern.parse(pattern).find(node)
        ]
        if pods:
            yield from _misplaced(node, pods, reading, path)


def making(name: str, namespace: str) -> str:
    """Return the command that makes a pull Secret for ghcr.io; where nothing says the namespace, people fill it in."""
    return f"hub2ghcr secret make {name} -n {namespace or 'NAMESPACE'} --registry ghcr.io --username USER"


def _secret(node: MapNode, reading: Reading, path: Path) -> Iterator[Found]:
    key = _KEYS.get(text_of(node.get("type")))
    if key is None:
        return
    for field in ("data", "stringData"):
        holder = node.get(field)
        said = holder.get(key) if isinstance(holder, MapNode) else None
        if isinstance(said, Scalar):
            note = _covered(said.value, field == "data", key)
            yield _remark(reading, (*path, field, key), said, note)
            return
    kind = node.get("type")
    if isinstance(kind, Scalar):
        yield _remark(reading, (*path, "type"), kind, f"a pull Secret without {key}: it opens no registry")


def _covered(text: str, encoded: bool, key: str) -> str:
    if "{{" in text or "${" in text:
        return "a pull Secret that is filled in later"
    try:
        plain = base64.b64decode("".join(text.split()), validate=True) if encoded else text.encode()
    except (binascii.Error, ValueError):
        return f"the pull Secret's {key} is not base64"
    try:
        found: Any = json.loads(plain)
    except (ValueError, RecursionError):
        return f"the pull Secret's {key} holds no JSON"
    auths = found.get("auths") if isinstance(found, dict) and key == ".dockerconfigjson" else found
    if not isinstance(auths, dict) or not all(isinstance(each, dict) for each in auths.values()):
        return f"the pull Secret's {key} lists no registries"
    hosts = sorted({_host(each) for each in auths})
    if any(map(is_internal, hosts)):
        return "a token of OpenShift for its internal registry, which OpenShift renews: left alone"
    without = "" if "ghcr.io" in hosts else "; not ghcr.io"
    return f"a pull Secret for {', '.join(hosts) or 'no registry'}{without}"


def _host(server: str) -> str:
    host = server.partition("://")[2] or server
    host = host.partition("/")[0].rpartition("@")[2][:253]
    return "Docker Hub" if host in HUB_HOSTS else "".join(each if each.isprintable() else "?" for each in host)


def _misplaced(node: MapNode, pods: list[Path], reading: Reading, path: Path) -> Iterator[Found]:
    todo: list[tuple[Path, Node]] = [(path, node)]
    while todo:
        at, below = todo.pop()
        if isinstance(below, ListNode):
            todo += [((*at, index), item) for index, item in enumerate(below.items) if not isinstance(item, Scalar)]
        elif isinstance(below, MapNode):
            for key, item in below.items:
                if key.value == "imagePullSecrets" and at in pods:
                    yield from _listed(below, reading, at)
                elif key.value == "imagePullSecrets":
                    inside = len(at) > 1 and at[-2] in CONTAINER_LISTS
                    where = "inside a container" if inside else "here"
                    right = shown((*pods[0][len(path) :], "imagePullSecrets"))
                    note = f"imagePullSecrets {where} has no effect: move it to {right}"
                    yield _remark(reading, (*at, key.value), key, note)
                elif not isinstance(item, Scalar) and key.value not in ("metadata", "status"):
                    todo.append(((*at, key.value), item))


def _listed(holder: MapNode, reading: Reading, path: Path) -> Iterator[Found]:
    for key, below in holder.items:
        if key.value != "imagePullSecrets" or (isinstance(below, Scalar) and below.null):
            continue
        at = (*path, key.value)
        if not isinstance(below, ListNode):
            yield _remark(reading, at, key, "imagePullSecrets is no list: write - name: …")
            continue
        for index, item in enumerate(below.items):
            if not (isinstance(item, MapNode) and text_of(item.get("name"))):
                scalar = item if isinstance(item, Scalar) else key
                note = "an entry of imagePullSecrets without a name has no effect: write - name: …"
                yield _remark(reading, (*at, index), scalar, note)


def _remark(reading: Reading, path: Path, scalar: Scalar, note: str) -> Found:
    return reading.found(path, "", ("remark", scalar), note=note, why="pull-secret")
