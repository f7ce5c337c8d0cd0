"""What may go wrong, or has: the rules of it, each with what to do about it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from ..plan import Cluster, Plan
from ..status import Status
from .nouns import WHYS, Level, OnHub, Pulls, Risk

_LEVELS: tuple[Level, ...] = ("high", "medium", "low")


def risks(plan: Plan, statuses: Iterable[Status], on_hub: Sequence[OnHub], pulls: Pulls | None) -> tuple[Risk, ...]:
    """Return the risks of a stack, each once, those that matter most first.

    Args:
        plan: the stack's.
        statuses: of namespaces, as far as they were seen.
        on_hub: what is still on Docker Hub.
        pulls: what copying still takes of the pull allowance.
    """
    found = [*_seen(statuses), *_left(on_hub, plan), *_allowed(pulls), *_planned(plan)]
    return tuple(sorted(dict.fromkeys(found), key=lambda each: (_LEVELS.index(each.level), each.where, each.text)))


def _seen(statuses: Iterable[Status]) -> Iterator[Risk]:
    """What is not as its phase says."""
    for each in statuses:
        for problem in each.problems:
            yield Risk(
                "high", each.place, problem.removeprefix(f"cluster {each.cluster}, namespace {each.namespace}: ")
            )


def _left(on_hub: Iterable[OnHub], plan: Plan) -> Iterator[Risk]:
    """Images that nobody has decided on: the end of access to the Hub ends them."""
    phases = {(cluster.name, each.name): each.phase for cluster in plan.clusters for each in cluster.namespaces}
    for each in on_hub:
        if each.why not in ("undecided", "unknown"):
            continue
        sealed = phases[each.cluster, each.namespace] == "seal"
        remedy = "add a rule to `mapping`, or an exclusion with its reason" if each.why == "undecided" else ""
        text = f"{each.image} is {WHYS[each.why]}: {each.reason}"
        yield Risk("high" if sealed else "medium", f"{each.cluster}/{each.namespace}", text, remedy)


def _allowed(pulls: Pulls | None) -> Iterator[Risk]:
    if pulls is not None and pulls.left is not None and pulls.short:
        text = f"copying takes up to {pulls.needed} pulls, and {pulls.left.remaining} of {pulls.left.limit} are left"
        yield Risk("medium", "Docker Hub", text, "copy in several runs, or pull with an account that has more")


def _planned(plan: Plan) -> Iterator[Risk]:
    """What the plan itself knows of."""
    stack = f"stack {plan.stack}"
    for warning in plan.warnings:
        yield Risk("low", stack, warning)
    if plan.rollback == "forced":
        text = "the way back goes on without proving that the old images can be pulled"
        yield Risk("medium", stack, text, "set `rollback: checked`")
    for repository in plan.github.repositories if plan.github else ():
        for secret in repository.removed:
            if secret.credential is None:
                text = f"secret {secret.name} goes at seal, and its value is lost for good"
                remedy = "name the `credential` that restores it, if anything else needs it"
                yield Risk("low", f"{repository.owner}/{repository.name}", text, remedy)
    for cluster in plan.clusters:
        yield from _of_cluster(cluster)


def _of_cluster(cluster: Cluster) -> Iterator[Risk]:
    sealed = [each.name for each in cluster.namespaces if each.phase == "seal"]
    if sealed and cluster.guard is None:
        text = (
            f"{len(sealed)} sealed namespaces have no guard: an image of Docker Hub that somebody deploys is admitted"
        )
        yield Risk("medium", cluster.name, text, "take `guard: {action: off}` from the cluster")
    if not cluster.inventoried:
        text = "there is no inventory of it: what runs there besides the manifests is not known to the plan"
        yield Risk("low", cluster.name, text, "run `hub2ghcr inventory`")
    for namespace in cluster.namespaces:
        for pull in namespace.pulls:
            if pull.without:
                text = f"{pull.target} lacks platforms of its source: {', '.join(pull.without)}"
                yield Risk("low", f"{cluster.name}/{namespace.name}", text, "nodes of these platforms cannot run it")
