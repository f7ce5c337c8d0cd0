"""What a publish workflow builds, where it pushes it, and as whom."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

Flavour = Literal["token", "pat"]
Attest = Literal["public", "always", "never"]

PAT_SECRET: Final = "CR_PAT"  # the name of an Actions secret
"""The Actions secret that flavour ``pat`` signs in with."""


@dataclass(frozen=True, slots=True)
class HubImage:
    """An image on Docker Hub that the same build is pushed to.

    Attributes:
        image: its name there, such as ``acme/shop``.
        password_secret: the Actions secret that holds the password or token.
        username: who signs in; empty: ``username_secret`` says it.
        username_secret: the Actions secret that holds who signs in.
    """

    image: str
    password_secret: str
    username: str = ""
    username_secret: str = ""


@dataclass(frozen=True, slots=True)
class Publish:
    """What one workflow publishes; paths are the repository's, in their shortest spelling.

    Attributes:
        image: host, owner and package, lower case, without a tag.
        flavour: what signs in.
        username: as whom ``CR_PAT`` speaks; empty: whoever started the run.
        context: the build's folder.
        dockerfile: the Dockerfile's path in that folder.
        test_stage: the Dockerfile's stage that runs the tests; empty: that the image builds is the test.
        platforms: those that are built; none: the runner's own.
        semver: a version moves the tags of its minor and of its major version, too.
        attest: whether a provenance attestation is made; ``public``: where the repository is, as every plan of GitHub
            has them for those.
        hub: where the build goes besides; None: nowhere.
        repository: the one that publishes (``acme/shop``): its forks with Actions on do not; empty: any does.
    """

    image: str
    flavour: Flavour = "token"
    username: str = ""
    context: str = "."
    dockerfile: str = "Dockerfile"
    test_stage: str = ""
    platforms: tuple[str, ...] = ()
    semver: bool = False
    attest: Attest = "public"
    hub: HubImage | None = None
    repository: str = ""

    @property
    def registry(self) -> str:
        """The host that it is published on."""
        return self.image.partition("/")[0]

    @property
    def secret(self) -> str:
        """The Actions secret that signs in there."""
        return PAT_SECRET if self.flavour == "pat" else "GITHUB_TOKEN"

    @property
    def images(self) -> tuple[str, ...]:
        """All images that one build is pushed to, the published one first."""
        return (self.image, f"docker.io/{self.hub.image}") if self.hub else (self.image,)
