"""Whether a cluster is as the plan expects it: proven before anything is created or changed.

What Pulumi is to own must be absent or its own already, what is patched must be there, on the images that its manifest
says, and the API server must accept the patch (docs/adr/0003). The rules stand in `hub2ghcr.expected`.

A preview of a cluster that an inventory describes asks nobody: it tells what the plan says. Every other run asks.
"""

import hashlib
from typing import TYPE_CHECKING, Any

import pulumi
from pulumi.dynamic import CheckResult, CreateResult, DiffResult, ReadResult, Resource, UpdateResult

from hub2ghcr.plan import Cluster

from .provider_process import ReferencedProvider, failures, reference_moved

if TYPE_CHECKING:
    from hub2ghcr.errors import Hub2GhcrError
    from hub2ghcr.expected import Expectations

_KEPT = ("expected", "secrets", "missing", "projects")


class ExpectedObjectsProvider(ReferencedProvider):
    """Looks at the cluster in ``check``, which the engine calls in previews and updates, not to refresh or destroy."""

    def check(self, olds: dict[str, Any], news: dict[str, Any]) -> CheckResult:
        """Report everything that is not as expected, or that the cluster cannot be asked.

        Of what was expected the state keeps a digest: the documents stand in the state once already; and whether this
        was a preview stands in no state. What the engine takes to be there is what it expected before, but for what a
        refresh has told it.
        """
        from hub2ghcr.errors import Hub2GhcrError
        from hub2ghcr.expected import Expectations, prove

        from . import pull_check
        from .cluster_access import cluster
        from .drift import excuse
        from .registry_access import credential

        expected = Expectations.of(news["expected"])
        digest = hashlib.sha256(news["expected"].encode()).hexdigest()
        kept = {
            "cluster": news["cluster"],
            "reach": news["reach"],
            "expected": f"sha256:{digest}",
            "secrets": sorted({each.name for each in expected.grants} - _copied(expected)),
        }
        if news.get("projects"):
            kept |= {"projects": f"sha256:{hashlib.sha256(news['projects'].encode()).hexdigest()}"}
        excuse(news["cluster"], bool(news["foreseen"]))
        if news["foreseen"]:
            return CheckResult(kept, [])
        believed = {*(olds.get("secrets") or ())} - {*(olds.get("missing") or ())}
        problems = _projects(news, expected.manager)
        try:
            prove(cluster(news), expected, credential=credential, puller=pull_check.puller(), believed=believed)
        except Hub2GhcrError as error:
            problems.append(error)
        return CheckResult(kept, [line for error in problems for line in failures(error)])

    def diff(self, _id: str, olds: dict[str, Any], news: dict[str, Any]) -> DiffResult:
        """Compare what is expected; how the cluster is reached is no part of it."""
        moved = reference_moved(olds, news) or olds.get("cluster") != news["cluster"]
        return DiffResult(changes=moved or any(olds.get(key) != news.get(key) for key in _KEPT))

    def create(self, props: dict[str, Any]) -> CreateResult:
        """Keep what was proven."""
        return CreateResult(props["cluster"], dict(props))

    def update(self, _id: str, _olds: dict[str, Any], news: dict[str, Any]) -> UpdateResult:
        """Keep what was proven."""
        return UpdateResult(dict(news))

    def read(self, id_: str, props: dict[str, Any]) -> ReadResult:
        """Note which pull Secrets are not there any more, as the engine does now; the next run looks at the rest."""
        missing = _missing(props)
        if missing == (props.get("missing") or []):
            return ReadResult(id_, dict(props))
        told = {**props, "missing": missing}
        return ReadResult(id_, told, dict(told))


class ExpectedObjects(Resource, module="hub2ghcr", name="ExpectedObjects"):
    """The proof that a cluster is as the plan expects it; everything declared in that cluster depends on it.

    ``manager`` is the field manager of what the stack owns.
    """

    def __init__(
        self, name: str, *, cluster: Cluster, manager: str, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        from hub2ghcr.expected import expectations

        from .cluster_access import managing, reaching
        from .drift import foreseen

        props = {
            **reaching(cluster.name, cluster.reach),
            # one text: thousands of documents are not taken apart for the engine, value by value
            "expected": expectations(cluster, manager).text,
            "foreseen": foreseen(cluster.inventoried),
        }
        if cluster.rancher:
            props |= {"projects": cluster.rancher.text, **managing(cluster.rancher)}
        super().__init__(ExpectedObjectsProvider(), name, props, opts)


def _projects(news: dict[str, Any], manager: str) -> "list[Hub2GhcrError]":
    """Return what stands in the way of the Secrets of Rancher's projects; nobody is asked where there are none."""
    if not news.get("projects"):
        return []
    from hub2ghcr.errors import Hub2GhcrError
    from hub2ghcr.platforms.rancher import proof, registries

    from .cluster_access import cluster, management

    try:
        return proof.problems(management(news), cluster(news), registries.projects_of(news["projects"]), manager)
    except Hub2GhcrError as error:
        return [error]


def _copied(expected: "Expectations") -> set[str]:
    """Return the pull Secrets that Rancher makes: no refresh knows of them, and no run of ours writes them anew."""
    return {f"{each.namespace}/{each.name}" for each in expected.objects if each.state == "copied"}


def _missing(props: dict[str, Any]) -> list[str]:
    """Return the pull Secrets that are not there; none where the cluster does not answer: a refresh says so itself."""
    from hub2ghcr.errors import Hub2GhcrError
    from hub2ghcr.expected.looking import look

    from .cluster_access import cluster

    keys = {name: ("v1", "Secret", *name.split("/", 1)) for name in props.get("secrets") or ()}
    try:
        found = look(cluster(props), keys.values()) if keys else {}
    except Hub2GhcrError:
        return []
    return sorted(name for name, key in keys.items() if key not in found)
