"""The settings of one GHCR package: wanted, looked at, and where they differ a person is told where to set them."""

from dataclasses import dataclass

import pulumi

from .package_check import MISSING, PackageCheck


@dataclass
class PackageSettingsArgs:
    """The package, the visibility that its owner wants, and where a person sets it: GitHub has no API for that.

    ``credential`` is the name of the one that asks ``endpoint``.
    """

    owner: str
    name: str
    visibility: str
    settings_url: str
    endpoint: str
    credential: str


class PackageSettings(pulumi.ComponentResource):
    """A check of one package's visibility. Another than the wanted one is a warning: nothing here could mend it."""

    visibility: pulumi.Output[str]

    def __init__(self, name: str, args: PackageSettingsArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("hub2ghcr:index:PackageSettings", name, {}, opts)
        check = PackageCheck(
            name,
            owner=args.owner,
            name=args.name,
            endpoint=args.endpoint,
            credential=args.credential,
            opts=pulumi.ResourceOptions(parent=self, depends_on=opts.depends_on if opts else None),
        )
        self.visibility = check.found
        check.found.apply(lambda found: self._compare(args, found))
        self.register_outputs({"visibility": self.visibility})

    def _compare(self, args: PackageSettingsArgs, found: str | None) -> None:
        if found is None or found == args.visibility:
            return
        state = "does not exist yet" if found == MISSING else f"is {found}"
        remedy = f"no API sets this; set it at {args.settings_url}"
        pulumi.log.warn(f"package {args.owner}/{args.name} {state}, wanted is {args.visibility}; {remedy}", self)
