"""One document of a namespace to what becomes of it: a workload, or nothing."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from .. import manifests
from ..manifests import Document, Mount
from ..places.path import Path
from .images import Move
from .nouns import Delivery, Workload
from .options import Options


def workload_of(
    document: Document,
    namespace: str,
    delivery: Delivery,
    moves: tuple[Move, ...],
    pull_secrets: tuple[str, ...],
    options: Options,
    mounts: Collection[Mount] = (),
) -> Workload:
    """Return the workload that a document becomes.

    Not switched it has the images and mounts that stand in its manifest, and no pull Secret of ours: a patch of it
    takes hold of the same fields, so that going back and forth changes them and nothing else.

    Raises:
        ManifestError: its images cannot be said anew, or not by a patch.
    """
    moving = [each for each in moves if each.moves]
    if not options.switched:
        pull_secrets = ()
    # What is pulled is pinned, and what is pushed is not: of a text that is both, the name alone is taken for the push
    pinned_last = sorted(moving, key=lambda each: each.entry is not None)
    replace = {each.before: each.after if options.switched else each.before for each in pinned_last}
    mounted = {each.path: options.push_secret if options.switched else each.secret for each in mounts}
    if delivery == "patch":
        policy = options.policy if options.switched or not options.policy else manifests.AS_IT_WAS
        body = manifests.patch_document(document, namespace, replace, pull_secrets, policy, mounted)
    else:
        body = _whole(document, namespace, replace if options.switched else {}, pull_secrets, options, mounted)
    return Workload(
        document.api_version,
        document.kind,
        namespace,
        document.name,
        delivery,
        body,
        tuple(each.change(options.switched) for each in moves),
        tuple(sorted({each.entry.place for each in moves if each.entry and options.switched})),
        options.switched,
        options.adopt and delivery == "own",
        options.recreate and _fixed(document),
        tuple(sorted({each.before for each in moving})),
        pull_secrets,
        tuple(sorted({each.secret for each in mounts})),
    )


def waits_for_cutover(document: Document, moves: tuple[Move, ...], options: Options) -> bool:
    """Whether an object of ours is made at cutover alone: it cannot be changed then, and is not to be made anew."""
    moving = any(each.moves for each in moves)
    return moving and not options.switched and not options.recreate and _fixed(document)


def _fixed(document: Document) -> bool:
    kind = manifests.pod_kind(document.data)
    return kind is not None and bool(kind.fixed)


def _whole(
    document: Document,
    namespace: str,
    replace: Mapping[str, str],
    pull_secrets: tuple[str, ...],
    options: Options,
    mounted: Mapping[Path, str],
) -> dict[str, Any]:
    body = manifests.rewrite(document, replace, pull_secrets, options.policy, mounted)
    body["metadata"] = {**body["metadata"], "namespace": namespace}
    return body
