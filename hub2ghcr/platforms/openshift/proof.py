"""Why what a stack does to a whole OpenShift cluster would be refused, told before a run changes anything."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from ...cluster import Cluster
from ...credentials import Credential
from ...errors import Hub2GhcrError
from . import global_pull_secret, mirror_sets
from .nouns import OpenShift


def refusals(cluster: Cluster, wanted: OpenShift, credential: Callable[[str], Credential]) -> Iterator[Hub2GhcrError]:
    """Yield each reason; in phase ``prepare`` what cutover would be refused for, too.

    Args:
        cluster: where it is.
        wanted: what is asked for.
        credential: gives a named credential with its value.

    Raises:
        ClusterError: the cluster cannot be asked.
        CredentialError: a credential has no value.
    """
    if wanted.opens:
        opened = {each.host: credential(each.credential) for each in wanted.opens}
        yield from global_pull_secret.refusals(cluster, wanted.stack, opened)
    yield from mirror_sets.refusals(cluster, wanted.name, wanted.stack, wanted.sets, wanted.rules)
