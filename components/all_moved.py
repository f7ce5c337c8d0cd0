"""What did not move, told at the end of a run: where workloads may move without each other (``onUnready: skip``).

A proof that fails would end a plain ``pulumi up`` before the rest has moved. So these proofs keep what they found, the
workload stays as it is, and this resource fails after everything else.
"""

from collections.abc import Mapping
from typing import Any

import pulumi
from pulumi.dynamic import CreateResult, DiffResult, ReadResult, Resource, UpdateResult

from .provider_process import ReferencedProvider, reference_moved


class AllMovedProvider(ReferencedProvider):
    """Fails as long as anything is unready."""

    def diff(self, _id: str, olds: dict[str, Any], news: dict[str, Any]) -> DiffResult:
        """Compare; of what failed the state knows nothing, so that it is told again."""
        return DiffResult(changes=reference_moved(olds, news) or olds.get("unready") != news["unready"])

    def create(self, props: dict[str, Any]) -> CreateResult:
        """Report every workload that did not move, and why."""
        _all_moved(props)
        return CreateResult("moved", dict(props))

    def update(self, _id: str, _olds: dict[str, Any], news: dict[str, Any]) -> UpdateResult:
        """Report every workload that did not move, and why."""
        _all_moved(news)
        return UpdateResult(dict(news))

    def read(self, id_: str, props: dict[str, Any]) -> ReadResult:
        """Change nothing: the next run proves again."""
        return ReadResult(id_, dict(props))


class AllMoved(Resource, module="hub2ghcr", name="AllMoved"):
    """All workloads have moved that may be skipped: ``unready`` are the reasons why not, by workload."""

    def __init__(
        self, name: str, *, unready: Mapping[str, list[str]], opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__(AllMovedProvider(), name, {"unready": dict(unready)}, opts)


def _all_moved(props: Mapping[str, Any]) -> None:
    from hub2ghcr.errors import ClusterError, raise_all

    raise_all(
        ClusterError(f"did not move: {reason}", workload)
        for workload, reasons in sorted(props["unready"].items())
        for reason in reasons
    )
