"""What existing builds push with: of those that push to GHCR once they are switched, the Secret is ours then."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from .. import manifests
from ..credential_ref import CredentialRef
from ..manifests import Document, Mount
from ..mapping import Mapped
from ..places.kaniko_secret import FILE
from ..settings import Settings
from ..survey import Site, Survey
from .access import opened
from .nouns import PullSecret
from .options import Options


def mounts_of(document: Document, found: Survey, options: Options) -> tuple[Mount, ...]:
    """Return where a document's builds are to push with our Secret: all that they push there moves, or has moved.

    A volume is one for all builds that mount it. Without a credential to push with there is none.
    """
    if not options.push:
        return ()
    every = manifests.mounts(document)
    stay = {each.volume for each in every if not _moves(each, found)}
    return tuple(each for each in every if each.volume not in stay)


def push_secret_of(
    settings: Settings,
    site: Site,
    options: Options,
    mounts: Collection[Mount],
    credentials: Mapping[str, CredentialRef],
) -> PullSecret | None:
    """Return the Secret that a namespace's builds push with, None where none is to mount it.

    It also opens what ``pull`` names of other registries, for base images; Docker Hub until phase ``seal``.
    """
    if not mounts:
        return None
    opens = {**opened(settings, options.pull, {options.phase}, credentials), settings.home: credentials[options.push]}
    own = site.namespace
    return PullSecret(
        options.push_secret,
        dict(sorted(opens.items())),
        dict(sorted(own.labels.items())),
        dict(sorted(own.annotations.items())),
        pushes=settings.home,
        keys=tuple(sorted({FILE, *(each.key for each in mounts)})),
    )


def _moves(mount: Mount, found: Survey) -> bool:
    decisions = [found.pushed.get(each) for each in mount.pushed]
    there = all(isinstance(each, Mapped) or (each is not None and each.kind == "on-ghcr") for each in decisions)
    return there and any(isinstance(each, Mapped) for each in decisions)
