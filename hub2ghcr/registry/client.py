"""The operations of the OCI distribution specification 1.1 that copying needs, on one registry."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Final, Literal

import httpx

from ..errors import DigestMismatch, RegistryError
from ..reference import is_digest
from .content import ACCEPT, MAX_MANIFEST, Descriptor, Manifest, digest_of, manifest
from .failures import Passing
from .patience import Patience
from .tokens import scope
from .transport import Access, Ask, Observe, Transport

PIECE: Final = 256 * 1024
"""Bytes read and sent at once while a blob streams through."""

Placed = Literal["mounted", "uploaded"]
Opener = Callable[[], AbstractContextManager[Iterable[bytes]]]


class Registry:
    """One registry; safe for many threads. Every method raises errors of the ``RegistryError`` branch, in one line."""

    def __init__(self, access: Access, patience: Patience | None = None, observe: Observe | None = None) -> None:
        self.host = access.host
        self._http = Transport(access, patience or Patience(), observe)

    def close(self) -> None:
        """Close all connections."""
        self._http.close()

    def head_manifest(self, repository: str, reference: str, *, push: bool = False) -> Descriptor | None:
        """Return what a tag or digest stands for, None where there is nothing. Free on Docker Hub.

        ``push`` asks with the credential that pushes, which may see what others may not.
        """
        ask = self._ask("HEAD", repository, f"manifests/{reference}", push=push, expected=(200, 404))
        response = self._http.send(ask)
        if response.status_code == 404:
            return None
        digest = response.headers.get("docker-content-digest", "")
        if not is_digest(digest):
            # The header is optional for a HEAD; the bytes themselves always tell.
            found = self.get_manifest(repository, reference, push=push)
            return Descriptor(found.media_type, found.digest, len(found.content))
        if is_digest(reference) and digest != reference:
            raise DigestMismatch(f"the registry answered with {digest}", ask.place)
        kind = response.headers.get("content-type", "").partition(";")[0].strip()
        return Descriptor(kind, digest, int(response.headers.get("content-length") or 0))

    def get_manifest(self, repository: str, reference: str, *, push: bool = False) -> Manifest:
        """Return a manifest byte for byte, its digest checked. Counts as a pull on Docker Hub."""
        ask = self._ask("GET", repository, f"manifests/{reference}", push=push)

        def fetch() -> Manifest:
            with self._http.stream(ask) as response:
                content = bytearray()
                try:
                    for piece in response.iter_bytes():
                        content += piece
                        if len(content) > MAX_MANIFEST:
                            raise RegistryError("a manifest is larger than 4 MiB", ask.place)
                except httpx.TransportError as error:
                    raise self._http.broken(ask.place, error) from None
                announced = response.headers.get("docker-content-digest", "")
                expected = reference if is_digest(reference) else announced if is_digest(announced) else None
                return manifest(bytes(content), response.headers.get("content-type", ""), expected, ask.place)

        return self._http.patiently(fetch)

    def referrers(self, repository: str, digest: str) -> tuple[Descriptor, ...] | None:
        """Return what is attached to a manifest, as the referrers API lists it, all pages; None without such an API.

        An empty list proves nothing: a registry that began to have the API may list no artefact that came before.
        """
        raise NotImplementedError

    def tags(self, repository: str) -> Iterator[str]:
        """Yield the tags of a repository in the registry's order, page by page."""
        raise NotImplementedError

    def put_manifest(self, repository: str, reference: str, wanted: Manifest) -> bool:
        """Put a manifest at a tag or at its digest, and check that the registry keeps it under the same digest.

        Returns whether the registry took note of the manifest's subject (``OCI-Subject``); where it did not, whoever
        puts an artefact also keeps the fallback tag of its subject.
        """
        headers = {"Content-Type": wanted.media_type}
        ask = self._ask("PUT", repository, f"manifests/{reference}", push=True, expected=(200, 201), headers=headers)
        response = self._http.send(_with(ask, content=wanted.content))
        kept = response.headers.get("docker-content-digest", "")
        if not is_digest(kept):
            found = self.head_manifest(repository, reference, push=True)
            kept = found.digest if found else "nothing"
        if kept != digest_of(wanted.content, kept if is_digest(kept) else "sha256:"):
            raise DigestMismatch(f"sent {wanted.digest}, the registry keeps {kept}", ask.place)
        return "oci-subject" in response.headers

    def has_blob(self, repository: str, digest: str) -> bool:
        """Tell whether a repository to be written holds a blob."""
        ask = self._ask("HEAD", repository, f"blobs/{digest}", push=True, expected=(200, 404))
        return self._http.send(ask).status_code == 200

    def get_blob(self, repository: str, digest: str) -> bytes:
        """Return a small blob whole, its digest checked."""
        place = self._place(repository, f"blobs/{digest}")

        def fetch() -> bytes:
            with self.open_blob(repository, digest) as pieces:
                content = b"".join(pieces)
            if digest_of(content, digest) != digest:
                raise DigestMismatch("the blob's bytes are not what its digest says", place)
            return content

        return self._http.patiently(fetch)

    @contextmanager
    def open_blob(self, repository: str, digest: str) -> Iterator[Iterator[bytes]]:
        """Stream a blob as it comes: unchecked, without retries (raises ``Passing``); both are the caller's."""
        ask = self._ask("GET", repository, f"blobs/{digest}")
        with self._http.stream(ask) as response:

            def pieces() -> Iterator[bytes]:
                try:
                    yield from response.iter_raw(PIECE)
                except httpx.TransportError as error:
                    raise self._http.broken(ask.place, error) from None

            yield pieces()

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

        An upload is one streamed PUT, checked against the digest while it streams: GHCR refuses chunks over 4 MiB
        (416), and a single PUT has no chunks. A mount that the registry declines (202) has opened an upload, which is
        used. ``source`` opens the content anew for each attempt; ``progress`` is told bytes sent (negative: to be sent
        again).
        """
        return self._http.patiently(lambda: self._place_once(repository, blob, source, mount, progress))

    def _place_once(
        self, repository: str, blob: Descriptor, source: Opener, mount: str | None, progress: Callable[[int], None]
    ) -> Placed:
        query = f"?mount={blob.digest}&from={mount}" if mount else ""
        scopes = (scope(repository, push=True), *((scope(mount),) if mount and mount != repository else ()))
        place = self._place(repository, f"blobs/{blob.digest}")
        opened = self._http.once(
            Ask("POST", f"v2/{repository}/blobs/uploads/{query}", place, scopes, (201, 202), {"Content-Length": "0"})
        )
        if opened.status_code == 201:
            return "mounted"
        location = opened.headers.get("location")
        if not location:
            raise RegistryError("the registry opened an upload without saying where", place)
        target = httpx.URL(str(opened.request.url)).join(location).copy_merge_params({"digest": blob.digest})
        sent = 0

        def told(count: int) -> None:
            nonlocal sent
            sent += count
            progress(count)

        try:
            with source() as pieces:
                headers = {"Content-Length": str(blob.size), "Content-Type": "application/octet-stream"}
                body = _checked(pieces, blob, place, told)
                self._http.once(Ask("PUT", str(target), place, scopes[:1], (201,), headers, lambda: body))
        except BaseException:
            progress(-sent)
            raise
        return "uploaded"

    def _ask(
        self,
        method: str,
        repository: str,
        path: str,
        *,
        push: bool = False,
        expected: tuple[int, ...] = (200,),
        headers: dict[str, str] | None = None,
    ) -> Ask:
        push = push or method in ("PUT", "POST")
        accept = {"Accept": ACCEPT} if path.startswith("manifests/") and method in ("GET", "HEAD") else {}
        # Blobs come as they are: a gzip layer must not be unpacked on the way, nor a manifest re-packed.
        plain = {"Accept-Encoding": "identity"}
        place = self._place(repository, path)
        scopes = (scope(repository, push=push),)
        return Ask(method, f"v2/{repository}/{path}", place, scopes, expected, {**accept, **plain, **(headers or {})})

    def _place(self, repository: str, path: str) -> str:
        kind, _, name = path.partition("/")
        if kind == "manifests":
            return f"{self.host}/{repository}{'@' if is_digest(name) else ':'}{name}"
        return f"{self.host}/{repository} (blob {name})"


def _checked(pieces: Iterable[bytes], blob: Descriptor, place: str, progress: Callable[[int], None]) -> Iterator[bytes]:
    """Pass a blob on, and fail before its last piece where its bytes or length are not what the manifest says."""
    hasher = hashlib.new(blob.digest.partition(":")[0])
    length = 0
    held = b""
    for piece in pieces:
        hasher.update(piece)
        length += len(piece)
        if length > blob.size:
            raise DigestMismatch(f"the source sends more than the {blob.size} bytes of the manifest", place)
        if held:
            yield held
            progress(len(held))
        held = piece
    if length < blob.size:
        # The source ended early without a broken connection: worth another try.
        raise Passing(DigestMismatch(f"the source sent {length} of {blob.size} bytes", place))
    if hasher.hexdigest() != blob.digest.partition(":")[2]:
        raise DigestMismatch("the source's bytes are not what the digest says", place)
    if held:
        yield held
        progress(len(held))


def _with(ask: Ask, content: bytes) -> Ask:
    return Ask(ask.method, ask.path, ask.place, ask.scopes, ask.expected, ask.headers, content)
