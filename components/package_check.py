"""A package as it is, as a resource: what GitHub and its registry say of it, looked at in every run. No API sets it."""

from dataclasses import asdict
from functools import cache
from time import monotonic, sleep
from typing import TYPE_CHECKING, Any

import pulumi
from pulumi.dynamic import CheckFailure, CheckResult, CreateResult, DiffResult, ReadResult, Resource, UpdateResult

from .provider_process import ReferencedProvider, reference_moved

if TYPE_CHECKING:
    from hub2ghcr.github import Packages
    from hub2ghcr.packages import Seen

SECONDS = 5.0
"""Seconds that GitHub may take to list a package whose first image has just been pushed."""

KEPT = ("owner", "name", "registry", "visibility", "repository", "enforce", "endpoint", "credential")
"""The inputs. What was found is ``seen``, and ``differences`` are the lines about what is not as wanted."""


class PackageCheckProvider(ReferencedProvider):
    """Asks GitHub's API, and its registry as nobody; where differences end the run, it ends in the preview."""

    def check(self, olds: dict[str, Any], news: dict[str, Any]) -> CheckResult:
        """Refuse a package that is not as wanted, where that is asked for; one that is not there yet may come.

        What was seen is handed on: nobody asks twice in a run.
        """
        if news["enforce"] != "fail":
            return CheckResult(news, [])
        from hub2ghcr.errors import Hub2GhcrError
        from hub2ghcr.packages import MISSING

        from .provider_process import failures

        try:
            seen = _look(news)
        except Hub2GhcrError as error:
            return CheckResult(news, failures(error))
        if seen.visibility == MISSING:
            return CheckResult(news, [])
        lines = _differences(news, seen)
        return CheckResult({**news, "seen": asdict(seen)}, [CheckFailure("", line) for line in lines])

    def diff(self, _id: str, olds: dict[str, Any], news: dict[str, Any]) -> DiffResult:
        """Ask again: what somebody set meanwhile is seen by the next run, without a refresh.

        A refresh compares, too, what it has read.
        """
        if "registry" not in news:
            return DiffResult(changes=False)
        changed = reference_moved(olds, news) or any(olds.get(key) != news.get(key) for key in KEPT)
        return DiffResult(changes=changed or asdict(_seen(news)) != olds.get("seen"))

    def create(self, props: dict[str, Any]) -> CreateResult:
        """Ask, with some patience: the package may be a moment old."""
        from hub2ghcr.packages import MISSING

        end = monotonic() + SECONDS
        while (seen := _seen(props)).visibility == MISSING and monotonic() < end:
            sleep(0.25)
        return CreateResult(f"{props['owner']}/{props['name']}", _enforced(props, seen))

    def update(self, _id: str, _olds: dict[str, Any], news: dict[str, Any]) -> UpdateResult:
        """Ask once more, where that was not done a moment ago."""
        return UpdateResult(_enforced(news, _seen(news)))

    def read(self, id_: str, props: dict[str, Any]) -> ReadResult:
        """Ask once more; of a state that an older version left, which does not say where, the next run does."""
        if "registry" not in props:
            return ReadResult(id_, dict(props))
        return ReadResult(id_, _told(props, _look(props)))


class PackageCheck(Resource, module="hub2ghcr", name="PackageCheck"):
    """What is so with one package; ``credential`` is the name of the one that asks GitHub."""

    seen: pulumi.Output[dict[str, Any]]
    differences: pulumi.Output[list[str]]

    def __init__(
        self,
        resource_name: str,
        *,
        owner: str,
        name: str,
        registry: str,
        visibility: str | None,
        repository: str,
        enforce: str,
        endpoint: str,
        credential: str,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        props = {
            "owner": owner,
            "name": name,
            "registry": registry,
            "visibility": visibility,
            "repository": repository,
            "enforce": enforce,
            "endpoint": endpoint,
            "credential": credential,
            "seen": None,
            "differences": None,
        }
        super().__init__(PackageCheckProvider(), resource_name, props, opts)


def _seen(props: dict[str, Any]) -> "Seen":
    """Return what the check has seen in this run, else look."""
    from hub2ghcr.packages import Seen

    return Seen(**props["seen"]) if props.get("seen") else _look(props)


def _look(props: dict[str, Any]) -> "Seen":
    from hub2ghcr.packages import look

    from .registry_access import reader

    packages = _packages(props["endpoint"], props["credential"], props["owner"])
    repository = f"{props['owner']}/{props['name']}".lower()
    return look(packages, props["name"], reader(props["registry"], None), repository)


@cache
def _packages(endpoint: str, credential: str, owner: str) -> "Packages":
    """Return the packages of an owner, whose kind is asked for once in a process."""
    from hub2ghcr.github import Packages

    from .github_access import github

    return Packages(github(endpoint, credential), owner)


def _differences(props: dict[str, Any], seen: "Seen") -> tuple[str, ...]:
    from hub2ghcr.packages import differences
    from hub2ghcr.plan import Package

    wanted = Package(
        props["owner"], props["name"], props["registry"], props.get("visibility"), props.get("repository") or ""
    )
    return differences(wanted, seen)


def _told(props: dict[str, Any], seen: "Seen") -> dict[str, Any]:
    return {**props, "seen": asdict(seen), "differences": list(_differences(props, seen))}


def _enforced(props: dict[str, Any], seen: "Seen") -> dict[str, Any]:
    """Return what is kept; raise where differences end the run: they are told again by the next one."""
    from hub2ghcr.errors import GitHubError, raise_all

    found = _told(props, seen)
    if props["enforce"] == "fail":
        raise_all(GitHubError(line) for line in found["differences"])
    return found
