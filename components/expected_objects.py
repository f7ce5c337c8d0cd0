"""Whether a cluster is as the plan expects it: proven in previews too, before anything is created.

What Pulumi is to own must be absent or its own already, what is patched must be there, on the images that its manifest
says, and the API server must accept the patch (docs/adr/0003). The rules stand in `hub2ghcr.expected`.
"""

import hashlib
import json
from dataclasses import asdict
from typing import Any

import pulumi
from pulumi.dynamic import CheckResult, CreateResult, DiffResult, ReadResult, Resource, UpdateResult

from hub2ghcr.plan import Cluster

from .provider_process import ReferencedProvider, failures, reference_moved


class ExpectedObjectsProvider(ReferencedProvider):
    """Looks at the cluster in ``check``, which the engine calls in previews and updates, not to refresh or destroy."""

    def check(self, _olds: dict[str, Any], news: dict[str, Any]) -> CheckResult:
        """Report everything that is not as expected, or that the cluster cannot be asked.

        Of what was expected the state keeps a digest: the documents stand in the state once already.
        """
        from hub2ghcr.errors import Hub2GhcrError
        from hub2ghcr.expected import Expectation, prove

        from .cluster_access import cluster

        expected = json.loads(news["expected"])
        digest = hashlib.sha256(news["expected"].encode()).hexdigest()
        kept = {"cluster": news["cluster"], "reach": news["reach"], "expected": f"sha256:{digest}"}
        try:
            prove(
                cluster(news),
                [Expectation(**each) for each in expected["objects"]],
                manager=expected["manager"],
                take_from=expected["takeFrom"],
                platforms=expected["platforms"],
            )
        except Hub2GhcrError as error:
            return CheckResult(kept, failures(error))
        return CheckResult(kept, [])

    def diff(self, _id: str, olds: dict[str, Any], news: dict[str, Any]) -> DiffResult:
        """Compare what is expected; how the cluster is reached is no part of it."""
        moved = reference_moved(olds, news) or olds.get("cluster") != news["cluster"]
        return DiffResult(changes=moved or olds.get("expected") != news["expected"])

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
    """The proof that a cluster is as the plan expects it; everything declared in that cluster depends on it.

    ``manager`` is the field manager of what the stack owns.
    """

    def __init__(
        self, name: str, *, cluster: Cluster, manager: str, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        from hub2ghcr.expected import expectations

        from .cluster_access import reaching

        expected = {
            "manager": manager,
            "takeFrom": list(cluster.take_from),
            "platforms": list(cluster.platforms),
            "objects": [asdict(each) for each in expectations(cluster)],
        }
        # one text: thousands of documents are not taken apart for the engine, value by value
        text = json.dumps(expected, sort_keys=True, separators=(",", ":"), default=dict)
        props = {**reaching(cluster.name, cluster.reach), "expected": text}
        super().__init__(ExpectedObjectsProvider(), name, props, opts)
