r"""Image references, parsed once at the edge.

The grammar is the one of the Go module ``github.com/distribution/reference`` (``ParseNormalizedNamed``), which Docker,
containerd and the kubelet use: what it accepts is accepted, what it refuses is refused, with the same parts::

    reference  = name [":" tag] ["@" digest]
    name       = [domain "/"] path               path ≤ 255 characters, the domain not counted
    domain     = (labels joined by "." | "[" IPv6 "]") [":" port]
    path       = component {"/" component}       lower case; separators inside: "." "_" "__" and any number of "-"
    tag        = [A-Za-z0-9_][A-Za-z0-9_.-]{0,127}
    digest     = ("sha256" | "sha384" | "sha512") ":" lower-case hex of the algorithm's length

- The first segment is a domain only if a ``/`` follows and it is ``localhost``, holds ``.`` or ``:``, or has an
  upper-case letter. All else lives on Docker Hub: ``test.com:5000`` is a name with a tag, ``test_com/foo`` a Hub name.
- A first segment that looks like a host and cannot be one, yet could be part of a path (``a_b.c/x``), is that: the name
  then has no registry at all (``registry`` is empty) and nothing serves it.
- A Hub name without a slash belongs to ``library/``.
- A bare name of 64 hex digits is refused, since Docker reads it as an image id.
- Tag *and* digest may stand together, and both matter.

One thing is ours: every host that means Docker Hub is one registry here (the library folds ``index.docker.io`` alone),
so under all of them a name without a slash gets ``library/``, which counts in its length.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from typing import Final

from .errors import InvalidReference

HUB: Final = "docker.io"
GHCR: Final = "ghcr.io"
HUB_HOSTS: Final = frozenset(
    {HUB, "index.docker.io", "registry-1.docker.io", "registry.hub.docker.com", "hub.docker.com"}
)
"""Hosts that mean Docker Hub. Only ``index.docker.io`` is folded by the Go library; people write all of them."""
HUB_ENDPOINT: Final = "https://registry-1.docker.io"
"""Where Docker Hub's registry is; ``docker.io`` itself serves none."""
DEFAULT_TAG: Final = "latest"
MAX_PATH: Final = 255

_LABEL = r"(?:[a-zA-Z0-9]|[a-zA-Z0-9][a-zA-Z0-9-]*[a-zA-Z0-9])"
_DOMAIN = re.compile(rf"(?:{_LABEL}(?:\.{_LABEL})*|\[[a-fA-F0-9:]+\])(?::[0-9]+)?")
_COMPONENT = r"[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*"
_PATH = re.compile(rf"{_COMPONENT}(?:/{_COMPONENT})*")
_TAG = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}")
_DIGEST = re.compile(r"sha256:[a-f0-9]{64}|sha384:[a-f0-9]{96}|sha512:[a-f0-9]{128}")
_REST = re.compile(rf"({_PATH.pattern})(?::({_TAG.pattern}))?(?:@({_DIGEST.pattern}))?")
_COMPONENT_ONLY = re.compile(_COMPONENT)
_IDENTIFIER = re.compile(r"[a-f0-9]{64}")


