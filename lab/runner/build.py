"""``docker/build-push-action`` in the lab: a tiny image of a Dockerfile, pushed under every tag with one digest.

https://github.com/docker/build-push-action#readme: caches are left out, and what is asked for beyond fails.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from lab import artifacts, oci
from lab.oci import Blob, Image
from lab.runner import dockerfile, registry, step
from lab.runner.dockerfile import Stage
from lab.runner.step import StepError

USUAL_PLATFORM = "linux/amd64"
"""What is built where nothing is asked for: the runner's own."""

DEFAULT_CONTEXT = "{{defaultContext}}"
"""The repository as it is on GitHub, which needs no checkout; a folder of it behind a colon."""

IGNORED = ("builder", "cache-from", "cache-to", "github-token", "load", "no-cache", "pull", "sbom", "secrets")
"""Inputs that change nothing of a tiny image."""

KNOWN = (
    "annotations",
    "build-args",
    "context",
    "file",
    "labels",
    "platforms",
    "provenance",
    "push",
    "tags",
    "target",
)
"""Inputs that are followed."""


def main(inputs: Mapping[str, str]) -> dict[str, str]:
    """Build, and push where ``push`` says so; the outputs are ``digest``, ``imageid`` and ``metadata``."""
    if beyond := sorted(name for name, value in inputs.items() if value and name not in (*KNOWN, *IGNORED)):
        raise StepError(f"inputs that a lab's build does not follow: {', '.join(beyond)}")
    pushes = step.truth(inputs.get("push", ""), "push")
    tags = step.lines(inputs.get("tags", ""))
    if pushes and not tags:
        raise StepError("tag is needed when pushing to registry")
    context, file = _context(inputs.get("context") or DEFAULT_CONTEXT, inputs.get("file", ""))
    if not file.is_file():
        raise StepError(f"failed to read dockerfile: open {file}: no such file or directory")
    made = image(
        file.read_text(),
        context,
        platforms=step.lines(inputs.get("platforms", "")),
        labels=_pairs(inputs.get("labels", "")),
        annotations=step.lines(inputs.get("annotations", ""), commas=False),
        arguments=_pairs(inputs.get("build-args", "")),
        target=inputs.get("target", ""),
        # What buildx adds by itself to what it pushes, unless told not to
        provenance=pushes and inputs.get("provenance") != "false",
    )
    if pushes:
        for tag in tags:
            registry.push(tag, made)
            print(f"pushed {tag}@{made.digest}")
    return {
        "digest": made.digest,
        "imageid": made.digest,
        "metadata": json.dumps({"containerimage.digest": made.digest, "image.name": ",".join(tags)}),
    }


def image(
    text: str,
    context: Path,
    *,
    platforms: Sequence[str] = (),
    labels: Mapping[str, str] | None = None,
    annotations: Sequence[str] = (),
    arguments: Mapping[str, str] | None = None,
    target: str = "",
    provenance: bool = False,
) -> Image:
    """The image of a Dockerfile's text: an index for several platforms or with a provenance, else one manifest."""
    manifests: list[Blob] = []
    blobs: dict[str, Blob] = {}
    listed = []
    notes = _annotations(annotations)
    for platform in platforms or (USUAL_PLATFORM,):
        system, _, processor = platform.partition("/")
        architecture, _, variant = processor.partition("/")
        given = {"TARGETPLATFORM": platform, "TARGETOS": system, "TARGETARCH": architecture, **(arguments or {})}
        stage = dockerfile.build(text, context, given, target, _base)
        named = {"os": system, "architecture": architecture, **({"variant": variant} if variant else {})}
        manifest, parts = _manifest(stage, named, labels or {}, notes.get("manifest", {}))
        manifests.append(manifest)
        blobs |= {one.digest: one for one in parts}
        listed.append(manifest.descriptor(platform=named))
    kept = tuple(blobs[digest] for digest in sorted(blobs))
    if len(listed) == 1 and not provenance:
        return Image(manifests[0], (), kept)
    made = Image(oci.index_of(listed), tuple(manifests), kept)
    made = artifacts.attested(made) if provenance else made
    if index := notes.get("index"):
        whole = {**json.loads(made.index.data), "annotations": index}
        made = replace(made, index=oci.json_blob(oci.INDEX_TYPE, whole))
    return made


def _context(asked: str, file: str) -> tuple[Path, Path]:
    """The folder that is built, and its Dockerfile, named as upstream: from that folder, or from the workspace."""
    if asked.startswith(DEFAULT_CONTEXT):
        context = Path(os.environ["LAB_SOURCE"]) / asked.removeprefix(DEFAULT_CONTEXT).lstrip(":")
        return context, context / (file or "Dockerfile")
    return Path(asked), Path(file) if file else Path(asked) / "Dockerfile"


def _manifest(
    stage: Stage, platform: Mapping[str, str], labels: Mapping[str, str], annotations: Mapping[str, str]
) -> tuple[Blob, list[Blob]]:
    """One platform's manifest, and the blobs that it needs."""
    layers, ids, config = _pulled(stage.base, platform) if stage.base else ([], [], {})
    if stage.files:
        own = oci.layer(stage.files)
        layers, ids = [*layers, own], [*ids, own.digest]
    merged = {**config, **stage.config}
    merged["Labels"] = {**config.get("Labels", {}), **stage.config.get("Labels", {}), **labels}
    written = oci.json_blob(
        oci.CONFIG_TYPE,
        {**platform, "created": oci.CREATED, "config": merged, "rootfs": {"type": "layers", "diff_ids": ids}},
    )
    made = oci.manifest_of(written, layers)
    if annotations:
        made = oci.json_blob(made.media_type, {**json.loads(made.data), "annotations": dict(annotations)})
    return made, [written, *layers]


def _base(reference: str) -> Stage:
    return Stage() if reference == "scratch" else Stage(base=reference)


def _pulled(reference: str, platform: Mapping[str, str]) -> tuple[list[Blob], list[str], dict[str, Any]]:
    """The layers of an image that ``FROM`` names, their unpacked digests, and its configuration."""
    found = json.loads(registry.manifest(reference).data)
    registry_name, repository, _ = registry.split(reference)
    whole = f"{registry_name}/{repository}"
    if "manifests" in found:
        fitting = [one for one in found["manifests"] if platform.items() <= one.get("platform", {}).items()]
        if not fitting:
            raise StepError(f"{reference}: no match for platform in manifest: {platform}")
        found = json.loads(registry.manifest(f"{whole}@{fitting[0]['digest']}").data)
    config = json.loads(registry.blob(f"{whole}:latest", found["config"]).data)
    layers = [registry.blob(f"{whole}:latest", one) for one in found["layers"]]
    return layers, config["rootfs"]["diff_ids"], config.get("config") or {}


def _pairs(text: str) -> dict[str, str]:
    return dict(line.partition("=")[::2] for line in step.lines(text, commas=False))


def _annotations(given: Sequence[str]) -> dict[str, dict[str, str]]:
    """Annotations by level; those without one belong to manifests."""
    found: dict[str, dict[str, str]] = {}
    for line in given:
        key, _, value = line.partition("=")
        levels, separator, name = key.partition(":")
        for level in levels.split(",") if separator else ["manifest"]:
            if level not in ("index", "manifest"):
                raise StepError(f"annotations: the level {level!r} is not made in a lab: {line}")
            found.setdefault(level, {})[name if separator else key] = value
    return found


if __name__ == "__main__":
    step.run(main)
