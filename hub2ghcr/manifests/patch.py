"""The smallest server-side-apply document that changes images and pull Secrets: what delivery ``patch`` applies.

Lists of containers, volumes and pull Secrets merge by ``name`` (``listType=map``), so each entry holds its name and
what changes in it. Fields and entries that stay are left out: whoever applied them remains their owner.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any, Final

from .. import places
from ..errors import InvalidReference, ManifestError
from ..places.path import Path
from ..reference import DEFAULT_TAG, Reference
from .document import Document
from .images import ImageField, images, pushed
from .pods import PodKind, pod_kind, pod_spec

AS_IT_WAS: Final = "as it was"
"""Instead of an ``imagePullPolicy``: the one that each container has by its manifest, said in full."""


def patch_document(
    document: Document,
    namespace: str,
    replace: Mapping[str, str],
    pull_secrets: Sequence[str] = (),
    policy: str | None = None,
    mounted: Mapping[Path, str] | None = None,
) -> dict[str, Any]:
    """Return apiVersion, kind, name, namespace, the replaced images by container name, and the pull Secrets to add.

    The arguments of a build that pushes elsewhere are in it, too, images among them, and the Secret that it mounts.

    Args:
        document: left as it is.
        namespace: where it is applied.
        replace: image text -> new text (the same one takes the field as it is); images that are not named are left out.
        pull_secrets: names to add, in order.
        policy: the ``imagePullPolicy`` of what is replaced (None: as it is), or `AS_IT_WAS`.
        mounted: `Mount.path` -> name of the Secret that is mounted there (the same one takes the field as it is).

    Raises:
        ManifestError: a container or volume without a name, or a place where nothing merges by name.
    """
    kind, pod = pod_kind(document.data), pod_spec(document.data) or {}
    if kind is None or not kind.merges:
        what = f"a {document.kind} cannot be patched: the lists of a custom resource need not merge by name"
        raise ManifestError(what, document.place, remedy="set `delivery: own`")
    spec: dict[str, Any] = {}
    builds = {each.path[: len(kind.path) + 2] for each in pushed(document)}
    for field in images(document):
        if field.text in replace and not _argument(field.path, builds):
            owner = str(field.path[len(kind.path)])
            entry = _entry(field, kind, pod, replace[field.text], policy, document)
            spec.setdefault(owner, []).append(entry)
    for owner, name, words, said in _arguments(document, kind, pod, replace, builds):
        entries = spec.setdefault(owner, [])
        known = next((each for each in entries if each["name"] == name), None)
        if known is None:
            entries.append({"name": name, words: said})
        else:
            known[words] = said
    for path, secret in (mounted or {}).items():
        volume = pod["volumes"][path[len(kind.path) + 1]]["name"]
        spec.setdefault("volumes", []).append({"name": volume, "secret": {"secretName": secret}})
    if pull_secrets:
        spec["imagePullSecrets"] = [{"name": name} for name in dict.fromkeys(pull_secrets)]
    body: Any = spec
    for key in reversed(kind.path):
        body = {key: body}
    return {
        "apiVersion": document.api_version,
        "kind": document.kind,
        "metadata": {"name": document.name, "namespace": namespace},
        **body,
    }


def _arguments(
    document: Document, kind: PodKind, pod: Mapping[str, Any], replace: Mapping[str, str], builds: Collection[Path]
) -> Iterator[tuple[str, str, str, list[str]]]:
    """Yield the arguments of builds that push elsewhere: container list, container, ``command`` or ``args``, the list.

    A list of arguments is applied as a whole (``listType=atomic``).
    """
    memory = document.memory
    arguments = [each for each in memory.found if _argument(memory.path(each.parts[0][1]), builds)]
    moving = [each for each in (*arguments, *memory.pushed) if each.text in replace]
    changing = [each for each in moving if replace[each.text] != each.text]
    edits = [edit for each in changing for edit in places.edits(each, Reference.parse(replace[each.text]))]
    new = memory.rewritten(edits)
    at = len(kind.path)
    for path in dict.fromkeys(memory.path(each.parts[0][1])[: at + 3] for each in moving):
        owner, index, words = str(path[at]), path[at + 1], str(path[at + 2])
        container = pod[owner][index]
        if not isinstance(container.get("name"), str):
            remedy = "entries merge by name: give it one"
            raise ManifestError(f"{owner}[{index}] has no name", document.place, remedy=remedy)
        said = [new.get((*path, number), each) for number, each in enumerate(container[words])]
        yield owner, container["name"], words, said


def _argument(path: Path, builds: Collection[Path]) -> bool:
    """Whether a value is an argument of one of the containers that build, each by its path."""
    return any(path[: len(each)] == each and path[len(each)] in ("command", "args") for each in builds)


def _entry(
    field: ImageField, kind: PodKind, pod: Mapping[str, Any], text: str, policy: str | None, document: Document
) -> dict[str, Any]:
    at = len(kind.path)
    owner, below = str(field.path[at]), field.path[at + 2 :]
    if policy == AS_IT_WAS:
        policy = _own_policy(pod[owner][field.path[at + 1]], field.text)
    said = {"image": text, "imagePullPolicy": policy}
    if below == ("image", "reference"):
        said = {"reference": text, "pullPolicy": policy}
    elif below != ("image",):
        what = f"{field.field} cannot be patched: it belongs to no list that merges by name"
        raise ManifestError(what, document.place, field.text, "set `delivery: own`")
    name = pod[owner][field.path[at + 1]].get("name")
    if not isinstance(name, str):
        remedy = "entries merge by name: give it one"
        raise ManifestError(f"{owner}[{field.path[at + 1]}] has no name", document.place, remedy=remedy)
    said = {key: value for key, value in said.items() if value is not None}
    return {"name": name, **({"image": said} if "reference" in said else said)}


def _own_policy(entry: Mapping[str, Any], text: str) -> str | None:
    """Return the policy of a container or volume: its own, else what the API server gives an image of this tag.

    The rule is Kubernetes' (https://kubernetes.io/docs/concepts/containers/images/#imagepullpolicy-defaulting).
    """
    image = entry.get("image")
    own = image.get("pullPolicy") if isinstance(image, Mapping) else entry.get("imagePullPolicy")
    if own:
        return str(own)
    try:
        found = Reference.parse(text)
    except InvalidReference:
        return None
    tag = found.tag or ("" if found.digest else DEFAULT_TAG)
    return "Always" if tag == DEFAULT_TAG else "IfNotPresent"
