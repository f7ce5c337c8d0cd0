"""Which objects of a cluster are there already, and which are not: proven before anything is created.

pulumi-kubernetes 4.25 takes over an existing object silently, and creates what a patch misses. So every run, previews
included, first looks: what Pulumi is to own must be absent or its own already, what it patches must be there
(docs/adr/0003).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pulumi
from pulumi.dynamic import CheckResult, CreateResult, DiffResult, ReadResult, Resource, UpdateResult

from .provider_process import ReferencedProvider, failures, reference_moved


@dataclass(frozen=True)
class ExpectedObject:
    """One object: ``delivery`` ``own`` (absent, or managed by ``manager``) or ``patch`` (there, whoever manages it).

    ``remedy`` says what to do where that does not hold.
    """

    api_version: str
    kind: str
    namespace: str
    name: str
    delivery: str
    remedy: str


class ExpectedObjectsProvider(ReferencedProvider):
    """Looks at the cluster in ``check``, which the engine calls in previews and updates, not to refresh or destroy."""

    def check(self, _olds: dict[str, Any], news: dict[str, Any]) -> CheckResult:
        """Report every object that is not as expected, or that the cluster cannot be asked."""
        from hub2ghcr.cluster import Cluster
        from hub2ghcr.errors import ClusterError, Hub2GhcrError, raise_all

        try:
            with Cluster.by_kubeconfig(news["cluster"], news["kubeconfig"], news["context"]) as cluster:
                problems: list[Hub2GhcrError] = []
                for each in news["objects"]:
                    live = cluster.live(each["apiVersion"], each["kind"], each["namespace"], each["name"])
                    what = ""
                    if each["delivery"] == "patch" and live is None:
                        what = "does not exist, and a patch would create it"
                    elif each["delivery"] == "own" and live is not None and news["manager"] not in live.managers:
                        what = "already exists"
                    if what:
                        place = f"cluster {news['cluster']}: {each['kind']} {_title(each)}"
                        problems.append(ClusterError(what, place, remedy=each["remedy"]))
                raise_all(problems)
        except Hub2GhcrError as error:
            return CheckResult(news, failures(error))
        return CheckResult(news, [])

    def diff(self, _id: str, olds: dict[str, Any], news: dict[str, Any]) -> DiffResult:
        """Compare what is expected; how the cluster is reached is no part of it."""
        kept = ("cluster", "manager", "objects")
        moved = reference_moved(olds, news) or any(olds.get(key) != news.get(key) for key in kept)
        return DiffResult(changes=moved)

    def create(self, props: dict[str, Any]) -> CreateResult:
        """Keep what was proven."""
        return CreateResult(props["cluster"], dict(props))

    def update(self, _id: str, _olds: dict[str, Any], news: dict[str, Any]) -> UpdateResult:
        """Keep what was proven."""
        return UpdateResult(dict(news))

    def read(self, id_: str, props: dict[str, Any]) -> ReadResult:
        """Change nothing: the next run looks again."""
        return ReadResult(id_, dict(props))


class ExpectedObjects(Resource, module="hub2ghcr", name="ExpectedObjects"):
    """The proof that a cluster's objects are as expected; everything declared in that cluster depends on it."""

    def __init__(
        self,
        name: str,
        *,
        cluster: str,
        kubeconfig: str,
        context: str,
        manager: str,
        objects: Sequence[ExpectedObject],
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        props: Mapping[str, Any] = {
            "cluster": cluster,
            "kubeconfig": kubeconfig,
            "context": context,
            "manager": manager,
            "objects": [
                {
                    "apiVersion": each.api_version,
                    "kind": each.kind,
                    "namespace": each.namespace,
                    "name": each.name,
                    "delivery": each.delivery,
                    "remedy": each.remedy,
                }
                for each in objects
            ],
        }
        super().__init__(ExpectedObjectsProvider(), name, dict(props), opts)


def _title(each: Mapping[str, Any]) -> str:
    return f"{each['namespace']}/{each['name']}" if each["namespace"] else str(each["name"])
