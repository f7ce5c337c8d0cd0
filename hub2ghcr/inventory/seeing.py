"""From objects as an API server gives them to facts. Pure: who asks the cluster is `hub2ghcr.inventory.taking`."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import Any

from .. import manifests, owning
from ..errors import Hub2GhcrError, ManifestError
from ..manifests import Document
from ..places import Places
from ..places.table import CONTAINER_LISTS
from ..pull_secrets import secret as pull_secret
from .facts import AccountFacts, ImageFacts, NamespaceFacts, RunningFacts, SecretFacts, WorkloadFacts
from .spelling import Spelling
from .state import is_mirror, state

Controller = tuple[str, str, str]
"""apiVersion, kind and name of an object that controls others."""


def workload(
    obj: Mapping[str, Any],
    cluster: str = "",
    spelling: Spelling | None = None,
    ours: Collection[str] = (),
    places: Places | None = None,
) -> WorkloadFacts:
    """Return the facts of a workload or custom resource, without what its Pods run.

    Args:
        obj: the object as the API server gives it.
        cluster: the cluster's name.
        spelling: what images were called before we moved them.
        ours: names of our pull Secrets: they are no facts of the workload's own.
        places: rows that settings add to the table of places.
    """
    metadata = obj.get("metadata") or {}
    kind = manifests.pod_kind(obj)
    pod = (manifests.pod_spec(obj) or {}) if kind is not None and kind.merges else {}
    found = _of_pod(obj, kind.path, pod) if kind is not None and kind.merges else _of_custom(obj, places)
    images = []
    for name, image, path in found:
        managers = owning.managers(obj, path)
        if spelling is not None:
            at = (cluster, str(metadata.get("namespace", "")), str(obj["kind"]), str(metadata.get("name")), name)
            image = spelling.of(image, managers, at)
        images.append(ImageFacts(name, image, managers))
    return WorkloadFacts(
        str(obj["apiVersion"]),
        str(obj["kind"]),
        str(metadata.get("name")),
        "" if is_mirror(obj) else owning.owner(obj),
        tuple(images),
        str(pod.get("serviceAccountName") or pod.get("serviceAccount") or ""),
        _secrets(pod, {*ours, *_written(obj, kind.path if kind else (), pod)}),
        state=state(obj),
    )


def _of_pod(
    obj: Mapping[str, Any], above: tuple[str, ...], pod: Mapping[str, Any]
) -> Iterator[tuple[str, str, list[str | tuple[str, str]]]]:
    """Yield field, image and path of each image of a pod spec; what was injected into a Pod is among them."""
    for list_ in (*CONTAINER_LISTS, "volumes"):
        for each in pod.get(list_) or ():
            inner = ("image", "reference") if list_ == "volumes" else ("image",)
            image = (each.get("image") or {}).get("reference") if list_ == "volumes" else each.get("image")
            if image:
                name = str(each.get("name"))
                yield f"{list_}[{name}]", str(image), [*above, list_, ("name", name), *inner]


def _of_custom(obj: Mapping[str, Any], places: Places | None) -> Iterator[tuple[str, str, list[str | tuple[str, str]]]]:
    metadata = obj["metadata"]
    document = Document("", str(obj["apiVersion"]), str(obj["kind"]), None, str(metadata["name"]), obj, places)
    try:
        fields = manifests.images(document)
    except ManifestError:
        return  # an operator may take what no row of the table foresees
    for field in fields:
        path: list[str | tuple[str, str]] = []
        at: Any = obj
        for part in field.path:
            at = at[part]
            # a list that merges has keys in place of indexes; of another one the API server knows no entries
            path.append(
                part if isinstance(part, str) else ("name", str(at.get("name")) if isinstance(at, Mapping) else "")
            )
        yield field.field, field.text, path


def controller(obj: Mapping[str, Any]) -> Controller | None:
    """Return what controls an object, None for nobody; the node of a static Pod is none."""
    for each in (obj.get("metadata") or {}).get("ownerReferences") or ():
        if each.get("controller") and each.get("kind") != "Node":
            return str(each.get("apiVersion")), str(each.get("kind")), str(each.get("name"))
    return None


def running(pod: Mapping[str, Any]) -> Iterator[RunningFacts]:
    """Yield what the containers of a Pod run: the image of its spec, and the digest that was pulled for it."""
    for image, id_ in pulled(pod):
        # without a repository it is the identity of an image that was loaded, not a digest that can be pulled
        yield RunningFacts(image, id_.rpartition("@")[2] if "@" in id_ else "")


def pulled(pod: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield of each container of a Pod that has run the image of its spec, and what the runtime took for it."""
    spec, status = pod.get("spec") or {}, pod.get("status") or {}
    for list_, statuses in (
        ("initContainers", "initContainerStatuses"),
        ("containers", "containerStatuses"),
        ("ephemeralContainers", "ephemeralContainerStatuses"),
    ):
        named = {each.get("name"): each.get("image") for each in spec.get(list_) or ()}
        for each in status.get(statuses) or ():
            image, id_ = named.get(each.get("name")), str(each.get("imageID") or "")
            if image and id_:
                yield str(image), id_


def namespace(obj: Mapping[str, Any]) -> NamespaceFacts:
    """Return what a namespace says of itself: its labels, and the project of Rancher's that it is in."""
    metadata = obj["metadata"]
    labels = dict(sorted((metadata.get("labels") or {}).items()))
    return NamespaceFacts(str(metadata["name"]), labels, project=owning.project(obj))


def account(obj: Mapping[str, Any], ours: Collection[str] = ()) -> AccountFacts:
    """Return the facts of a ServiceAccount."""
    return AccountFacts(str(obj["metadata"]["name"]), _secrets(obj, ours))


def secret(obj: Mapping[str, Any]) -> SecretFacts:
    """Return the facts of a pull Secret: users and values are not looked at."""
    try:
        registries = sorted(pull_secret.read(obj, "").entries)
    except Hub2GhcrError:
        registries = []
    return SecretFacts(str(obj["metadata"]["name"]), str(obj.get("type")), tuple(registries))


def _written(obj: Mapping[str, Any], above: tuple[str, ...], pod: Mapping[str, Any]) -> Iterator[str]:
    """Yield the pull Secrets that a switch wrote into a pod spec: ours, and beside it the ServiceAccount's."""
    for name in _secrets(pod, ()):
        if owning.managers(obj, [*above, "imagePullSecrets", ("name", name)]) == (owning.MANAGER,):
            yield name


def _secrets(holder: Mapping[str, Any], ours: Collection[str]) -> tuple[str, ...]:
    names = [str(each.get("name")) for each in holder.get("imagePullSecrets") or () if each.get("name")]
    return tuple(name for name in names if name not in ours)
