"""Which secrets of repositories hold one token: whoever reads one of them has it everywhere."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from ..credential_ref import CredentialRef
from .github_nouns import GitHub
from .nouns import Cluster
from .sharing import FEW

if TYPE_CHECKING:
    from ..settings import Settings


def secret_sharing(
    settings: Settings,
    github: GitHub | None,
    clusters: tuple[Cluster, ...],
    token: Callable[[str], str] = lambda key: key,
) -> Iterator[str]:
    """Yield which tokens several repositories hold, or a repository and a cluster, and what else such a token opens.

    The same token among the secrets of one repository is one holder, and so is one of the organisation.

    Args:
        settings: the stack's.
        github: the GitHub side of its plan.
        clusters: of its plan.
        token: what tells tokens apart, by the key of the value (default: the key, since a plan knows no values).
    """
    if github is None:
        return
    holders: dict[str, set[str]] = {}
    names: dict[str, set[str]] = {}
    for holder, credential in _held(github):
        holders.setdefault(token(credential.secret_key), set()).add(holder)
        names.setdefault(token(credential.secret_key), set()).add(credential.name)
    pulling = {
        (token(each.secret_key), cluster.name)
        for cluster in clusters
        for namespace in cluster.namespaces
        for each in (namespace.pull_secret.credentials.values() if namespace.pull_secret else ())
    }
    copying = {token(settings.credentials[each.push].secretKey) for each in settings.registries.values() if each.push}
    for held, found in sorted(holders.items(), key=lambda item: sorted(names[item[0]])):
        called = " and ".join(sorted(names[held]))
        who = _told(sorted(found))
        if len(found) > 1:
            yield f"{who} share the credential {called}: who reads one secret has it for all"
        if used := sorted(cluster for known, cluster in pulling if known == held):
            yield f"{who}: the credential {called} is also what cluster {', '.join(used)} pulls with"
        if held in copying:
            yield f"{who}: the credential {called} also copies images for the whole stack"
        if held == token(github.credential.secret_key):
            yield f"{who}: the credential {called} also administers {github.owner} on GitHub"


def _held(github: GitHub) -> Iterator[tuple[str, CredentialRef]]:
    for secret in github.organization_secrets:
        yield f"organization {github.owner}", secret.credential
    for each in github.repositories:
        kinds = (each.secrets, each.dependabot_secrets, *each.environments.values())
        yield from ((f"repository {each.name}", one) for kind in kinds for one in kind.values())


def _told(found: list[str]) -> str:
    return ", ".join(found) if len(found) <= FEW else f"{found[0]} … {found[-1]} ({len(found)} of them)"
