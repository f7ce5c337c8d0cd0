"""The demo's images: what they are, how they are made, and how they get into the lab's registries.

All of them answer with their own name on TCP port 8080, but for those that end at once (init containers, jobs).
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from lab import oci
from lab.elf import PROGRAMS

Program = Literal["done", "pause", "serve"]


@dataclass(frozen=True)
class DemoImage:
    """One image that a lab starts with: where it is, what it runs, and whether only accounts with a grant may pull it."""

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
    DemoImage("ghcr", "acme/tools", "3", private=True, source="https://github.com/acme/tools"),
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
