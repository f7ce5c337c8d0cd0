from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import pytest

from hub2ghcr import cluster_access
from hub2ghcr.cluster import Right
from hub2ghcr.doctor import clusters, platforms
from hub2ghcr.doctor.finding import Finding
from hub2ghcr.errors import Refused
from hub2ghcr.permissions import rights
from hub2ghcr.plan import build
from tests.hub2ghcr.conftest import Project


class Reached:
    """A cluster whose credential lacks some rights."""

    def __init__(self, *missing: Right, forbidden: bool = False) -> None:
        self.missing = missing
        self.forbidden = forbidden

    def version(self) -> str:
        return "v1.34.2"

    def allowed(self, wanted: Iterable[Right]) -> tuple[Right, ...]:
        assert {*self.missing} <= {*wanted}
        return self.missing

    def list(self, api_version: str, kind: str) -> Iterator[dict[str, Any]]:
        assert api_version == "v1"
        if self.forbidden:
            raise Refused("may not", "cluster one", reason="Forbidden")
        if kind == "Node":
            yield {"metadata": {"name": "a"}, "status": {"nodeInfo": {"containerRuntimeVersion": "containerd://2.1.4"}}}

    def groups(self) -> Mapping[str, str]:
        return {"apps": "apps/v1", "image.toolkit.fluxcd.io": "image.toolkit.fluxcd.io/v1"}


@pytest.mark.parametrize("lacks", [(), (Right("patch", "deployments.apps", "shop"),)])
def test_what_a_clusters_credential_may_not_do_is_named(
    project: Project, monkeypatch: pytest.MonkeyPatch, lacks: tuple[Right, ...]
) -> None:
    plan = build(project.settings(), project.lock, project.root)
    (cluster,) = plan.clusters
    patient: Any = type("Patient", (), {"environ": {}})()
    monkeypatch.setattr(cluster_access, "clusters", lambda *_: {"one": Reached(*lacks)})
    found, *_ = clusters.look(patient, plan, cluster)
    if lacks:
        what = "v1.34.2; its credential may not patch deployments.apps in shop"
        assert found == Finding("failure", "cluster", "one", what, "grant it by a Role or ClusterRole")
    else:
        assert (found.state, found.text) == ("ok", f"v1.34.2; its credential has all {len(rights(cluster))} rights")


def test_what_a_cluster_runs_on_is_told_with_what_applies() -> None:
    found = platforms.look(Reached(), "one")  # type: ignore[arg-type]
    assert [(each.state, each.area, each.name) for each in found] == [("ok", "platform", "one")] * 2
    assert [each.text.partition(":")[0] for each in found] == ["containerd 2.x", "Flux image automation"]


def test_a_credential_that_may_not_list_nodes_is_no_failure() -> None:
    found = platforms.look(Reached(forbidden=True), "one")  # type: ignore[arg-type]
    assert [each.text for each in found[1:]] == [
        "its credential may not list nodes: what they tell of a platform is not known",
        "its credential may not list namespaces: what they tell of a platform is not known",
    ]
    assert {each.state for each in found} == {"ok"}
