"""Images with everything that may hang on one, on the Hub's stand-in; what a copy of them must be; what moved twice."""

from __future__ import annotations

import functools
import hashlib
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx

from hub2ghcr.attached import Attached, Kind
from hub2ghcr.copying import Job
from lab import artifacts, images, oci, registry_admin
from lab.oci import Image
from lab.ports import port
from lab.registry_config import Place

SHARED, OWN = 2_000_000, 200_000
"""Bytes of the layer that all images share for each platform, and of the layer that each has of its own."""
TAG = "1.0"


@dataclass(frozen=True)
class Item:
    """One image of the samples, and what is attached to it: manifests by the reference they are pushed with."""

    name: str
    image: Image
    attached: tuple[tuple[str, Image], ...] = ()

    @property
    def source(self) -> str:
        """Its repository on the Hub."""
        return f"acme/samples-{self.name}"

    def job(self, folder: str) -> Job:
        """Its copy to ``ghcr.io/FOLDER/NAME``, as a lock would have it."""
        return Job(
            f"docker.io/{self.source}:{TAG}",
            f"ghcr.io/{folder}/{self.name}:{TAG}",
            self.image.digest,
            tuple(sorted(self._attached())),
        )

    def _attached(self) -> Iterator[Attached]:
        for reference, made in self.attached:
            kind: Kind = "signature" if reference.endswith(".sig") else "referrer"
            tag = "" if reference == made.digest else reference
            size = sum(len(blob.data) for blob in (made.index, *made.blobs))
            artifact = "" if tag else "application/spdx+json"
            yield Attached(self.image.digest, kind, made.digest, made.index.media_type, artifact, size, tag)


@functools.cache
def samples() -> tuple[Item, ...]:
    """An image with attestations inside, a signature and an SBOM; one in Docker's types; a nested one; a chart."""
    first, second, third = (_plain(name) for name in ("first", "second", "third"))
    attested = artifacts.attested(first)
    signature, sbom = artifacts.cosign(attested.digest), artifacts.referrer(attested.index)
    tags = ((artifacts.cosign_tag(attested.digest), signature), (sbom.digest, sbom))
    return (
        Item("attested", attested, tags),
        Item("docker", artifacts.docker_list(second)),
        Item("nested", artifacts.nested(second, third)),
        Item("chart", artifacts.chart()),
        Item("windows", artifacts.windows()),
    )


def large() -> str:
    """A regular expression for the digests of the layers that are shared."""
    shared = [blob.digest for blob in samples()[0].image.blobs if len(blob.data) > SHARED]
    return f"({'|'.join(shared)})"


def load(state: Path) -> None:
    """Push the samples to the Hub's stand-in, behind its front."""
    for item in samples():
        with _behind(state, "hub", item.source) as client:
            images.push(client, item.source, TAG, item.image)
            for reference, made in item.attached:
                images.push(client, item.source, reference, made)


def faults_of(state: Path, folder: str, items: Iterable[Item] | None = None) -> list[str]:
    """What is missing or other than at its source below ``ghcr.io/FOLDER``, read behind the front; none is right."""
    wrong: list[str] = []
    for item in samples() if items is None else items:
        repository = f"{folder}/{item.name}"
        with _behind(state, "ghcr", repository) as client:
            if listed := {reference for reference, made in item.attached if reference == made.digest}:
                index = client.get(f"/v2/{repository}/manifests/{artifacts.fallback_tag(item.image.digest)}")
                found = {each["digest"] for each in index.json().get("manifests", [])}
                wrong += [f"{item.name}: {each} is not listed" for each in sorted(listed - found)]
            for reference, made in ((TAG, item.image), *item.attached):
                wanted = [(f"manifests/{each.digest}", each) for each in (*made.manifests, made.index)]
                wanted += [(f"manifests/{reference}", made.index)]
                wanted += [(f"blobs/{blob.digest}", blob) for blob in made.blobs]
                for path, blob in wanted:
                    answer = client.get(f"/v2/{repository}/{path}", headers={"Accept": blob.media_type})
                    if answer.status_code != 200:
                        wrong.append(f"{item.name} {path}: {answer.status_code}")
                    elif answer.content != blob.data:
                        wrong.append(f"{item.name} {path}: other bytes")
    return wrong


@dataclass(frozen=True)
class Repeats:
    """How often something moved that had moved already, source and target together."""

    read_blobs: int
    read_manifests: int
    put_blobs: int
    put_manifests: int

    @classmethod
    def seen(cls, state: Path) -> Repeats:
        """Count since the counters were reset. A blob counts once for a registry, a manifest once for a repository."""
        hub, ghcr = registry_admin.transfers(state, "hub"), registry_admin.transfers(state, "ghcr")

        def again(moved: dict[tuple[str, str, str], int], kind: str, *, everywhere: bool) -> int:
            times: Counter[tuple[str, str]] = Counter()
            for (one, repository, reference), count in moved.items():
                if one == kind:
                    times["" if everywhere else repository, reference] += count
            return sum(count - 1 for count in times.values())

        return cls(
            again(hub, "blob_get", everywhere=True),
            again(hub, "manifest_get", everywhere=False),
            again(ghcr, "upload", everywhere=True),
            again(ghcr, "manifest_put", everywhere=False),
        )


def _plain(name: str) -> Image:
    layers = {
        each: (oci.layer({"shared": _bytes(each, SHARED)}), oci.layer({"own": _bytes(f"{name} {each}", OWN)}))
        for each in ("amd64", "arm64")
    }
    return oci.image(oci.Content(("/none",), layers, {"title": name}))


def _bytes(seed: str, size: int) -> bytes:
    return hashlib.shake_256(seed.encode()).digest(size)


def _behind(state: Path, place: Place, repository: str) -> httpx.Client:
    bearer = registry_admin.token(state, place, repository)
    return httpx.Client(
        base_url=f"http://127.0.0.1:{port(state, f'{place}-registry')}",
        headers={"Authorization": f"Bearer {bearer}", "Accept": oci.INDEX_TYPE},
        timeout=20,
        trust_env=False,
        verify=False,
    )
