"""The operations of the OCI distribution specification 1.1 that copying needs, on one registry."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager
from typing import Any, Final, Literal

from ..errors import DigestMismatch, RegistryError
from ..reference import is_digest
from .answer import Answer
from .checking import checked
from .content import ACCEPT, MAX_MANIFEST, OCI_INDEX, Descriptor, Manifest, digest_of, manifest
from .link import next_page
from .patience import Patience
from .tokens import scope
from .transport import Access, Ask, Observe, Transport

PAGE: Final = 1000
"""Tags asked for at once; registries that give fewer (GHCR: 100) say where the next ones are."""
NO_REFERRERS: Final = (400, 404, 405, 406, 501)
"""What registries without a referrers API have been seen to answer to it."""
SMALL: Final = 1024 * 1024
"""Bytes of a blob that may be sent once too often, rather than asked for."""
COMMIT: Final = 10_000_000
"""Bytes of an upload for which its registry may take a second, once it has them all, to check and store them."""

# Content comes as it is: a gzip layer must not be unpacked on the way, nor a manifest packed.
_PLAIN: Final = {"Accept-Encoding": "identity"}
_MANIFEST: Final = {**_PLAIN, "Accept": ACCEPT}

Placed = Literal["found", "mounted", "uploaded"]
Opener = Callable[[], AbstractContextManager[Iterable[bytes]]]


class Registry:
    """One registry; safe for many threads. Every method raises errors of the ``RegistryError`` branch, in one line."""

    def __init__(self, access: Access, patience: Patience | None = None, observe: Observe | None = None) -> None:
        self.host = access.host
        self._http = Transport(access, patience or Patience(), observe)
        self._pushes = access.push is not None or bool(access.paths)
        self._mounts = False

    def close(self) -> None:
        """Close all connections."""
        self._http.close()

    def expect(self, repositories: Iterable[str]) -> None:
        """Take note of repositories that will be written to, so that not each costs a question for a token."""
        self._http.expect((scope(each, push=True),) for each in repositories)

    def head_manifest(self, repository: str, reference: str, *, push: bool = False) -> Descriptor | None:
        """Return what a tag or digest stands for, None where there is nothing. Free on Docker Hub.

        ``push`` asks with the credential that pushes, where there is one: it may see what others may not.
        """
        ask = self._manifest("HEAD", repository, reference, push=push, expected=(200, 404))
        answer = self._http.send(ask)
        if answer.status == 404:
            return None
        digest = answer.headers.get("docker-content-digest", "")
        if not is_digest(digest):
            # The header is optional for a HEAD; the bytes themselves always tell.
            found = self.get_manifest(repository, reference, push=push)
            return Descriptor(found.media_type, found.digest, len(found.content))
        if is_digest(reference) and digest != reference:
            raise DigestMismatch(f"the registry answered with {digest}", ask.place)
        kind = answer.headers.get("content-type", "").partition(";")[0].strip()
        length = answer.headers.get("content-length", "")
        return Descriptor(kind, digest, int(length) if length.isdecimal() else 0)

    def get_manifest(self, repository: str, reference: str, *, push: bool = False) -> Manifest:
        """Return a manifest byte for byte, its digest checked. Counts as a pull on Docker Hub."""
        ask = self._manifest("GET", repository, reference, push=push)
        answer = self._http.send(ask)
        if len(answer.body) > MAX_MANIFEST:
            raise RegistryError("a manifest is larger than 4 MiB", ask.place)
        announced = answer.headers.get("docker-content-digest", "")
        expected = reference if is_digest(reference) else announced if is_digest(announced) else None
        return manifest(answer.body, answer.headers.get("content-type", ""), expected, ask.place)

    def referrers(self, repository: str, digest: str) -> tuple[Descriptor, ...] | None:
        """Return what is attached to a manifest, as the referrers API lists it, all pages; None without such an API.

        An empty list proves nothing: a registry that began to have the API may list no artefact that came before.
        """
        place = f"{self.host}/{repository}@{digest} (referrers)"
        found: list[Descriptor] = []
        for answer in self._pages(f"v2/{repository}/referrers/{digest}", repository, place, (200, *NO_REFERRERS)):
            kind = answer.headers.get("content-type", "").partition(";")[0].strip()
            if answer.status != 200 or kind != OCI_INDEX:
                return None
            found += Manifest(kind, digest_of(answer.body), answer.body).children
        return tuple(found)

    def tags(self, repository: str) -> Iterator[str]:
        """Yield the tags of a repository in the registry's order, page by page."""
        place = f"{self.host}/{repository} (tags)"
        for answer in self._pages(f"v2/{repository}/tags/list?n={PAGE}", repository, place, (200,)):
            try:
                tags: Any = json.loads(answer.body)["tags"] or []
            except (KeyError, TypeError, ValueError):
                tags = None
            if not isinstance(tags, list):
                raise RegistryError("the registry answered with no list of tags", place, remedy="check the endpoint")
            yield from map(str, tags)

    def put_manifest(self, repository: str, reference: str, wanted: Manifest) -> bool:
        """Put a manifest at a tag or at its digest, and check that the registry keeps it under the same digest.

        Returns whether the registry took note of the manifest's subject (``OCI-Subject``); where it did not, whoever
        puts an artefact also keeps the fallback tag of its subject.
        """
        place = self._place(repository, reference)
        headers = {"Content-Type": wanted.media_type}
        scopes = (scope(repository, push=True),)
        path = f"v2/{repository}/manifests/{reference}"
        answer = self._http.send(Ask("PUT", path, place, scopes, (200, 201), headers, wanted.content))
        kept = answer.headers.get("docker-content-digest", "")
        if not is_digest(kept):
            found = self.head_manifest(repository, reference, push=True)
            kept = found.digest if found else "nothing"
        if kept != wanted.digest and kept != digest_of(wanted.content, kept if is_digest(kept) else "sha256:"):
            raise DigestMismatch(f"sent {wanted.digest}, the registry keeps {kept}", place)
        return "oci-subject" in answer.headers

    def has_blob(self, repository: str, digest: str, *, push: bool = False) -> bool:
        """Tell whether a repository holds a blob; ``push`` asks with the credential that pushes."""
        return self._http.send(self._blob("HEAD", repository, digest, push=push, expected=(200, 404))).status == 200

    def get_blob(self, repository: str, digest: str) -> bytes:
        """Return a small blob whole, its digest checked."""
        ask = self._blob("GET", repository, digest)
        content = self._http.send(ask).body
        if digest_of(content, digest) != digest:
            raise DigestMismatch("the blob's bytes are not what its digest says", ask.place)
        return content

    def check_blob(self, repository: str, blob: Descriptor) -> None:
        """Read a blob whole, keeping nothing of it, and check its digest and length."""
        ask = self._blob("GET", repository, blob.digest)

        def read() -> None:
            with self._http.stream(ask) as pieces:
                for _ in checked(pieces, blob, ask.place, lambda _: None):
                    pass

        self._http.patiently(read)

    def open_blob(self, repository: str, digest: str) -> AbstractContextManager[Iterator[bytes]]:
        """Stream a blob as it comes: unchecked, without retries (raises ``Passing``); both are the caller's."""
        return self._http.stream(self._blob("GET", repository, digest))

    def place_blob(
        self,
        repository: str,
        blob: Descriptor,
        source: Opener,
        *,
        mount: str | None = None,
        progress: Callable[[int], None] = lambda _: None,
    ) -> Placed:
        """Bring a blob into a repository: mounted from the repository ``mount`` of this registry, else uploaded.

        What is ``found`` there is left. An upload is one streamed PUT, checked against the digest while it streams:
        GHCR refuses chunks over 4 MiB (416), and a single PUT has no chunks. A mount that the registry declines (202)
        has opened an upload, which is used. ``source`` opens the content anew for each attempt; ``progress`` is told
        bytes sent (negative: to be sent again).
        """
        return self._http.patiently(lambda: self._place_once(repository, blob, source, mount, progress))

    def _place_once(
        self, repository: str, blob: Descriptor, source: Opener, mount: str | None, progress: Callable[[int], None]
    ) -> Placed:
        head = self._blob("HEAD", repository, blob.digest, push=True, expected=(200, 404))
        # Where mounts work, one from the repository itself tells what a HEAD tells, and has opened the upload, too.
        mount = mount or (repository if self._mounts and blob.size <= SMALL else None)
        if not mount and self._http.once(head).status == 200:
            return "found"
        query = f"?mount={blob.digest}&from={mount}" if mount else ""
        scopes = (scope(repository, push=True), *((scope(mount),) if mount and mount != repository else ()))
        place, path = head.place, f"v2/{repository}/blobs/uploads/{query}"
        opened = self._http.once(Ask("POST", path, place, scopes, (201, 202), {"Content-Length": "0"}))
        if opened.status == 201:
            self._mounts = True
            return "found" if mount == repository else "mounted"
        if mount and mount != repository and self._http.once(head).status == 200:
            return "found"
        location = opened.headers.get("location")
        if not location:
            raise RegistryError("the registry opened an upload without saying where", place)
        target = self._http.url(path, location)
        target += f"{'&' if '?' in target else '?'}digest={blob.digest}"
        headers = {"Content-Length": str(blob.size), "Content-Type": "application/octet-stream"}
        sent = 0

        def told(count: int) -> None:
            nonlocal sent
            sent += count
            progress(count)

        try:
            with source() as pieces:
                body = checked(pieces, blob, place, told)
                seconds = blob.size / COMMIT
                self._http.once(Ask("PUT", target, place, scopes[:1], (201,), headers, lambda: body, seconds))
        except BaseException:
            progress(-sent)
            raise
        return "uploaded"

    def _pages(self, path: str, repository: str, place: str, expected: tuple[int, ...]) -> Iterator[Answer]:
        """Ask for a list, page after page, as the ``Link`` headers lead."""
        seen: set[str] = set()
        while path not in seen:
            seen.add(path)
            answer = self._http.send(Ask("GET", path, place, (scope(repository),), expected, _PLAIN))
            yield answer
            following = next_page(answer.headers.getlist("link"))
            if following is None:
                return
            path = self._http.url(path, following)
        raise RegistryError("the registry's list leads back to a page that was read", place)

    def _manifest(
        self, method: str, repository: str, reference: str, *, push: bool = False, expected: tuple[int, ...] = (200,)
    ) -> Ask:
        path, place = f"v2/{repository}/manifests/{reference}", self._place(repository, reference)
        return Ask(method, path, place, self._reading(repository, push), expected, _MANIFEST)

    def _blob(
        self, method: str, repository: str, digest: str, *, push: bool = False, expected: tuple[int, ...] = (200,)
    ) -> Ask:
        path, place = f"v2/{repository}/blobs/{digest}", f"{self.host}/{repository} (blob {digest})"
        return Ask(method, path, place, self._reading(repository, push), expected, _PLAIN)

    def _reading(self, repository: str, push: bool) -> tuple[str, ...]:
        # who only requires that an image is there needs no credential that could write it
        return (scope(repository, push=push and self._pushes),)

    def _place(self, repository: str, reference: str) -> str:
        return f"{self.host}/{repository}{'@' if is_digest(reference) else ':'}{reference}"
