"""That secrets of a repository are about to go, saved before the first of them does.

A run that is broken off between two removals saves nothing of them. What stands in the state before they begin tells a
later run, in whatever phase, that any of them may be gone (`removed_secrets`).
"""

from typing import Any

import pulumi
from pulumi.dynamic import CheckResult, CreateResult, DiffResult, ReadResult, Resource, UpdateResult

from .provider_process import ReferencedProvider, reference_moved


class SealNoticeProvider(ReferencedProvider):
    """Counts how often a repository was sealed; ``check`` does it, so that a preview knows the number, too."""

    def check(self, olds: dict[str, Any], news: dict[str, Any]) -> CheckResult:
        """Count the seal that begins."""
        begins = news["sealed"] and not olds.get("sealed")
        return CheckResult({**news, "seals": int(olds.get("seals") or 0) + bool(begins)}, [])

    def diff(self, _id: str, olds: dict[str, Any], news: dict[str, Any]) -> DiffResult:
        """Compare."""
        changed = any(olds.get(key) != news[key] for key in ("sealed", "seals"))
        return DiffResult(changes=changed or reference_moved(olds, news))

    def create(self, props: dict[str, Any]) -> CreateResult:
        """Keep the number."""
        return CreateResult(f"{props['owner']}/{props['repository']}", dict(props))

    def update(self, _id: str, _olds: dict[str, Any], news: dict[str, Any]) -> UpdateResult:
        """Keep the number."""
        return UpdateResult(dict(news))

    def read(self, id_: str, props: dict[str, Any]) -> ReadResult:
        """Change nothing."""
        return ReadResult(id_, dict(props))


class SealNotice(Resource, module="hub2ghcr", name="SealNotice"):
    """``seals``: how often secrets of the repository were about to go."""

    seals: pulumi.Output[int]

    def __init__(
        self, name: str, *, owner: str, repository: str, sealed: bool, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        props = {"owner": owner, "repository": repository, "sealed": sealed, "seals": None}
        super().__init__(SealNoticeProvider(), name, props, opts)
