from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from hub2ghcr.errors import AccessRefused, NotFound, RegistryError, Unreachable
from hub2ghcr.github import FoundPackage, Version
from hub2ghcr.packages import MISSING, Seen, look
from hub2ghcr.registry import Descriptor

HEAD = Descriptor("application/vnd.oci.image.index.v1+json", "sha256:" + "a" * 64, 7)


class Api:
    """The packages of an owner: one, or none, with versions."""

    def __init__(self, visibility: str = "", *digests: str) -> None:
        self.package = FoundPackage("shop", visibility, "acme/shop", "users", 1) if visibility else None
        self.digests = digests

    def find(self, _: str) -> FoundPackage | None:
        return self.package

    def versions(self, _: str) -> Iterator[Version]:
        return (Version(1, digest, (), "") for digest in self.digests)


class Anonymous:
    """A registry as nobody is answered."""

    def __init__(self, *tags: str, error: RegistryError | None = None, head: Descriptor | None = HEAD) -> None:
        self.listed, self.error, self.head = tags, error, head
        self.asked: list[str] = []

    def tags(self, _: str) -> Iterator[str]:
        if self.error:
            raise self.error
        yield from self.listed

    def head_manifest(self, _: str, reference: str) -> Descriptor | None:
        self.asked.append(reference)
        return self.head


CASES: list[tuple[Api, Anonymous, Seen]] = [
    (Api(), Anonymous("1"), Seen(MISSING)),
    (Api("public"), Anonymous("1", "2"), Seen("public", "acme/shop", "users", True)),
    (
        Api("public"),
        Anonymous(error=AccessRefused("refused to anonymous (403)", "ghcr.io/acme/shop (tags)")),
        Seen("public", "acme/shop", "users", False, "refused to anonymous (403)"),
    ),
    (
        Api("public"),
        Anonymous(error=NotFound("not found (404)")),
        Seen("public", "acme/shop", "users", False, "not found (404)"),
    ),
    (Api("public"), Anonymous(error=Unreachable("no answer")), Seen("public", "acme/shop", "users", None, "no answer")),
    (Api("public"), Anonymous("1", head=None), Seen("public", "acme/shop", "users", False, "not found (1)")),
    (Api("public"), Anonymous(), Seen("public", "acme/shop", "users", None, "there is no image in it yet")),
    (Api("public", HEAD.digest), Anonymous(), Seen("public", "acme/shop", "users", True)),
]


@pytest.mark.parametrize(("api", "registry", "seen"), CASES)
def test_public_is_what_anyone_can_pull_whatever_the_api_says(api: Any, registry: Any, seen: Seen) -> None:
    assert look(api, "shop", registry, "acme/shop") == seen


def test_the_manifest_of_one_tag_is_asked_for() -> None:
    registry: Any = Anonymous("1", "2")
    api: Any = Api("private")
    look(api, "shop", registry, "acme/shop")
    assert registry.asked == ["1"]
