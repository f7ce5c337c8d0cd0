"""What is said of the cluster that Rancher runs in, before a run."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from hub2ghcr import cluster_access
from hub2ghcr.cluster import Cluster, Right
from hub2ghcr.doctor import Finding, projects
from hub2ghcr.errors import ClusterError, CredentialError
from hub2ghcr.plan import Cluster as Planned
from hub2ghcr.plan import CredentialRef, Kubeconfig, Server
from hub2ghcr.platforms.rancher.registries import Rancher
from tests.hub2ghcr.platforms.rancher.pretending import BACKING, SECRET, Clustered, project, setting

RANCHER = Rancher((SECRET,), Kubeconfig("/kube/rancher", "rancher"))
PLANNED = Planned("one", Kubeconfig("/kube/config", "one"), (), rancher=RANCHER)
NAME = "of Rancher (one)"


class Reached(Clustered):
    """Rancher's own cluster; ``lacks`` are rights that its credential does not have."""

    name = NAME
    lacks: tuple[Right, ...] = ()

    def allowed(self, rights: Iterable[Right]) -> tuple[Right, ...]:
        assert {*self.lacks} <= {*rights}
        return self.lacks


def looked(monkeypatch: pytest.MonkeyPatch, reached: Reached) -> list[Finding]:
    reached.name = NAME
    monkeypatch.setattr(cluster_access, "management", lambda *_: reached)
    patient: Any = type("Patient", (), {"environ": {}})()
    return projects.look(patient, PLANNED, RANCHER)


def test_a_cluster_that_can_have_the_secrets_is_said_to(monkeypatch: pytest.MonkeyPatch) -> None:
    (found,) = looked(monkeypatch, Reached(setting("v2.12.1"), project(backingNamespace=BACKING)))
    assert str(found) == f"cluster {NAME}: its credential may write the Secret of 1 project"
    assert found.state == "ok"


def test_rights_are_asked_for_where_the_secrets_lie(monkeypatch: pytest.MonkeyPatch) -> None:
    reached = Reached(project(backingNamespace="p-xyz34"))
    reached.lacks = (Right("create", "secrets", "p-xyz34"),)
    (found,) = looked(monkeypatch, reached)
    assert (found.state, found.text) == ("failure", "its credential may not create secrets in p-xyz34")


def test_an_old_rancher_and_a_project_that_is_not_there_are_told_together(monkeypatch: pytest.MonkeyPatch) -> None:
    found = looked(monkeypatch, Reached(setting("v2.11.3")))
    assert [each.state for each in found] == ["failure", "failure"]
    assert "is Rancher v2.11.3" in found[0].text and "does not exist" in found[1].text


def test_another_cluster_than_rancher_s_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    reached = Reached()
    reached.ranchers = False
    with pytest.raises(ClusterError, match="is no cluster that Rancher runs in"):
        looked(monkeypatch, reached)


def test_it_is_reached_as_the_plan_says(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    said: list[tuple[Any, ...]] = []

    def reach(*how: Any) -> Cluster:
        said.append(how)
        return Clustered()

    monkeypatch.setattr(Cluster, "by_kubeconfig", reach)
    monkeypatch.setattr(Cluster, "by_server", reach)
    monkeypatch.setattr(Clustered, "close", lambda _: None)
    server = Server("https://rancher.example", CredentialRef("admin", "ann", "adminToken"))
    with ExitStack() as opened:
        for each in (Kubeconfig("/kube/rancher", "rancher"), None, server):
            rancher = replace(RANCHER, management=each)
            cluster_access.management(PLANNED, rancher, {"HUB2GHCR_SECRET_ADMIN_TOKEN": "value"}, opened)
        with pytest.raises(CredentialError, match="the token of the cluster is not here"):
            cluster_access.management(PLANNED, replace(RANCHER, management=server), {}, opened)
    assert said == [
        (NAME, "/kube/rancher", "rancher"),
        (NAME, "/kube/config", "one"),
        (NAME, "https://rancher.example", "value", None),
    ]
