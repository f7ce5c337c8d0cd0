"""What is worth a line of images that somebody put on nodes by hand, and of pull policies that nothing can start by."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from .. import manifests
from ..archives import export_command
from ..errors import InvalidReference
from ..mapping import Left, Mapped, Mapping
from ..places.table import CONTAINER_LISTS
from ..reference import DEFAULT_TAG, Reference
from ..settings import Settings
from ..survey import Site, Survey, mapping_of
from .options import options_of


def imported(settings: Settings, found: Survey) -> Iterator[str]:
    """Yield how each image that stays on the nodes could move, and which containers would pull what nobody serves."""
    for text, decision in sorted(found.decisions.items()):
        if isinstance(decision, Left) and decision.kind == "imported" and decision.source is not None:
            command = export_command(decision.source)
            yield (
                f"{text}: {decision.reason}; to move it, export it there (`{command}`), name the archive in"
                " `images.archives` and the image in a rule without `*` (docs/platforms/microk8s.md)"
            )
    mapping = mapping_of(settings, found.inventory)
    for site in found.sites:
        policy = options_of(settings, site).policy
        for place, container in _containers(site):
            if line := _policy(container, policy, found, mapping):
                yield f"{place}: container {container.get('name')}: {container.get('image')}: {line}"


def _containers(site: Site) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield the containers of manifests; the inventory knows no pull policies."""
    for document in site.documents:
        if not site.is_live(document):
            spec = manifests.pod_spec(document.data) or {}
            for group in CONTAINER_LISTS:
                yield from ((document.place, each) for each in spec.get(group) or () if isinstance(each, dict))


def _policy(container: dict[str, Any], wanted: str | None, found: Survey, mapping: Mapping) -> str:
    text, own = str(container.get("image")), container.get("imagePullPolicy")
    if isinstance(found.decisions.get(text), Mapped):
        if (wanted or own) != "Never":
            return ""
        remedy = "set `imagePullPolicy: IfNotPresent` of its namespace"
        return f"with `imagePullPolicy: Never` its copy is not pulled: {remedy}"
    try:
        reference = Reference.parse(text)
    except InvalidReference:
        return ""
    # https://kubernetes.io/docs/concepts/containers/images/#imagepullpolicy-defaulting
    default = "Always" if (reference.tag or DEFAULT_TAG) == DEFAULT_TAG and not reference.digest else "IfNotPresent"
    if mapping.put_by_hand(reference) and (own or default) == "Always":
        remedy = "set IfNotPresent or Never in its manifest, or give it another tag"
        why = "`imagePullPolicy` is Always, the default for `latest`"
        return f"is asked of a registry at each start, and none has it ({why}): {remedy}"
    return ""
