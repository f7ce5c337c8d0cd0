"""What a run says of tokens that will soon pull nothing any more: GitHub tells when each expires."""

from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

import pulumi

from hub2ghcr.errors import GitHubError, Hub2GhcrError
from hub2ghcr.expiry import warning
from hub2ghcr.github import GitHub
from hub2ghcr.package_page import is_github
from hub2ghcr.plan import Plan
from hub2ghcr.reference import GHCR, endpoint_of
from hub2ghcr.registry import Patience

from . import provider_process, stack_config
from .registry_access import credential

GITHUB = "https://api.github.com"
"""Where GitHub is asked, unless the stack says otherwise."""
SECONDS = 5.0
"""Seconds that GitHub may take to answer: what it does not tell in time does not stop a run."""
ONCE = Patience(attempts=1)
"""Nor does a run wait for it."""


def tell(plan: Plan) -> None:
    """Log a warning for every token of our Secrets that expires soon, and an error for one that GitHub refuses."""
    asked = sorted(_tokens(plan).items())
    if not asked:
        return
    provider_process.know(stack_config.given())
    with ThreadPoolExecutor(min(8, len(asked))) as pool:
        for log, line in pool.map(lambda each: _told(*each), asked):
            if line:
                log(line)


def _told(name: str, endpoint: str) -> tuple[Callable[[str], None], str]:
    try:
        with GitHub(endpoint, credential(name), SECONDS, patience=ONCE) as github:
            return pulumi.log.warn, warning(name, github.expiry(), datetime.now(UTC))
    except Hub2GhcrError as error:
        refused = isinstance(error, GitHubError) and error.status == 401
        log = pulumi.log.error if refused else pulumi.log.info
        why = "" if refused else "when it expires is not known: "
        return log, "\n".join(f"credential {name}: {why}{line}" for line in error.lines)


def _tokens(plan: Plan) -> Mapping[str, str]:
    """Return the endpoint to ask by the name of each credential that our Secrets open a registry of GitHub with."""
    endpoints = {each.host: each.endpoint for each in plan.registries}
    return {
        name: endpoint
        for host, name in _pulls(plan)
        if (endpoint := _github(plan, host, endpoints.get(host, endpoint_of(host))))
    }


def _pulls(plan: Plan) -> Iterator[tuple[str, str]]:
    for cluster in plan.clusters:
        for namespace in cluster.namespaces:
            for secret in filter(None, (namespace.pull_secret, namespace.push_secret)):
                yield from ((host, each.name) for host, each in secret.credentials.items())
        if cluster.openshift:
            yield from ((each.host, each.credential) for each in cluster.openshift.opens)


def _github(plan: Plan, host: str, endpoint: str) -> str:
    """Return the API that knows the tokens of a registry, empty where none does that we know of."""
    if not is_github(host):
        return ""
    if plan.github:
        return plan.github.endpoint
    if endpoint != endpoint_of(host):
        return ""  # a registry that stands elsewhere, as behind a proxy: nobody said where its API is
    return GITHUB if host == GHCR else f"https://{host.removeprefix('containers.')}"
