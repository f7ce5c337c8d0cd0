"""What a workflow does with registries: images that it names, and places where it signs in."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from ..source import MapNode, Scalar
from .scope import Scope
from .texts import Origin, Text

Role = Literal["push", "build", "pull", "held", "name"]
"""What is done with an image. ``build``: a build gives it this name, and pushes it where its job pushes. ``name``:
it is used, scanned, deployed. ``held``: the machine has it already: one of a single word was built there."""


@dataclass(frozen=True, slots=True)
class Image:
    """An image that is named somewhere, as ``what`` (``tags of docker/build-push-action``)."""

    text: Text
    role: Role
    what: str


@dataclass(frozen=True, slots=True)
class Given:
    """A value that may be written anew: the one of a credential. ``text``: what it holds now."""

    place: Origin
    text: Text


@dataclass(frozen=True, slots=True)
class SignIn:
    """Where a workflow signs in to a registry.

    Attributes:
        registry: where, None where nothing says so: it is Docker Hub then.
        at: where ``registry`` is put when nothing says so: a key before which it stands, or the end of a command.
        username: as whom; None where nothing says so.
        password: with what; None where that is not seen.
        place: where it stands.
        secrets: whether the secrets of the repository can be read there: a composite action has none.
    """

    registry: Text | None
    at: tuple[MapNode, Scalar] | Origin
    username: Given | None
    password: Given | None
    place: Origin
    secrets: bool = True


@dataclass(frozen=True, slots=True)
class Container:
    """Credentials beside the image of a container or service."""

    image: Image
    username: Given | None
    password: Given | None


@dataclass(slots=True)
class Job:
    """A job, seen in all the ways in which it is called and its matrix runs it.

    Attributes:
        file: of its workflow.
        name: its key in ``jobs``.
        node: what it says.
        workflow: what its workflow says.
        images: that it names, those of its composite actions included.
        signs_in: where it signs in.
        containers: whose credentials are said.
        pushes: whether something in it pushes what it builds.
        builders: whether it runs programs that may build images, and nobody sees which.
        callers: jobs that call its workflow.
        unseen: places whose doings nothing here shows, each with a reason and a remedy.
        bakes: where it builds what bake files name, each with what is known there.
        delegates: places that push what another file names, each with a reason.
    """

    file: str
    name: str
    node: MapNode
    workflow: MapNode
    images: dict[Image, None] = field(default_factory=dict)
    signs_in: dict[SignIn, None] = field(default_factory=dict)
    containers: dict[Container, None] = field(default_factory=dict)
    pushes: bool = False
    builders: bool = False
    callers: list[Job] = field(default_factory=list)
    unseen: dict[tuple[Origin, str, str], None] = field(default_factory=dict)
    bakes: list[Scope] = field(default_factory=list)
    delegates: dict[tuple[Origin, str], None] = field(default_factory=dict)


def host_of(registry: str) -> str:
    """Return the host of what somebody signs in to: ``index.docker.io`` of ``https://index.docker.io/v1/``."""
    return registry.strip().removeprefix("https://").removeprefix("http://").partition("/")[0]
