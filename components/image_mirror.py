"""One locked image in GHCR: copied, or required to be there."""

from dataclasses import dataclass

import pulumi

from .image_copy import ImageCopy


@dataclass
class ImageMirrorArgs:
    """What is mirrored: canonical references with their tag, if any, the locked digest.

    ``mode`` is ``copy`` (copy it unless it is there) or ``require`` (fail unless it is there, already in a preview).
    """

    source: str
    target: str
    digest: str
    mode: str = "copy"


class ImageMirror(pulumi.ComponentResource):
    """One locked image in GHCR. Leaving it leaves the image."""

    target: pulumi.Output[str]
    digest: pulumi.Output[str]

    def __init__(self, name: str, args: ImageMirrorArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("hub2ghcr:index:ImageMirror", name, {}, opts)
        self.copy = ImageCopy(
            name,
            source=args.source,
            target=args.target,
            digest=args.digest,
            mode=args.mode,
            opts=pulumi.ResourceOptions(parent=self),
        )
        self.target = pulumi.Output.from_input(args.target)
        self.digest = pulumi.Output.from_input(args.digest)
        self.register_outputs({"target": self.target, "digest": self.digest})
