"""What a plan expects of its images, and who is to pull them."""

from __future__ import annotations

from collections.abc import Callable

from ..errors import CredentialError
from ..plan import CredentialRef, Plan
from ..reference import Reference
from ..registry import Registries
from .expected import Expected, Reader


def expected(plan: Plan, opened: Callable[[str | None], Registries]) -> tuple[list[Expected], list[CredentialError]]:
    """Return one expectation for each image of a plan, in its order, and the credentials that cannot be tried.

    Args:
        plan: says who pulls: the namespaces that run an image, and anybody where it should be public.
        opened: opens the registries for a named credential, None for nobody in particular; each is opened once.
    """
    opened_by: dict[str | None, Registries] = {}
    refused: dict[str | None, CredentialError] = {}
    readers: dict[str, list[Reader]] = {}

    def add(target: str, who: str, credential: CredentialRef | None, remedy: str) -> None:
        name = credential.name if credential else None
        if name not in refused and name not in opened_by:
            try:
                opened_by[name] = opened(name)
            except CredentialError as error:
                refused[name] = error
        if name in opened_by:
            readers.setdefault(target, []).append(Reader(who, remedy, opened_by[name]))

    for copy in plan.copies:
        if copy.public:
            add(copy.target, "anyone", None, "it should be public: set that in the package's settings")
    for cluster in plan.clusters:
        for namespace in cluster.namespaces:
            opens = namespace.pull_secret.credentials if namespace.pull_secret else {}
            where = f"cluster {cluster.name}, namespace {namespace.name}"
            for pull in namespace.pulls:
                credential = opens.get(Reference.parse(pull.target).registry)
                if credential:
                    remedy = f"give {credential.username} access to the package, or name another `pull` credential"
                    add(pull.target, f"{where} as {credential.username}", credential, remedy)
                else:
                    add(pull.target, where, None, "name a `pull` credential, or make the package public")
    return [Expected(each.entry, tuple(readers.get(each.target, ()))) for each in plan.copies], list(refused.values())
