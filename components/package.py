"""The components as a package that programs in every language of Pulumi's can use (docs/components.md).

``pulumi-resource-hub2ghcr``, a command of the wheel, serves it to the engine.
"""

import json
import sys
from importlib.metadata import version

import pulumi
from pulumi.output import Inputs
from pulumi.provider import ConstructResult, main
from pulumi.provider.experimental.component import ComponentProvider
from pulumi.provider.server import ComponentInitError

from .image_mirror import ImageMirror
from .migration import Migration
from .package_settings import PackageSettings

NAME = "hub2ghcr"
COMPONENTS = (ImageMirror, Migration, PackageSettings)
"""What is public: their inputs are plain values. The others take parts of a plan, which the core alone makes."""


class Package(ComponentProvider):
    """The package; its ``schema`` is the JSON that SDKs are made from."""

    def __init__(self) -> None:
        super().__init__(list(COMPONENTS), NAME, None, version(NAME))

    def construct(
        self, name: str, resource_type: str, inputs: Inputs, options: pulumi.ResourceOptions | None = None
    ) -> ConstructResult:
        """Make a component; what is wrong with the stack's configuration is told without a traceback."""
        try:
            return super().construct(name, resource_type, inputs, options)
        except ComponentInitError as error:
            if isinstance(error.inner, pulumi.RunError):
                raise error.inner from None
            raise


def schema() -> str:
    """Return the schema as it is committed, in ``components/schema.json``: without the version."""
    found = json.loads(Package().schema or "")
    return (
        json.dumps({key: value for key, value in found.items() if key != "version"}, indent=2, ensure_ascii=False)
        + "\n"
    )


def serve() -> None:
    """Serve the package until the engine ends; the arguments are the engine's."""
    main(Package(), sys.argv[1:])


if __name__ == "__main__":
    sys.stdout.write(schema())
