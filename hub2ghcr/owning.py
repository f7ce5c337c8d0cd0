"""Who owns an object and its image fields, told from its metadata alone, and whether we may change them.

An owner is written as people call it (``Helm release shop/web``). Managers are Kubernetes' field managers
(https://kubernetes.io/docs/reference/using-api/server-side-apply/): the names under which programs changed fields.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Any, Final

MANAGER: Final = "hub2ghcr"
"""The field manager of every switch, fixed so that a later run, from any machine, finds its own fields again."""

MANAGED_BY: Final = "app.kubernetes.io/managed-by"
"""The label by which objects name who made them; our value is `MANAGER`
(https://kubernetes.io/docs/concepts/overview/working-with-objects/common-labels/)."""

REMADE: Final = "hub2ghcr/recreate"
"""The annotation of an object that its stack may delete: Pulumi goes by what it was told when it last wrote it."""

STACK: Final = "hub2ghcr/stack"
"""The annotation that names the stack of a switch: its field manager is the same for all, and does not tell whose."""

PROJECT: Final = "field.cattle.io/projectId"
"""The annotation of a namespace that says in which of Rancher's projects it is: ``c-abc12:p-xyz34``."""

KUBECTL: Final = (
    "kubectl",
    "kubectl-client-side-apply",
    "kubectl-create",
    "kubectl-edit",
    "kubectl-patch",
    "kubectl-replace",
    "kubectl-set",
)
"""The managers that kubectl's commands go by: what people at a terminal did is taken, unless settings say otherwise."""


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why an object's images are not ours to change, and where they are changed instead."""

    what: str
    remedy: str


@dataclass(frozen=True, slots=True)
class _Program:
    """A program that owns objects: how it is called, its managers as patterns, and where its images are changed."""

    title: str
    managers: tuple[str, ...]
    remedy: str


_GIT: Final = "in the repository that it watches (`delivery: render` writes it there)"
_HELM: Final = _Program("Helm release", ("helm",), "change the image in the release's values")
_ARGO: Final = _Program("Argo CD application", ("argocd-*", "argo-cd*"), f"change the image {_GIT}")
_FLUX_HELM: Final = _Program(
    "Flux HelmRelease", ("helm-controller",), f"change `spec.values` of the HelmRelease {_GIT}"
)
_FLUX: Final = _Program("Flux Kustomization", ("kustomize-controller",), f"change the image {_GIT}")
_FLEET: Final = _Program("Fleet bundle", ("fleetagent", "fleet-agent"), f"change the image {_GIT}")
_SYNC: Final = _Program("Config Sync repository", ("configsync*",), f"change the image {_GIT}")
_KAPP: Final = _Program("kapp application", ("kapp*",), "change the image in its input (`kbld` resolves it there)")
_PULUMI: Final = _Program("Pulumi program", ("pulumi-*",), "change the image in that program")
_ADDON: Final = _Program(
    "cluster add-on", ("addon-manager*", "k3s*"), "it belongs to the cluster's distribution: leave it"
)
_OLM: Final = _Program("operator bundle", ("olm*",), "change the image in the operator's bundle or Subscription")

PROGRAMS: Final = (_ARGO, _FLUX_HELM, _FLUX, _HELM, _FLEET, _SYNC, _KAPP, _OLM, _ADDON, _PULUMI)
"""In the order in which they are looked for: Flux's Helm releases bear Helm's marks, too."""


def own_manager(stack: str) -> str:
    """Return the field manager of what a stack owns: another stack's objects are not taken for its own."""
    return f"{MANAGER}-{stack}"


def project(namespace: Mapping[str, Any]) -> str:
    """Return the ID of the project of Rancher's that a namespace is in, empty for none."""
    return str(((namespace.get("metadata") or {}).get("annotations") or {}).get(PROJECT) or "")


def owner(obj: Mapping[str, Any]) -> str:
    """Return who owns an object, empty where nothing says so; people at a terminal leave no mark of an owner.

    Args:
        obj: the object as the API server gives it; apiVersion, kind and metadata are looked at.
    """
    metadata = _mapping(obj.get("metadata"))
    for program in PROGRAMS:
        if (found := _MARKS[program.title](obj, metadata)) is not None:
            return f"{program.title} {found}".strip()
    for each in metadata.get("ownerReferences") or ():
        if each.get("controller"):
            return f"{each.get('kind')} {each.get('name')}"
    return ""


def signed(document: Mapping[str, Any], stack: str) -> dict[str, Any]:
    """Return a document that says which stack switches its object."""
    metadata = _mapping(document.get("metadata"))
    annotations = {**_mapping(metadata.get("annotations")), STACK: stack}
    return {**document, "metadata": {**metadata, "annotations": annotations}}


def stack_of(obj: Mapping[str, Any]) -> str:
    """Return the stack that has switched an object, empty where none has, or one from before they said so."""
    return str(_mapping(_mapping(obj.get("metadata")).get("annotations")).get(STACK, ""))


def writers(obj: Mapping[str, Any]) -> tuple[str, ...]:
    """Return who manages any field of an object, sorted."""
    return tuple(
        sorted({str(each.get("manager")) for each in _mapping(obj.get("metadata")).get("managedFields") or ()})
    )


def by_writers(obj: Mapping[str, Any]) -> str:
    """Return who manages any field of an object, to be put behind a word; empty where nobody is known."""
    found = writers(obj)
    return f", managed by {', '.join(found)}" if found else ""


def managers(obj: Mapping[str, Any], path: Sequence[str | tuple[str, str]]) -> tuple[str, ...]:
    """Return who manages a field, sorted.

    Args:
        obj: the object as the API server gives it.
        path: keys; an entry of a list that merges by a key is ``("name", "web")``.
    """
    steps = [f"f:{step}" if isinstance(step, str) else f"k:{json.dumps({step[0]: step[1]})}" for step in path]
    found = set()
    for each in _mapping(obj.get("metadata")).get("managedFields") or ():
        if each.get("subresource") in (None, "") and _holds(each.get("fieldsV1"), steps):
            found.add(str(each.get("manager")))
    return tuple(sorted(found))


def refusal(owned_by: str, managed_by: Iterable[str], take_from: Collection[str]) -> Refusal | None:
    """Return why image fields may not be changed by an apply of ours, None where they may.

    Args:
        owned_by: what `owner` said.
        managed_by: the managers of the fields that change.
        take_from: the managers whose fields may be taken, as patterns. To name an owner's manager is to take from it.
    """
    strange = sorted({each for each in managed_by if each != MANAGER and not _named(each, take_from)})
    if owned_by:
        program = next((each for each in PROGRAMS if owned_by.startswith(each.title)), None)
        if program is None:
            return Refusal(f"belongs to {owned_by}, which would change it back", f"change the image in {owned_by}")
        if not any(
            fnmatchcase(given, each) or fnmatchcase(each, given) for given in take_from for each in program.managers
        ):
            remedy = f"{program.remedy}, or name its manager in `takeFrom`: {', '.join(program.managers)}"
            return Refusal(f"belongs to {owned_by}", remedy)
    if strange:
        remedy = "change the image where that manager has it from, or name it in `takeFrom`"
        return Refusal(f"its image is managed by {', '.join(strange)}", remedy)
    return None


def _named(manager: str, take_from: Collection[str]) -> bool:
    return any(fnmatchcase(manager, pattern) for pattern in take_from)


def _holds(fields: Any, steps: Sequence[str]) -> bool:
    """Whether a set of fields has the one at the end of ``steps``, or as a whole one that it stands in."""
    found = fields
    for step in steps:
        if not isinstance(found, Mapping) or step not in (names := {_compact(key): key for key in found}):
            return False
        found = found[names[step]]
        if not found:  # a leaf: the field itself, or one that merges as a whole
            return True
    return True


def _compact(key: str) -> str:
    """Return a key of fieldsV1 as `json.dumps` writes it: the API server leaves out the blanks."""
    if not key.startswith("k:"):
        return key
    try:
        return f"k:{json.dumps(json.loads(key[2:]))}"
    except ValueError:
        return key


def _argo(obj: Mapping[str, Any], metadata: Mapping[str, Any]) -> str | None:
    labels, annotations = _mapping(metadata.get("labels")), _mapping(metadata.get("annotations"))
    application, colon, of = str(annotations.get("argocd.argoproj.io/tracking-id", "")).partition(":")
    group, slash, _ = str(obj.get("apiVersion")).rpartition("/")
    # an object that was copied from a tracked one still bears the other's mark
    itself = f"{group if slash else ''}/{obj.get('kind')}:{metadata.get('namespace', '')}/{metadata.get('name')}"
    if colon and of == itself:
        return application.replace("_", "/", 1)
    if name := labels.get("argocd.argoproj.io/instance"):
        return str(name)
    # its default label is everybody's: it counts where Argo CD wrote to the object
    if any(_named(each, _ARGO.managers) for each in _writers(metadata)):
        return str(labels.get("app.kubernetes.io/instance", ""))
    return None


def _flux(group: str) -> Callable[[Mapping[str, Any], Mapping[str, Any]], str | None]:
    def marked(_: Mapping[str, Any], metadata: Mapping[str, Any]) -> str | None:
        labels = _mapping(metadata.get("labels"))
        return _pair(labels.get(f"{group}/namespace"), labels.get(f"{group}/name"))

    return marked


def _helm(_: Mapping[str, Any], metadata: Mapping[str, Any]) -> str | None:
    annotations = _mapping(metadata.get("annotations"))
    return _pair(annotations.get("meta.helm.sh/release-namespace"), annotations.get("meta.helm.sh/release-name"))


def _pulumi(_: Mapping[str, Any], metadata: Mapping[str, Any]) -> str | None:
    by = _mapping(metadata.get("labels")).get(MANAGED_BY)
    ours = any(each == MANAGER or each.startswith(f"{MANAGER}-") for each in _writers(metadata))
    written = any(_named(each, _PULUMI.managers) for each in _writers(metadata))
    return "" if (by == "pulumi" or written) and not ours else None


def _marked(*keys: str, plain: bool = False) -> Callable[[Mapping[str, Any], Mapping[str, Any]], str | None]:
    """Return who finds the value of the first of these labels or annotations; ``plain`` ones name nobody."""

    def marked(_: Mapping[str, Any], metadata: Mapping[str, Any]) -> str | None:
        marks = {**_mapping(metadata.get("annotations")), **_mapping(metadata.get("labels"))}
        found = next((str(marks[key]) for key in keys if marks.get(key)), None)
        return "" if plain and found is not None else found

    return marked


_MARKS: Final[Mapping[str, Callable[[Mapping[str, Any], Mapping[str, Any]], str | None]]] = {
    _ARGO.title: _argo,
    _FLUX_HELM.title: _flux("helm.toolkit.fluxcd.io"),
    _FLUX.title: _flux("kustomize.toolkit.fluxcd.io"),
    _HELM.title: _helm,
    _FLEET.title: _marked("fleet.cattle.io/bundle-id", "objectset.rio.cattle.io/id"),
    _SYNC.title: _marked("configsync.gke.io/resource-id", "configmanagement.gke.io/managed", plain=True),
    _KAPP.title: _marked("kapp.k14s.io/app"),
    _OLM.title: _marked("olm.owner"),
    _ADDON.title: _marked("addonmanager.kubernetes.io/mode", "objectset.rio.cattle.io/owner-name", plain=True),
    _PULUMI.title: _pulumi,
}


def _writers(metadata: Mapping[str, Any]) -> list[str]:
    return [str(each.get("manager")) for each in metadata.get("managedFields") or ()]


def _pair(namespace: Any, name: Any) -> str | None:
    return (f"{namespace}/{name}" if namespace else str(name)) if name else None


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}
