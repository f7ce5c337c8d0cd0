"""What registries hold beside plain images: signatures, attestations, SBOMs, charts, older and odder forms of images.

Made from bytes like those of ``lab.oci``, and pushed with ``lab.images.push``: by a tag, or by their digest where they
are found by what they are attached to. Their contents sign and attest nothing.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import replace

from lab import oci
from lab.oci import Blob, Image

DOCKER_LIST = "application/vnd.docker.distribution.manifest.list.v2+json"
DOCKER_MANIFEST = "application/vnd.docker.distribution.manifest.v2+json"
DOCKER_CONFIG = "application/vnd.docker.container.image.v1+json"
DOCKER_LAYER = "application/vnd.docker.image.rootfs.diff.tar"
FOREIGN_LAYER = "application/vnd.docker.image.rootfs.foreign.diff.tar.gzip"
SCHEMA_1 = "application/vnd.docker.distribution.manifest.v1+prettyjws"
EMPTY = Blob("application/vnd.oci.empty.v1+json", b"{}")
"""The configuration of an artefact that has none (OCI image specification 1.1)."""

_COSIGN_LAYERS = {
    "sig": "application/vnd.dev.cosign.simplesigning.v1+json",
    "att": "application/vnd.dsse.envelope.v1+json",
    "sbom": "text/spdx+json",
}


def cosign_tag(subject: str, kind: str = "sig") -> str:
    """The tag under which cosign keeps what belongs to a digest: ``sha256-<hex>.sig``, ``.att`` or ``.sbom``."""
    return f"{subject.replace(':', '-')}.{kind}"


def fallback_tag(subject: str) -> str:
    """The tag of the list of what is attached to a digest, where a registry has no API for it (specification 1.1)."""
    return subject.replace(":", "-")


def cosign(subject: str, kind: str = "sig") -> Image:
    """What cosign pushes as `cosign_tag`: an image without a subject, whose layer speaks of the digest."""
    said = oci.json_blob(_COSIGN_LAYERS[kind], {"critical": {"image": {"docker-manifest-digest": subject}}, "as": kind})
    config = oci.json_blob(
        oci.CONFIG_TYPE, {"architecture": "", "os": "", "rootfs": {"type": "layers", "diff_ids": []}}
    )
    return _single(config, [said])


def referrer(subject: Blob, artifact_type: str = "application/spdx+json", text: str = "") -> Image:
    """An artefact that is attached to a manifest by its ``subject``, an SBOM say; to be pushed by its digest."""
    said = oci.json_blob(artifact_type, {"about": subject.digest, "text": text})
    notes = {"org.example.text": text}
    made = oci.manifest_of(EMPTY, [said], artifactType=artifact_type, subject=subject.descriptor(), annotations=notes)
    return Image(made, (), (EMPTY, said))


def fallback(*referrers: Image) -> Image:
    """The index to be pushed as `fallback_tag` for these referrers of one subject, which are pushed by then."""
    listed = []
    for each in referrers:
        data = json.loads(each.index.data)
        listed.append(each.index.descriptor(artifactType=data["artifactType"], annotations=data["annotations"]))
    return Image(oci.index_of(listed), (), ())


def attested(image: Image) -> Image:
    """The image with a provenance attestation for each platform inside its index, as BuildKit pushes it."""
    listed = json.loads(image.index.data)["manifests"]
    manifests, blobs, more = list(image.manifests), list(image.blobs), []
    for subject in listed:
        said = oci.json_blob("application/vnd.in-toto+json", {"subject": subject["digest"], "predicateType": "slsa"})
        made = _single(oci.json_blob(oci.CONFIG_TYPE, {"architecture": "unknown", "os": "unknown"}), [said])
        annotations = {
            "vnd.docker.reference.digest": subject["digest"],
            "vnd.docker.reference.type": "attestation-manifest",
        }
        platform = {"architecture": "unknown", "os": "unknown"}
        more.append(made.index.descriptor(annotations=annotations, platform=platform))
        manifests.append(made.index)
        blobs += made.blobs
    return Image(oci.index_of([*listed, *more]), tuple(manifests), _each_once(blobs))


def nested(*images: Image) -> Image:
    """An index that lists the indexes of these images."""
    listed = [each.index.descriptor() for each in images]
    manifests = [one for each in images for one in (*each.manifests, each.index)]
    blobs = [blob for each in images for blob in each.blobs]
    return Image(oci.index_of(listed), _each_once(manifests), _each_once(blobs))


def docker_list(image: Image) -> Image:
    """The same image in Docker's media types (manifest version 2, schema 2, and its list)."""
    parts = {blob.digest: blob for blob in image.blobs}
    platforms = {each["digest"]: each["platform"] for each in json.loads(image.index.data)["manifests"]}
    manifests, blobs, listed = [], [], []
    for manifest in image.manifests:
        data = json.loads(manifest.data)
        config = replace(parts[data["config"]["digest"]], media_type=DOCKER_CONFIG)
        layers = [replace(parts[each["digest"]], media_type=DOCKER_LAYER) for each in data["layers"]]
        made = oci.manifest_of(config, layers, DOCKER_MANIFEST)
        manifests.append(made)
        blobs += [config, *layers]
        listed.append(made.descriptor(platform=platforms[manifest.digest]))
    return Image(oci.index_of(listed, DOCKER_LIST), tuple(manifests), _each_once(blobs))


