"""A package's visibility, as a resource: what GitHub says, looked at in every run. No API can set it."""

import time
from typing import Any

import pulumi
from pulumi.dynamic import CreateResult, DiffResult, ReadResult, Resource, UpdateResult

from .provider_process import ReferencedProvider, reference_moved

MISSING = "missing"
"""What is found where there is no such package."""

SECONDS = 5.0
"""Seconds that GitHub may take to list a package whose first image has just been pushed."""


class PackageCheckProvider(ReferencedProvider):
    """Asks GitHub; ``found`` is what it last said."""

    def diff(self, _id: str, olds: dict[str, Any], news: dict[str, Any]) -> DiffResult:
        """Ask again: a visibility that somebody set meanwhile is seen by the next run, without a refresh."""
        kept = ("owner", "name", "endpoint", "credential")
        changed = reference_moved(olds, news) or any(olds.get(key) != news.get(key) for key in kept)
        return DiffResult(changes=changed or self._found(news) != olds.get("found"))

    def create(self, props: dict[str, Any]) -> CreateResult:
        """Ask, with some patience: the package may be a moment old."""
        end = time.monotonic() + SECONDS
        while (found := self._found(props)) == MISSING and time.monotonic() < end:
            time.sleep(0.25)
        return CreateResult(f"{props['owner']}/{props['name']}", {**props, "found": found})

    def update(self, _id: str, _olds: dict[str, Any], news: dict[str, Any]) -> UpdateResult:
        """Ask once more."""
        return UpdateResult({**news, "found": self._found(news)})

    def read(self, id_: str, props: dict[str, Any]) -> ReadResult:
        """Ask once more."""
        return ReadResult(id_, {**props, "found": self._found(props)})

    def _found(self, props: dict[str, Any]) -> str:
        from hub2ghcr.github import GitHub

        from .registry_access import credential

        with GitHub(props["endpoint"], credential(props["credential"])) as github:
            return github.package_visibility(props["owner"], props["name"]) or MISSING


class PackageCheck(Resource, module="hub2ghcr", name="PackageCheck"):
    """What GitHub says about one package; ``credential`` is the name of the one that asks."""

    found: pulumi.Output[str]

    def __init__(
        self,
        resource_name: str,
        *,
        owner: str,
        name: str,
        endpoint: str,
        credential: str,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        props = {"owner": owner, "name": name, "endpoint": endpoint, "credential": credential, "found": None}
        super().__init__(PackageCheckProvider(), resource_name, props, opts)
