"""Which repositories of which registry a plan opens with which credential."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass

from ..plan import Plan
from ..reference import Reference


@dataclass(frozen=True, slots=True, order=True)
class Use:
    """A credential (its name; empty: nobody) at a registry, to pull or to push."""

    credential: str
    host: str
    push: bool = False


def uses(plan: Plan) -> dict[Use, frozenset[str]]:
    """Return the repositories of each use, none of them twice; what anyone can pull is left out of pull Secrets."""
    found: dict[Use, set[str]] = defaultdict(set)
    pulls = {each.host: each.pull.name if each.pull else "" for each in plan.registries}
    pushes = {each.host: each.push.name for each in plan.registries if each.push}
    for copy in plan.copies:
        target = Reference.parse(copy.target)
        if copy.source:
            source = Reference.parse(copy.source)
            found[Use(pulls.get(source.registry, ""), source.registry)].add(source.repository)
            if target.registry in pushes:
                found[Use(pushes[target.registry], target.registry, push=True)].add(target.repository)
        if pulls.get(target.registry):
            found[Use(pulls[target.registry], target.registry)].add(target.repository)
    for cluster in plan.clusters:
        for namespace in cluster.namespaces:
            used = namespace.pull_secret.credentials if namespace.pull_secret else {}
            for pull in namespace.pulls:
                target = Reference.parse(pull.target)
                if target.registry in used and not pull.public:
                    found[Use(used[target.registry].name, target.registry)].add(target.repository)
    return {use: frozenset(found[use]) for use in sorted(found)}
