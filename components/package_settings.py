"""The settings of one package on GHCR: wanted, looked at, and where they differ a person is told where to set them."""

from typing import NotRequired, TypedDict

import pulumi

from .package_check import PackageCheck


class PackageSettingsArgs(TypedDict):
    """The package and what its owner wants of it: GitHub has no API that sets it."""

    owner: str
    """The owner on GitHub."""
    name: str
    """The package's name, without its owner."""
    endpoint: str
    """The URL of GitHub's API, such as `https://api.github.com`."""
    credential: str
    """The name of the credential that asks it: one of `hub2ghcr:credentials` of the stack's configuration."""
    registry: NotRequired[str]
    """The registry's host (default: `ghcr.io`)."""
    visibility: NotRequired[str | None]
    """`public`, `private` or `internal` (default: any)."""
    repository: NotRequired[str]
    """The repository that it is linked to, such as `acme/shop` (default: any)."""
    enforce: NotRequired[str]
    """What a difference is: `warn`, a warning (default), or `fail`, the end of the run."""


class PackageSettings(pulumi.ComponentResource):
    """A check of one package. What is not as wanted is a warning, or ends the run: nothing here could mend it."""

    differences: pulumi.Output[list[str]]
    """What is not as it is wanted, a sentence each."""

    def __init__(self, name: str, args: PackageSettingsArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("hub2ghcr:index:PackageSettings", name, {}, opts)
        check = PackageCheck(
            name,
            owner=args["owner"],
            name=args["name"],
            registry=args.get("registry", "ghcr.io"),
            visibility=args.get("visibility"),
            repository=args.get("repository", ""),
            enforce=args.get("enforce", "warn"),
            endpoint=args["endpoint"],
            credential=args["credential"],
            opts=pulumi.ResourceOptions(parent=self, depends_on=opts.depends_on if opts else None),
        )
        self.differences = check.differences
        check.differences.apply(self._tell)
        self.register_outputs({"differences": self.differences})

    def _tell(self, differences: list[str] | None) -> None:
        if pulumi.runtime.is_dry_run():
            return  # the state is of yesterday, and of a new package it knows nothing: a preview has looked itself
        for each in differences or ():
            pulumi.log.warn(each, self)
