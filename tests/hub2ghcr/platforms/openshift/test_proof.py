"""What a run is told before it changes anything of an OpenShift cluster."""

from __future__ import annotations

import json

import pytest

from hub2ghcr.credentials import Credential
from hub2ghcr.errors import Problems
from hub2ghcr.expected import Expectations, prove
from hub2ghcr.platforms.openshift import MirrorRule, Opens, OpenShift
from hub2ghcr.pull_secrets.pulling import Puller

from .clusters import OpenShiftCluster, secret

WANTED = OpenShift(
    "prod",
    "ours",
    (Opens("ghcr.io", "pull", "robot"),),
    ("digest", "tag"),
    (MirrorRule("docker.io/acme", "ghcr.io/acme"),),
)


def proven(cluster: OpenShiftCluster, wanted: OpenShift | None) -> tuple[str, ...]:
    expected = Expectations.of(Expectations("ours", openshift=wanted).text)
    assert expected.openshift == wanted
    try:
        prove(cluster, expected, credential=lambda _: Credential("robot", "x"), puller=Puller(lambda *_: None))  # type: ignore[arg-type]
    except Problems as problems:
        return problems.lines
    return ()


def test_all_that_is_wrong_comes_at_once_and_nothing_is_written() -> None:
    cluster = OpenShiftCluster(secret({"ghcr.io": {"auth": "YTpi"}}))
    cluster.unserved = ("ImageTagMirrorSet",)
    lines = proven(cluster, WANTED)
    assert len(lines) == 2 and not cluster.written
    assert any("an entry for ghcr.io already, of a" in line for line in lines)
    assert any("ImageTagMirrorSet" in line for line in lines)


def test_a_cluster_that_can_have_it_is_told_nothing() -> None:
    assert proven(OpenShiftCluster(secret()), WANTED) == ()


@pytest.mark.parametrize("wanted", [None, OpenShift("prod", "ours")])
def test_what_is_not_asked_for_is_not_looked_at(wanted: OpenShift | None) -> None:
    assert proven(OpenShiftCluster(), wanted) == ()


def test_a_stack_without_it_expects_what_it_always_did() -> None:
    assert "openshift" not in json.loads(Expectations("ours").text)
