"""Pull Secrets to be shown: out of what kubectl prints, a bare ``config.json``, or a cluster."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

from .. import documents, files
from ..errors import CredentialError, Hub2GhcrError, ManifestError
from . import secret as pull_secret
from .secret import PullSecret

if TYPE_CHECKING:
    from ..cluster import Cluster


class Read(NamedTuple):
    """What was found, and what is wrong with Secrets that could not be read."""

    secrets: tuple[PullSecret, ...]
    problems: tuple[Hub2GhcrError, ...]


def read(path: str, place: str) -> Read:
    """Read a file, or standard input (``-``). In lists, what is no pull Secret is left out.

    Raises:
        ManifestError, CredentialError: there is no pull Secret, or neither YAML nor JSON; no value is shown.
    """
    text = files.read(path, place).decode(errors="replace")  # as Go does
    if not text.strip():
        raise CredentialError("is empty", place, remedy="give a Secret: kubectl get secret NAME -n NAMESPACE -o yaml")
    found = [*_objects(text, place)]
    if len(found) == 1 and "kind" not in found[0]:
        return Read((pull_secret.read_text(found[0], text, place),), ())
    if len(found) > 1:
        found = [each for each in found if pull_secret.is_pull_secret(each)]
    if not found:
        raise ManifestError("holds no pull Secret", place, remedy=f"they are of type {pull_secret.TYPE}")
    secrets: list[PullSecret] = []
    problems: list[Hub2GhcrError] = []
    for each in found:
        try:
            secrets.append(pull_secret.read(each, place))
        except Hub2GhcrError as error:
            problems.append(error)
    return Read(tuple(secrets), tuple(problems))


def of_cluster(cluster: Cluster, namespace: str, name: str) -> PullSecret:
    """Read a Secret that is live.

    Raises:
        ClusterError: the cluster is not reached, or refuses to show it.
        ManifestError, CredentialError: it is not there, or no kubelet pulls with it; no value is shown.
    """
    place = f"cluster {cluster.name}"
    found = cluster.get("v1", "Secret", namespace, name)
    if found is None:
        raise ManifestError("no such Secret", place, f"{namespace}/{name}", f"see kubectl get secrets -n {namespace}")
    return pull_secret.read(found, place)


def _objects(text: str, place: str) -> Iterator[Mapping[str, Any]]:
    for document in _documents(text, place):
        if document is None:
            continue
        if not isinstance(document, Mapping):
            raise ManifestError("is no object", place, remedy="give a Secret, or a config.json")
        items = document.get("items")
        if str(document.get("kind") or "").endswith("List") and isinstance(items, list):
            yield from (item for item in items if isinstance(item, Mapping) and pull_secret.is_pull_secret(item))
        else:
            yield document


def _documents(text: str, place: str) -> list[Any]:
    if text.lstrip().startswith("{"):
        try:
            return [json.loads(text)]  # Docker writes tabs, which YAML refuses
        except (ValueError, RecursionError):
            pass  # flow mappings of YAML, or broken
    return documents.parse(text, place)
