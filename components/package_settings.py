"""The settings of one package on GHCR: wanted, looked at, and where they differ a person is told where to set them."""

from dataclasses import dataclass

import pulumi

from .package_check import PackageCheck


@dataclass
class PackageSettingsArgs:
    """The package and what its owner wants of it: GitHub has no API that sets it.

    ``visibility`` is ``public``, ``private`` or ``internal`` (None: any), ``repository`` the one it is linked to
    (``acme/shop``, empty: any), ``enforce`` is ``warn`` or ``fail``. ``credential`` is the name of the one that asks
    ``endpoint``.
    """

    owner: str
    name: str
    endpoint: str
    credential: str
    registry: str = "ghcr.io"
    visibility: str | None = None
    repository: str = ""
    enforce: str = "warn"


class PackageSettings(pulumi.ComponentResource):
    """A check of one package. What is not as wanted is a warning, or ends the run: nothing here could mend it."""

    differences: pulumi.Output[list[str]]

    def __init__(self, name: str, args: PackageSettingsArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("hub2ghcr:index:PackageSettings", name, {}, opts)
        check = PackageCheck(
            name,
            owner=args.owner,
            name=args.name,
            registry=args.registry,
            visibility=args.visibility,
            repository=args.repository,
            enforce=args.enforce,
            endpoint=args.endpoint,
            credential=args.credential,
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
