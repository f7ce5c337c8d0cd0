"""Where the token of a cluster comes from."""

from __future__ import annotations

from pathlib import Path

from hub2ghcr.fleet.tokens import with_tokens
from hub2ghcr.plan import Cluster, CredentialRef, Kubeconfig, Plan, Reach, Server

TOKEN = CredentialRef("cluster", "robot", "clusterToken")


def plan(*reaches: Reach) -> Plan:
    clusters = tuple(Cluster(f"cluster-{number}", each, ()) for number, each in enumerate(reaches))
    return Plan("one", "cutover", "copy", (), (), None, clusters, ())


def asked(stack: str, root: Path, key: str) -> str:
    return f"{key} of {stack}"


def test_what_the_environment_lacks_the_engine_gives_for_that_stack() -> None:
    found = with_tokens(plan(Server("https://one", TOKEN)), "one", Path(), {"PATH": "/bin"}, asked)
    assert found == {"PATH": "/bin", "HUB2GHCR_SECRET_CLUSTER_TOKEN": "clusterToken of one"}


def test_what_it_has_goes_before() -> None:
    environ = {"HUB2GHCR_SECRET_CLUSTER_TOKEN": "mine"}
    assert with_tokens(plan(Server("https://one", TOKEN)), "one", Path(), environ, asked) == environ


def test_nobody_is_asked_where_a_kubeconfig_has_it() -> None:
    assert with_tokens(plan(Kubeconfig("~/.kube/config", "lab")), "one", Path(), {}, asked) == {}
