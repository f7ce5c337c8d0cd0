"""Pull Secrets: the object that lets a namespace pull, written by us, read from anybody.

Two types open registries: ``kubernetes.io/dockerconfigjson``, and the old ``kubernetes.io/dockercfg``, which is read
and never written. Values are never shown: an entry says as whom it speaks, and what its token looks like.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from .. import metadata
from ..credentials import Credential, docker_config_json, keyring
from ..errors import CredentialError, Hub2GhcrError, ManifestError, raise_all

TYPE: Final = "kubernetes.io/dockerconfigjson"
OLD_TYPE: Final = "kubernetes.io/dockercfg"
_KEY: Final = re.compile(r"(?!\.\.)(?!\.$)[-._a-zA-Z0-9]{1,253}")
KEYS: Final = {TYPE: ".dockerconfigjson", OLD_TYPE: ".dockercfg"}
"""Where a Secret of each type has its registries."""
GENERIC: Final = "Opaque"
"""The type of a Secret whose key its author chose: no kubelet pulls with it, and builds mount it."""
MAX_SIZE: Final = 1 << 20
"""Bytes that the values of a Secret may have."""


@dataclass(frozen=True, slots=True)
class PullSecret:
    """A pull Secret as a kubelet reads it: ``entries`` by key, as it is written; ``name`` is empty for a bare text."""

    namespace: str
    name: str
    type: str
    entries: Mapping[str, keyring.Entry]

    @property
    def place(self) -> str:
        """How it is called: ``shop/hub2ghcr-ghcr``."""
        return "/".join(filter(None, (self.namespace, self.name)))

    def tried(self, repository: str) -> tuple[str, ...]:
        """Return the keys that the kubelet tries for a repository, in its order, without those that name nobody."""
        found = keyring.lookup(self.entries, repository)
        return tuple(key for key in found if self.entries[key].username and self.entries[key].secret)


def document(
    name: str,
    namespace: str,
    credentials: Mapping[str, Credential],
    *,
    labels: Mapping[str, str] | None = None,
    annotations: Mapping[str, str] | None = None,
    key: str = "",
) -> dict[str, Any]:
    """Return the Secret that opens the given registries (host, or host and path), as the API server takes it.

    With a ``key`` it is a generic one, for builds that mount it (``config.json``); by default a kubelet pulls with it.

    Raises:
        Problems: what the API server would refuse of its names, labels and annotations, and what `docker_config_json`
            refuses.
    """
    problems: list[Hub2GhcrError] = [*_faults(name, namespace, labels or {}, annotations or {})]
    if key and not _KEY.fullmatch(key):
        remedy = "letters, digits, -, _ and . are allowed, such as config.json"
        problems.append(ManifestError("is no key of a Secret", "data", key, remedy))
    text = ""
    try:
        text = docker_config_json(credentials)
    except CredentialError as error:
        problems.append(error)
    if len(text.encode()) > MAX_SIZE:
        problems.append(CredentialError(f"a Secret holds at most {MAX_SIZE >> 10} KiB", "data"))
    raise_all(problems)
    about: dict[str, Any] = {"name": name, "namespace": namespace}
    if labels:
        about["labels"] = dict(sorted(labels.items()))
    if annotations:
        about["annotations"] = dict(sorted(annotations.items()))
    data = {key or KEYS[TYPE]: base64.b64encode(text.encode()).decode()}
    return {"apiVersion": "v1", "kind": "Secret", "metadata": about, "type": GENERIC if key else TYPE, "data": data}


def _faults(
    name: str, namespace: str, labels: Mapping[str, str], annotations: Mapping[str, str]
) -> Iterator[ManifestError]:
    if fault := metadata.name_fault(name):
        yield ManifestError(fault, "name", name, "choose another one")
    if fault := metadata.namespace_fault(namespace):
        yield ManifestError(fault, "namespace", namespace, "name the one that pulls")
    for key, value in labels.items():
        if fault := metadata.label_fault(key, value):
            yield ManifestError(fault, "labels", f"{key}={value}", "what is no label may be an annotation")
    if fault := metadata.annotations_fault(annotations):
        yield ManifestError(fault, "annotations")


def is_pull_secret(found: Mapping[str, Any]) -> bool:
    """Tell whether an object is a Secret of one of the types that open registries."""
    return found.get("kind") == "Secret" and found.get("type") in KEYS


def read(found: Mapping[str, Any], place: str) -> PullSecret:
    """Read a Secret as the API server gives it; ``stringData`` wins over ``data``, as there.

    Args:
        found: the object.
        place: how errors name where it comes from.

    Raises:
        ManifestError: it is no Secret, of another type, or without registries.
        CredentialError: the kubelet could not read them. No value is shown.
    """
    kind = str(found.get("kind") or "")
    if kind != "Secret":
        remedy = "give a Secret: kubectl get secret NAME -n NAMESPACE -o yaml"
        raise ManifestError("is no Secret", place, kind, remedy)
    about = found.get("metadata")
    about = about if isinstance(about, Mapping) else {}
    namespace, name = str(about.get("namespace") or ""), str(about.get("name") or "")
    place = f"{place}: Secret {'/'.join(filter(None, (namespace, name)))}".rstrip()
    type_ = str(found.get("type") or "Opaque")
    if type_ not in KEYS:
        remedy = f"make it anew with type {TYPE}: the type of a Secret cannot be changed"
        raise ManifestError("no kubelet pulls with a Secret of this type", place, type_, remedy)
    text = _text(found, KEYS[type_], place)
    entries = keyring.entries(text, f"{place}: {KEYS[type_]}", old=type_ == OLD_TYPE)
    return PullSecret(namespace, name, type_, entries)


def read_text(found: Mapping[str, Any], text: str, place: str) -> PullSecret:
    """Read a bare ``config.json``, or a ``.dockercfg``: ``found`` is what its ``text`` holds.

    Raises:
        CredentialError: the kubelet could not read it.
    """
    old = not ({"auths", "credsStore", "credHelpers"} & set(found)) and bool(found)
    return PullSecret("", "", OLD_TYPE if old else TYPE, keyring.entries(text, place, old=old))


def _text(found: Mapping[str, Any], key: str, place: str) -> str:
    plain, data = found.get("stringData"), found.get("data")
    if isinstance(plain, Mapping) and key in plain:
        return str(plain[key] or "")
    if not isinstance(data, Mapping) or key not in data:
        there = ", ".join(sorted(map(str, data))) if isinstance(data, Mapping) and data else "nothing"
        raise ManifestError(f"has no {key}, and opens no registry", place, remedy=f"its data has {there}")
    try:
        text = str(data[key] or "").replace("\n", "").replace("\r", "")
        return base64.b64decode(text, validate=True).decode(errors="replace")
    except ValueError:
        raise CredentialError("is not base64", f"{place}: {key}", remedy="plain text belongs into stringData") from None
