"""One locked image in GHCR: copied, or required to be there."""

from typing import NotRequired, TypedDict, cast

import pulumi

from hub2ghcr.copying import Job

from . import image_job
from .image_copy import ImageCopy


class AttachedArtifact(TypedDict):
    """A manifest that is attached to another one: a signature, an SBOM, an attestation."""

    subject: str
    """The digest of the manifest that it is attached to."""
    kind: str
    """What it is: `signature`, `attestation`, `sbom` or `referrer`."""
    digest: str
    """Its own digest."""
    media_type: str
    """The media type of its manifest."""
    artifact_type: NotRequired[str]
    """What it says that it is (default: nothing)."""
    size: NotRequired[int]
    """The bytes of its manifest (default: 0, not known)."""
    tag: NotRequired[str]
    """The tag that names it, where it is found by one (default: none)."""


class ImageMirrorArgs(TypedDict):
    """What is mirrored: canonical references with their tag, if any, the source's locked digest, what is attached."""

    source: str
    """What is copied, such as `docker.io/library/nginx:1.27`."""
    target: str
    """Where it is in GHCR, such as `ghcr.io/acme/mirror/nginx:1.27`."""
    digest: str
    """The digest that the source is locked to."""
    mode: NotRequired[str]
    """`copy`: copy it unless it is there (default); `require`: fail unless it is there, in a preview already."""
    attached: NotRequired[list[AttachedArtifact]]
    """What is copied with it (default: nothing)."""
    platforms: NotRequired[list[str]]
    """The platforms that are copied, such as `linux/amd64` (default: all)."""
    narrowed: NotRequired[str]
    """The digest of the index with these `platforms` alone."""
    archive: NotRequired[str]
    """The file that it was locked from (default: a registry)."""


class ImageMirror(pulumi.ComponentResource):
    """One locked image in GHCR. Leaving it leaves the image."""

    target: pulumi.Output[str]
    """Where the image is: known in a preview, too, so what runs on it has to depend on this component."""
    digest: pulumi.Output[str]
    """The digest that it has there."""

    def __init__(self, name: str, args: ImageMirrorArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("hub2ghcr:index:ImageMirror", name, {}, opts)
        job = image_job.job(args)
        opts = pulumi.ResourceOptions(parent=self)
        self.copy = ImageCopy(name, job=job, mode=args.get("mode", "copy"), opts=opts)
        self.target = pulumi.Output.from_input(args["target"])
        self.digest = pulumi.Output.from_input(job.target_digest)
        self.register_outputs({"target": self.target, "digest": self.digest})


def mirror_args(job: Job, mode: str) -> ImageMirrorArgs:
    """Return the arguments that stand for a job."""
    return cast(ImageMirrorArgs, {"source": job.source, **image_job.properties(job), "mode": mode})