def windows(text: str = "windows") -> Image:
    """One manifest with a foreign layer, as Windows base images have: it has a URL, and no registry holds it."""
    foreign = Blob(FOREIGN_LAYER, b"held by no registry", ("https://example.com/layers/base",))
    own = Blob(DOCKER_LAYER, oci.layer({"image": text.encode()}).data)
    rootfs = {"type": "layers", "diff_ids": [foreign.digest, own.digest]}
    config = oci.json_blob(DOCKER_CONFIG, {"architecture": "amd64", "os": "windows", "rootfs": rootfs})
    return Image(oci.manifest_of(config, [foreign, own], DOCKER_MANIFEST), (), (config, own))


def chart(name: str = "shop", version: str = "1.0.0") -> Image:
    """A Helm chart, as ``helm push`` stores it: one manifest, whose configuration is the chart's own."""
    config = oci.json_blob("application/vnd.cncf.helm.config.v1+json", {"name": name, "version": version})
    text = f"apiVersion: v2\nname: {name}\nversion: {version}\n".encode()
    content = Blob("application/vnd.cncf.helm.chart.content.v1.tar+gzip", oci.layer({f"{name}/Chart.yaml": text}).data)
    return _single(config, [content])


def wasm(text: str = "module") -> Image:
    """A WebAssembly module as an artefact with an ``artifactType``."""
    module = Blob("application/wasm", b"\0asm\1\0\0\0" + text.encode())
    made = oci.manifest_of(EMPTY, [module], artifactType="application/vnd.wasm.content.layer.v1+wasm")
    return Image(made, (), (EMPTY, module))


def schema_1(repository: str, tag: str) -> Blob:
    """A manifest of Docker schema 1. The lab's registry takes none: let a fault of kind ``status`` answer with it."""
    layer = oci.layer({"image": repository.encode()})
    text = {
        "schemaVersion": 1,
        "name": repository,
        "tag": tag,
        "architecture": "amd64",
        "fsLayers": [{"blobSum": layer.digest}],
        "history": [{"v1Compatibility": "{}"}],
        "signatures": [],
    }
    return oci.json_blob(SCHEMA_1, text)


def _single(config: Blob, layers: Iterable[Blob]) -> Image:
    layers = tuple(layers)
    return Image(oci.manifest_of(config, layers), (), (config, *layers))


def _each_once(blobs: Iterable[Blob]) -> tuple[Blob, ...]:
    return tuple({blob.digest: blob for blob in blobs}.values())
