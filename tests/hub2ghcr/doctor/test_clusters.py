from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import pytest

from hub2ghcr import cluster_access
from hub2ghcr.cluster import Right
from hub2ghcr.doctor import clusters
from hub2ghcr.doctor.finding import Finding
from hub2ghcr.permissions import rights
from hub2ghcr.plan import build
from tests.hub2ghcr.conftest import Project


class Reached:
    """A cluster whose credential lacks some rights."""

    def __init__(self, *missing: Right) -> None:
        self.missing = missing

    def version(self) -> str:
        return "v1.34.2"

    def allowed(self, wanted: Iterable[Right]) -> tuple[Right, ...]:
        assert {*self.missing} <= {*wanted}
        return self.missing


@pytest.mark.parametrize("lacks", [(), (Right("patch", "deployments.apps", "shop"),)])
def test_what_a_clusters_credential_may_not_do_is_named(
    project: Project, monkeypatch: pytest.MonkeyPatch, lacks: tuple[Right, ...]
) -> None:
    plan = build(project.settings(), project.lock, project.root)
    (cluster,) = plan.clusters
    patient: Any = type("Patient", (), {"environ": {}})()
    monkeypatch.setattr(cluster_access, "clusters", lambda *_: {"one": Reached(*lacks)})
    (found,) = clusters.look(patient, plan, cluster)
    if lacks:
        what = "v1.34.2; its credential may not patch deployments.apps in shop"
        assert found == Finding("failure", "cluster", "one", what, "grant it by a Role or ClusterRole")
    else:
        assert (found.state, found.text) == ("ok", f"v1.34.2; its credential has all {len(rights(cluster))} rights")
