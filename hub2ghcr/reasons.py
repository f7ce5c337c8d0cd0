"""Why an image is left where it is: a stable kind for programs, a line for people."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Collection
from dataclasses import dataclass
from typing import Final, Literal

from .errors import InvalidReference
from .reference import GHCR, HUB, Reference

Kind = Literal[
    "on-ghcr",
    "excluded",
    "imported",
    "uncovered",
    "github-packages",
    "openshift",
    "local",
    "other-registry",
    "templated",
    "not-an-image",
]
"""What stands in the ``kind`` of JSON output; a kind keeps its meaning, new ones may be added.

- ``on-ghcr``: nothing to do.
- ``excluded``: the mapping says that it stays, with a reason of its author.
- ``imported``: put on nodes by hand, as the inventory knows: no registry is known to hold it.
- ``uncovered``: on Docker Hub, and no rule or exclusion names it. The one kind that asks for a decision.
- ``github-packages``: on docker.pkg.github.com, GitHub's former Docker registry.
- ``openshift``: in the internal registry of an OpenShift cluster.
- ``local``: in a registry of the machine it runs on.
- ``other-registry``: anywhere else, and no rule claims it.
- ``templated``: the text is completed by a program before it names an image.
- ``not-an-image``: the text names no image that any registry could serve.
"""

GITHUB_PACKAGES: Final = "docker.pkg.github.com"
_OPENSHIFT = re.compile(
    r"(?:image-registry\.openshift-image-registry|docker-registry\.default)\.svc(?:\.cluster\.local)?(?::\d+)?"
    r"|default-route-openshift-image-registry\..+"
)
# Go and Jinja templates, shell and Compose variables, Kubernetes $(VAR), printf, and the usual placeholders. None of
# these characters can stand in a reference, so a text that parses is never called templated.
_TEMPLATED = re.compile(r"\{\{|\{%|\$[\w({]|<%|<[\w.: -]+>|\[\[|%[\w(]|@[\w.-]+@|\{[\w.-]+\}")


@dataclass(frozen=True, slots=True)
class Reason:
    """Why an image stays: its ``kind``, and the line ``text``."""

    kind: Kind
    text: str


def of_text(text: str, error: InvalidReference) -> Reason:
    """Return why a text that does not parse names no image; ``error`` is what `Reference.parse` said of it."""
    if (found := _TEMPLATED.search(text)) is not None:
        return Reason("templated", f"templated: {found[0]!r} is filled in later")
    return Reason("not-an-image", f"names no image: {error.what}")


def of_nodes(where: str) -> Reason:
    """Return why an image stays that was put on nodes by hand; ``where`` says whose."""
    return Reason("imported", f"imported on {where}: no registry is known to hold it")


def of_place(reference: Reference, homes: Collection[str] = (GHCR,)) -> Reason:
    """Return why an image that no exclusion and no rule names stays, by where it lives; ``homes`` are GitHub's."""
    registry = reference.registry
    if registry in homes:
        return Reason("on-ghcr", "already on GHCR" if registry == GHCR else f"already on {registry}")
    if registry == HUB:
        return Reason("uncovered", "no mapping rule names this Docker Hub image")
    if not registry:
        first = reference.repository.partition("/")[0]
        return Reason("not-an-image", f"{first} cannot be a registry's host: nothing serves this name")
    if registry == GITHUB_PACKAGES:
        return Reason(
            "github-packages",
            f"on {GITHUB_PACKAGES}, which ghcr.io replaced: write the ghcr.io name that the package's page shows",
        )
    if is_internal(registry):
        return Reason("openshift", "in OpenShift's internal registry")
    if _is_local(registry):
        return Reason("local", "a registry of this machine")
    return Reason("other-registry", f"lives on {registry}, which no rule claims")


def is_internal(registry: str) -> bool:
    """Whether a host is the internal registry of an OpenShift cluster."""
    return _OPENSHIFT.fullmatch(registry) is not None


def _is_local(registry: str) -> bool:
    host = registry[1 : registry.index("]")] if registry.startswith("[") else registry.partition(":")[0]
    if host == "localhost" or host.endswith(".localhost"):  # RFC 6761
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
