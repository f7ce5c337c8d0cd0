"""The way back of one namespace, as a resource: refused where Pods would be stranded, opened where they would not.

It stands before the workloads in every run. In a phase in which they are switched it says nothing; in one in which they
are to go back it looks whether the old images can be had, and lifts the guard.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Literal

import pulumi
from pulumi.dynamic import CheckResult, CreateResult, DiffResult, ReadResult, Resource, UpdateResult

from hub2ghcr.plan import Reach, guard_name

from .provider_process import ReferencedProvider, failures, reference_moved


class WayBackProvider(ReferencedProvider):
    """Looks in ``check``, so that nothing is changed before it is known that all of it can go back."""

    def check(self, _olds: dict[str, Any], news: dict[str, Any]) -> CheckResult:
        """Report every image that Pods could not start on again, unless the way back is forced, or nobody is asked."""
        from hub2ghcr.errors import Hub2GhcrError, raise_all

        kept = {key: value for key, value in news.items() if key != "foreseen"}
        if news.get("foreseen") or news["rollback"] == "forced" or not news["leaving"]:
            return CheckResult(kept, [])
        try:
            raise_all(_obstacles(news))
        except Hub2GhcrError as error:
            return CheckResult(kept, failures(error))
        return CheckResult(kept, [])

    def diff(self, _id: str, olds: dict[str, Any], news: dict[str, Any]) -> DiffResult:
        """Compare what goes back; where that is known, look whether the guard still stands in its way.

        A run that was to seal, and did not come to its end, leaves both: this resource in the state, and the guard.
        """
        from .drift import drifted

        changed = reference_moved(olds, news) or olds.get("leaving") != news["leaving"]
        return DiffResult(changes=changed or drifted(news, lambda: _barred(news)))

    def create(self, props: dict[str, Any]) -> CreateResult:
        """Open the way."""
        return CreateResult(f"{props['cluster']}/{props['namespace']}", _opened(props))

    def update(self, _id: str, _olds: dict[str, Any], news: dict[str, Any]) -> UpdateResult:
        """Open the way."""
        return UpdateResult(_opened(news))

    def read(self, id_: str, props: dict[str, Any]) -> ReadResult:
        """Change nothing: the next run looks again."""
        return ReadResult(id_, dict(props))


class WayBack(Resource, module="hub2ghcr", name="WayBack"):
    """The way back of one namespace; what goes back depends on it.

    ``leaving`` are the documents of what goes back, with their old images, by whether they are patches; ``credentials``
    those of the namespace's pull Secret, registry host -> name; ``guard`` the cluster's, empty where it is off now: one
    that this stack set before may stand all the same. ``obstacles`` tells what a forced way back ran into. A preview of
    a cluster that is ``inventoried`` asks nobody.
    """

    obstacles: pulumi.Output[list[str]]

    def __init__(
        self,
        name: str,
        *,
        cluster: str,
        reach: Reach,
        namespace: str,
        leaving: Sequence[tuple[Mapping[str, Any], bool]],
        rollback: Literal["checked", "forced"],
        credentials: Mapping[str, str] | None = None,
        guard: str = "",
        inventoried: bool = False,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        from .cluster_access import reaching
        from .drift import foreseen

        props = {
            **reaching(cluster, reach),
            "namespace": namespace,
            "leaving": [{"document": dict(document), "patched": patched} for document, patched in leaving],
            "rollback": rollback,
            "credentials": dict(credentials or {}),
            "guard": guard or guard_name(pulumi.get_stack()),
            "foreseen": foreseen(inventoried),
            "obstacles": None,
        }
        super().__init__(WayBackProvider(), name, props, opts)


def _obstacles(props: Mapping[str, Any]) -> list[Any]:
    from hub2ghcr.registry import Patience
    from hub2ghcr.switching.returning import Leaving, needed, obstacles

    from .cluster_access import cluster
    from .registry_access import credentials, opened

    reached = cluster(props)
    leaving = [Leaving(each["document"], each["patched"]) for each in props["leaving"]]
    wanted = needed(reached, props["namespace"], leaving)
    if not wanted:
        return []
    own = credentials(props["credentials"])
    quick = Patience(attempts=2, silence=5)  # who wants to go back is in a hurry
    return obstacles(
        reached, props["namespace"], wanted, own, lambda host, pull, budget: opened(host, pull, budget, quick)
    )


def _barred(props: Mapping[str, Any]) -> bool:
    from hub2ghcr.guarding.unguarding import denies

    from .cluster_access import cluster

    return denies(cluster(props), props["guard"], props["namespace"])


def _opened(props: Mapping[str, Any]) -> dict[str, Any]:
    from hub2ghcr.guarding.unguarding import lift

    from .cluster_access import cluster

    if not props["leaving"]:
        return {**props, "obstacles": []}
    found = _obstacles(props) if props["rollback"] == "forced" else []
    lift(cluster(props), props["guard"], props["namespace"])
    return {**props, "obstacles": sorted(map(str, found))}
