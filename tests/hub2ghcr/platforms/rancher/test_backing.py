"""The backing namespace is what Rancher says, and otherwise the one that is there."""

from __future__ import annotations

import pytest

from hub2ghcr.errors import ClusterError
from hub2ghcr.platforms.rancher.backing import backing_namespace, require_rancher

from .pretending import BACKING, SHOPS, Clustered, namespace, project


def test_the_project_says_it() -> None:
    assert backing_namespace(Clustered(project(backingNamespace="somewhere")), SHOPS) == "somewhere"


def test_settings_win_and_nobody_is_asked() -> None:
    assert backing_namespace(Clustered(), SHOPS, "declared") == "declared"


@pytest.mark.parametrize("there", [BACKING, "p-xyz34"])
def test_without_a_status_it_is_the_namespace_that_is_there(there: str) -> None:
    assert backing_namespace(Clustered(project(), namespace(there, "")), SHOPS) == there


def test_a_project_that_is_not_there_or_tells_nothing_is_refused() -> None:
    with pytest.raises(ClusterError, match=r"demo: Project c-abc12/p-xyz34: does not exist; .*kubectl get projects"):
        backing_namespace(Clustered(), SHOPS)
    with pytest.raises(ClusterError, match=r"does not say its backing namespace; name it in `backingNamespace`"):
        backing_namespace(Clustered(project()), SHOPS)


def test_a_cluster_that_rancher_does_not_run_in_is_refused() -> None:
    found = Clustered()
    require_rancher(found)
    found.ranchers = False
    with pytest.raises(ClusterError, match=r"cluster demo: is no cluster that Rancher runs in"):
        require_rancher(found)
