"""One locked image in GHCR: copied, or required to be there."""

from dataclasses import asdict, dataclass, field

import pulumi

from hub2ghcr.attached import Attached
from hub2ghcr.copying import Job

from .image_copy import ImageCopy


@dataclass
class AttachedArtifact:
    """A manifest that is attached to another one, ``subject``: see `hub2ghcr.attached.Attached`."""

    subject: str
    kind: str
    digest: str
    media_type: str
    artifact_type: str = ""
    size: int = 0
    tag: str = ""


@dataclass
class ImageMirrorArgs:
    """What is mirrored: canonical references with their tag, if any, the source's locked digest, what is attached.

    ``mode`` is ``copy`` (copy it unless it is there) or ``require`` (fail unless it is there, already in a preview).
    Where ``platforms`` are given only these are copied, as the index with the digest ``narrowed``. ``archive`` names
    the file that it was locked from, if from one.
    """

    source: str
    target: str
    digest: str
    mode: str = "copy"
    attached: list[AttachedArtifact] = field(default_factory=list)
    platforms: list[str] = field(default_factory=list)
    narrowed: str = ""
    archive: str = ""


class ImageMirror(pulumi.ComponentResource):
    """One locked image in GHCR. Leaving it leaves the image."""

    target: pulumi.Output[str]
    digest: pulumi.Output[str]

    def __init__(self, name: str, args: ImageMirrorArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("hub2ghcr:index:ImageMirror", name, {}, opts)
        job = Job(
            args.source,
            args.target,
            args.digest,
            tuple(Attached(**asdict(each)) for each in args.attached),
            platforms=tuple(args.platforms),
            narrowed=args.narrowed,
            archive=args.archive,
        )
        self.copy = ImageCopy(name, job=job, mode=args.mode, opts=pulumi.ResourceOptions(parent=self))
        self.target = pulumi.Output.from_input(args.target)
        self.digest = pulumi.Output.from_input(job.target_digest)
        self.register_outputs({"target": self.target, "digest": self.digest})


def mirror_args(job: Job, mode: str) -> ImageMirrorArgs:
    """Return the arguments that stand for a job."""
    return ImageMirrorArgs(
        job.source,
        job.target,
        job.digest,
        mode,
        [AttachedArtifact(**asdict(each)) for each in job.attached],
        list(job.platforms),
        job.narrowed,
        job.archive,
    )