@dataclass(frozen=True, slots=True)
class Reference:
    """An image name: where it lives, its tag and digest, and the spelling its author used.

    Two references are equal when they mean the same image, however they are spelled (``text`` is not compared). A name
    without tag and digest has ``tag`` None: who pulls it takes ``latest``, who moves it decides.
    """

    registry: str
    repository: str
    tag: str | None = None
    digest: str | None = None
    text: str = field(default="", compare=False)

    @classmethod
    def parse(cls, text: str) -> Reference:
        """Parse one reference.

        Raises:
            InvalidReference: with the offending text and what is wrong with it.
        """
        if not text:
            raise InvalidReference("an image reference is empty", remedy="write a name such as nginx:1.27")
        if _IDENTIFIER.fullmatch(text):
            raise _invalid(
                "a bare name of 64 hex digits is an image id, not a name", text, f"write docker.io/{text[:8]}…"
            )
        registry, rest = _split_registry(text)
        found = _REST.fullmatch(rest)
        if found is None:
            raise _invalid(*_malformed(text, registry, rest))
        repository, tag, digest = found.groups()
        if registry in HUB_HOSTS:
            registry = HUB
            repository = repository if "/" in repository else f"library/{repository}"
        elif not _DOMAIN.fullmatch(registry):
            if not _COMPONENT_ONLY.fullmatch(registry):
                raise _invalid("the registry host is malformed", text, "write host[:port]/name")
            registry, repository = "", f"{registry}/{repository}"
        if len(repository) > MAX_PATH:
            raise _invalid(f"the repository name is longer than {MAX_PATH} characters", text)
        return cls(registry, repository, tag, digest, text)

    @property
    def name(self) -> str:
        """Registry and repository, without tag and digest."""
        return f"{self.registry}/{self.repository}" if self.registry else self.repository

    @property
    def canonical(self) -> str:
        """The one full spelling: registry, repository (with ``library/``), and the tag and digest that were written."""
        return self.name + self._suffix()

    @property
    def familiar(self) -> str:
        """The shortest spelling that still means the same."""
        suffix = self._suffix()
        if self.registry == HUB:
            for short in (self.repository.removeprefix("library/"), self.repository):
                # docker.io/my.org/x must keep its host: my.org would become the registry
                if (parsed := _parse_or_none(short + suffix)) is not None and parsed == self:
                    return short + suffix
        return self.name + suffix

    def with_tag(self, tag: str | None) -> Reference:
        """Return the same image with another tag (None: without one)."""
        return replace(self, tag=tag, text="")

    def with_digest(self, digest: str | None) -> Reference:
        """Return the same image with another digest (None: without one)."""
        return replace(self, digest=digest, text="")

    def with_name(self, registry: str, repository: str) -> Reference:
        """Return the same tag and digest under another name."""
        return replace(self, registry=registry, repository=repository, text="")

    def _suffix(self) -> str:
        return (f":{self.tag}" if self.tag else "") + (f"@{self.digest}" if self.digest else "")

    def __str__(self) -> str:
        return self.text or self.name + self._suffix()


def one_host(host: str) -> str:
    """Return the one name of a registry host: `HUB` for every host that means Docker Hub."""
    return HUB if host in HUB_HOSTS else host


def endpoint_of(host: str) -> str:
    """Return the URL at which a registry host answers, unless settings say otherwise."""
    return HUB_ENDPOINT if host in HUB_HOSTS else f"https://{host}"


def is_digest(text: str) -> bool:
    """Tell whether ``text`` is a digest that registries accept."""
    return _DIGEST.fullmatch(text) is not None


def _split_registry(text: str) -> tuple[str, str]:
    first, slash, rest = text.partition("/")
    if slash and (first == "localhost" or "." in first or ":" in first or first.lower() != first):
        return first, rest
    return HUB, text


def _parse_or_none(text: str) -> Reference | None:
    try:
        return Reference.parse(text)
    except InvalidReference:
        return None


def _malformed(text: str, registry: str, rest: str) -> tuple[str, str, str]:
    """Return what is wrong with a text whose part behind the registry breaks the grammar, and what to write."""
    rest, at, digest = rest.partition("@")
    if at and not _DIGEST.fullmatch(digest):
        return "the digest is malformed", text, "write sha256: and 64 lower-case hex digits"
    repository = rest.partition(":")[0]
    if _PATH.fullmatch(repository):
        return "the tag is malformed", text, "a tag has 1 to 128 letters, digits, '_', '.', '-'"
    if _PATH.fullmatch(repository.lower()) and (registry in HUB_HOSTS or _DOMAIN.fullmatch(registry)):
        prefix = text[: len(registry) + 1] if text.startswith(f"{registry}/") else ""
        return "the repository name must be lower case", text, f"write {prefix}{repository.lower()}"
    return "the image reference is malformed", text, "write [host/]name[:tag][@digest]"


def _invalid(what: str, text: str, remedy: str = "") -> InvalidReference:
    return InvalidReference(what, value=text, remedy=remedy)
