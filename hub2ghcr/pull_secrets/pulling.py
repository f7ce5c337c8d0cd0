"""Whether an image can be pulled with what a pull Secret holds: asked of the registry, as a kubelet and its runtime do.

A kubelet tries every credential that its pull Secrets hold for an image, one after the other, and asks as nobody only
where they hold none (k8s.io/kubernetes, pkg/kubelet/kuberuntime/kuberuntime_image.go). So a public image cannot be
pulled with a token that has expired.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from typing import Final

from ..credentials import Credential, key_of
from ..credentials.keyring import Entry, lookup
from ..errors import AccessRefused, NotFound, RegistryError
from ..package_page import is_github, settings_page
from ..reference import Reference
from ..registry import Manifest, Registry

DEPTH: Final = 3
"""Levels of indexes within indexes that are followed."""

Reader = Callable[[str, Credential | None], Registry]
"""Returns the client of a registry host as somebody, or nobody, is answered there."""


@dataclass(frozen=True, slots=True)
class Image:
    """What is to be pulled: a canonical target, its digest, and the platforms that nodes want (none: any one)."""

    target: str
    digest: str
    platforms: tuple[str, ...] = ()


def readers(found: Mapping[str, Entry], repository: str) -> tuple[Credential | None, ...]:
    """Return with what a kubelet pulls ``repository`` (with its host), in its order; None stands for nobody."""
    tried = [found[key] for key in lookup(found, repository)]
    return tuple(Credential(each.username, each.secret) if each.username and each.secret else None for each in tried)


def differences(found: Mapping[str, Entry], wanted: Mapping[str, Credential]) -> tuple[str, ...]:
    """Return what is not in a pull Secret as it should be, in words: registries and user names, never a value."""
    keys = {key_of(host): each for host, each in wanted.items()}
    told = [f"it has an entry for {key} that nobody asked for" for key in found if key not in keys]
    for key, credential in keys.items():
        entry = found.get(key)
        if entry is None:
            told.append(f"it has no entry for {key}")
        elif entry.username != credential.username:
            told.append(f"its entry for {key} is of {entry.username}, not of {credential.username}")
        elif entry.secret != credential.secret:
            told.append(f"its entry for {key} has another token of {credential.username} than the stack")
    return tuple(sorted(told))


class Puller:
    """Proves that images can be pulled; safe for many threads. The same question is asked of a registry once.

    Args:
        reader: opens registries.
    """

    def __init__(self, reader: Reader) -> None:
        self._reader = reader
        self._asked: dict[tuple[Image, Credential | None], Future[None]] = {}
        self._lock = threading.Lock()

    def pull(self, image: Image, credentials: Sequence[Credential | None] = ()) -> str:
        """Prove that one of the credentials (None: nobody, as where there are none) opens the image; return whose.

        What is fetched: the index, the manifest and the configuration of each platform. Layers are of the same
        repository, behind the same token.

        Raises:
            RegistryError: the last credential's refusal, or what the image lacks; in one line, with the remedy.
        """
        refused: RegistryError | None = None
        for credential in credentials or (None,):
            who = credential.username if credential else "anonymous"
            try:
                self._once(image, credential)
                return who
            except RegistryError as error:
                refused = _explained(image, credential, error)
        assert refused is not None
        raise refused

    def _once(self, image: Image, credential: Credential | None) -> None:
        with self._lock:
            first = (image, credential) not in self._asked
            answer = self._asked.setdefault((image, credential), Future())
        if first:
            try:
                self._ask(image, credential)
                answer.set_result(None)
            except BaseException as error:
                answer.set_exception(error)
        answer.result()

    def _ask(self, image: Image, credential: Credential | None) -> None:
        reference = Reference.parse(image.target)
        registry = self._reader(reference.registry, credential)
        top = registry.get_manifest(reference.repository, image.digest)
        for found in _wanted(registry, reference.repository, top, image.platforms, DEPTH):
            if found.config:
                registry.get_blob(reference.repository, found.config.digest)


def pull_with(puller: Puller, image: Image, entries: Mapping[str, Entry]) -> str:
    """Prove that the entries of a pull Secret open an image, as a kubelet tries them; return whose did.

    Raises:
        RegistryError: as `Puller.pull` does.
    """
    reference = Reference.parse(image.target)
    return puller.pull(image, readers(entries, f"{reference.registry}/{reference.repository}"))


def _wanted(registry: Registry, repository: str, top: Manifest, platforms: Sequence[str], depth: int) -> list[Manifest]:
    """Return the image manifests below an index that the platforms run; one that is no index runs where it runs."""
    if not top.is_index:
        return [top]
    real = [each for each in top.children if each.platform and "unknown" not in each.platform] or list(top.children)
    if not platforms:
        chosen = real[:1]
    else:
        chosen = []
        for platform in platforms:
            fitting = [each for each in real if _fits(each.platform, platform)]
            if not fitting:
                has = ", ".join(sorted({each.platform for each in real})) or "none"
                raise NotFound(f"has no image for {platform} (it has {has})", remedy="copy it with that platform")
            chosen += fitting
    found: list[Manifest] = []
    for digest in dict.fromkeys(each.digest for each in chosen):
        child = registry.get_manifest(repository, digest)
        found += _wanted(registry, repository, child, platforms, depth - 1) if depth and child.is_index else [child]
    return found


def _fits(offered: str, wanted: str) -> bool:
    """Whether an index's platform is a node's; either may leave the variant out."""
    return offered == wanted or offered.startswith(f"{wanted}/") or wanted.startswith(f"{offered}/")


def _explained(image: Image, credential: Credential | None, error: RegistryError) -> RegistryError:
    """Return an error with who asked, and where the access is given."""
    who = credential.username if credential else "nobody in particular"
    remedy = error.remedy
    if isinstance(error, AccessRefused | NotFound) and not error.what.startswith("has no image"):
        reference = Reference.parse(image.target)
        page = settings_page(reference.registry, reference.repository) if is_github(reference.registry) else ""
        if credential is None:
            remedy = "make the package public, or name a `pull` credential"
        elif "401" in error.what:
            remedy = f"set a valid token of {who} (read:packages)"
        else:
            remedy = f"give {who} read access to the package, or name another `pull` credential"
        remedy += f": {page}" if page and "401" not in error.what else ""
    what = f"cannot be pulled as {who}: {error.what}" if credential else f"cannot be pulled anonymously: {error.what}"
    return type(error)(what, image.target, remedy=remedy)
