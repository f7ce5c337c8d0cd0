"""The demo's images: what they are, how they are made, and how they get into the lab's registries.

All of them answer with their own name on TCP port 8080, but for those that end at once (init containers, jobs).
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import httpx

from lab import oci, registry_admin
from lab.elf import PROGRAMS
from lab.errors import LabError
from lab.ports import port
from lab.registry_config import PLACES, Place

Program = Literal["done", "pause", "serve"]


@dataclass(frozen=True)
class DemoImage:
    """One image that a lab starts with: where it is, what it runs, and whether it takes a grant to pull it."""

    place: Literal["hub", "ghcr"]
    repository: str
    tag: str
    program: Program = "serve"
    private: bool = False
    source: str = ""

    @property
    def image(self) -> oci.Image:
        """Its bytes, made anew and always the same."""
        return make(f"{self.repository}:{self.tag}", self.program, source=self.source)


_SHOP = "https://github.com/acme/shop"

DEMO_IMAGES: tuple[DemoImage, ...] = (
    DemoImage("ghcr", "acme/tools", "3", source="https://github.com/acme/tools"),
    DemoImage("hub", "acme-quay/metrics", "2.1", private=True),
    DemoImage("hub", "acme/cart", "2.0", source=_SHOP),
    DemoImage("hub", "acme/report", "0.9", program="done", source=_SHOP),
    DemoImage("hub", "acme/shop", "1.4.2", source=_SHOP),
    DemoImage("hub", "acme/shop", "1.4.3", source=_SHOP),
    DemoImage("hub", "acme/worker", "3.1", private=True, source=_SHOP),
    DemoImage("hub", "library/busybox", "1.36", program="done"),
    DemoImage("hub", "library/nginx", "1.27"),
    DemoImage("hub", "library/pause", "3.9", program="pause"),
    DemoImage("hub", "library/redis", "7.4"),
    DemoImage("hub", "ratelimitpreview/test", "latest", program="done"),
)
"""Every image that ``seed`` pushes. ``acme-quay/metrics`` stands for quay.io's; ``ratelimitpreview/test`` is what
Docker tells its users to ask for when they want to know their pull limit."""

_BASE = {architecture: oci.layer(programs) for architecture, programs in PROGRAMS.items()}


def make(name: str, program: Program = "serve", *, source: str = "") -> oci.Image:
    """An image for linux/amd64 and linux/arm64 that runs ``/serve``, ``/done`` or ``/pause`` and knows its name.

    All images share the layer with the programs. ``source`` becomes the label that links a GHCR package to its
    repository.
    """
    own = oci.layer({"image": f"{name}\n".encode()})
    labels = {"org.opencontainers.image.title": name}
    if source:
        labels["org.opencontainers.image.source"] = source
    layers = {architecture: (base, own) for architecture, base in _BASE.items()}
    return oci.image(oci.Content((f"/{program}",), layers, labels))


def write_archive(reference: str, path: Path, program: Program | None = None) -> None:
    """Write the image of that name as an OCI archive that ``ctr --namespace k8s.io image import`` accepts.

    ``reference`` is a whole one with host and tag, ``docker.io/library/pause:3.9`` say. ``program`` is by default
    ``pause`` for a repository called pause and else ``serve``. The file is replaced atomically.
    """
    name = reference.partition("/")[2]
    default: Program = "pause" if name.rpartition("/")[2].startswith("pause:") else "serve"
    draft = path.with_name(path.name + ".tmp")
    path.parent.mkdir(parents=True, exist_ok=True)
    draft.write_bytes(oci.archive(reference, make(name, program or default)))
    os.replace(draft, path)


def seed(state: Path) -> None:
    """Push every demo image that is not there yet to the registries of a running lab, behind their fronts.

    So no counter and no pull limit moves. Raises ``LabError`` when a registry refuses.
    """
    for place in PLACES:
        images = [demo for demo in DEMO_IMAGES if demo.place == place]
        repositories = sorted({demo.repository for demo in images})
        with (
            behind(state, place, *repositories, subject="acme-admin") as client,
            ThreadPoolExecutor(4) as pool,
        ):
            list(pool.map(lambda demo, client=client: _push(client, demo), images))
    known = registry_admin.visibility(state, "ghcr")
    for demo in DEMO_IMAGES:
        if demo.place == "ghcr" and demo.repository not in known:
            registry_admin.set_visibility(state, "ghcr", demo.repository, "private" if demo.private else "public")


def behind(state: Path, place: Place, *repositories: str, subject: str = "lab", timeout: float = 20) -> httpx.Client:
    """A client that may do anything in these repositories, at the registry behind a front: no counter moves.

    ``subject`` is the actor that events name, ``timeout`` is in seconds.
    """
    bearer = registry_admin.token(state, place, *repositories, subject=subject)
    return httpx.Client(
        base_url=f"http://127.0.0.1:{port(state, f'{place}-registry')}",
        headers={"Authorization": f"Bearer {bearer}"},
        timeout=timeout,
        trust_env=False,
        verify=False,
    )


def push(
    client: httpx.Client, repository: str, reference: str, image: oci.Image, at: Mapping[str, str] | None = None
) -> None:
    """Push an image with its manifests and blobs; raises ``LabError`` when the registry refuses a part.

    Args:
        client: has the registry as base URL and brings the authorisation.
        repository: where to.
        reference: the tag, or the image's digest for what has none.
        image: what to push.
        at: for the digests of blobs, other repositories of this registry to mount them from.
    """
    for blob in image.blobs:
        if client.head(f"/v2/{repository}/blobs/{blob.digest}").status_code == 200:
            continue
        if at and blob.digest in at:
            mount = {"mount": blob.digest, "from": at[blob.digest]}
            _checked(client.post(f"/v2/{repository}/blobs/uploads/", params=mount), 201)
        else:
            push_blob(client, repository, blob.digest, blob.data)
    for manifest in image.manifests:
        _put(client, repository, manifest.digest, manifest)
    _put(client, repository, reference, image.index)


def push_blob(client: httpx.Client, repository: str, digest: str, content: bytes | Iterable[bytes]) -> None:
    """Upload a blob; raises ``LabError`` when the registry refuses it."""
    begun = _checked(client.post(f"/v2/{repository}/blobs/uploads/"), 202)
    location = client.base_url.join(begun.headers["location"]).copy_add_param("digest", digest)
    _checked(client.put(location, content=content, headers={"Content-Type": "application/octet-stream"}), 201)


def _push(client: httpx.Client, demo: DemoImage) -> None:
    image = demo.image
    there = client.head(f"/v2/{demo.repository}/manifests/{demo.tag}", headers={"Accept": oci.INDEX_TYPE})
    if there.headers.get("docker-content-digest") != image.digest:
        push(client, demo.repository, demo.tag, image)


def _put(client: httpx.Client, repository: str, reference: str, manifest: oci.Blob) -> None:
    url = f"/v2/{repository}/manifests/{reference}"
    _checked(client.put(url, content=manifest.data, headers={"Content-Type": manifest.media_type}), 201)


def _checked(answer: httpx.Response, status: int) -> httpx.Response:
    if answer.status_code != status:
        raise LabError(
            f"{answer.request.method} {answer.request.url.copy_with(query=None)}: HTTP {answer.status_code}",
            details=tuple(answer.text.strip().splitlines()[:5]),
        )
    return answer
