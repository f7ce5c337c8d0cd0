"""The pull secret of all nodes: ours beside what is there, whoever else writes it."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from typing import Any

import pytest

from hub2ghcr.credentials import Credential
from hub2ghcr.errors import ClusterError, CredentialError
from hub2ghcr.platforms.openshift.global_pull_secret import ATTEMPTS, MARK, refusals, remove, stands, write
from hub2ghcr.pull_secrets.secret import read

from .clusters import AUTHS, OpenShiftCluster, secret

ROBOT = Credential("robot", "the-secret-value")
WANTED = {"ghcr.io": ROBOT}
OURS = {"auth": ROBOT.basic}


def encoded(username: str, token: str) -> dict[str, str]:
    return {"auth": base64.b64encode(f"{username}:{token}".encode()).decode()}


def nap(_: float) -> None:
    """Wait for nobody."""


def told(cluster: OpenShiftCluster, wanted: Mapping[str, Credential] = WANTED) -> list[str]:
    return [str(each) for each in refusals(cluster, "prod", wanted)]


def test_what_is_there_stays_with_all_its_values_and_ours_is_marked_as_ours() -> None:
    cluster = OpenShiftCluster(secret())
    assert not stands(cluster, "prod", WANTED)
    write(cluster, "prod", WANTED)
    assert cluster.auths() == {**AUTHS, "ghcr.io": OURS}
    assert cluster.marks() == '{"ghcr.io": {"stack": "prod", "username": "robot"}}'
    assert stands(cluster, "prod", WANTED)
    live = cluster.get("v1", "Secret", "openshift-config", "pull-secret")
    assert read(live or {}, "x").entries["ghcr.io"].secret == ROBOT.secret


def test_taking_ours_out_leaves_what_was_there() -> None:
    cluster = OpenShiftCluster(secret())
    write(cluster, "prod", WANTED)
    remove(cluster, "prod")
    assert (cluster.auths(), cluster.marks()) == (AUTHS, None)
    written = list(cluster.written)
    remove(cluster, "prod")
    assert cluster.written == written


def test_every_step_can_be_repeated_and_then_writes_nothing() -> None:
    cluster = OpenShiftCluster(secret())
    write(cluster, "prod", WANTED)
    written = list(cluster.written)
    write(cluster, "prod", WANTED)
    assert cluster.written == written


def test_a_new_token_is_renewed_and_an_entry_that_is_not_wanted_any_more_goes() -> None:
    cluster = OpenShiftCluster(secret())
    write(cluster, "prod", {**WANTED, "docker.io": Credential("hub", "hub-token", "a@b.example")})
    assert cluster.auths()["https://index.docker.io/v1/"]["email"] == "a@b.example"
    renewed = {"ghcr.io": Credential("robot", "another-value")}
    assert not stands(cluster, "prod", renewed)
    assert told(cluster, renewed) == []
    write(cluster, "prod", renewed)
    assert cluster.auths() == {**AUTHS, "ghcr.io": encoded("robot", "another-value")}


def test_a_lost_entry_of_ours_is_seen_and_written_again() -> None:
    cluster = OpenShiftCluster(secret(metadata={**secret()["metadata"], "annotations": {MARK: marked("prod")}}))
    assert not stands(cluster, "prod", WANTED)
    write(cluster, "prod", WANTED)
    assert cluster.auths()["ghcr.io"] == OURS


def test_another_user_of_the_same_stack_takes_the_place_of_the_one_before() -> None:
    cluster = OpenShiftCluster(secret())
    write(cluster, "prod", WANTED)
    other = {"ghcr.io": Credential("other", "value")}
    assert told(cluster, other) == []
    write(cluster, "prod", other)
    assert cluster.auths()["ghcr.io"] == encoded("other", "value")
    remove(cluster, "prod")
    assert cluster.auths() == AUTHS


def marked(stack: str) -> str:
    return json.dumps({"ghcr.io": {"stack": stack, "username": "robot"}})


TAKEN: list[tuple[dict[str, Any], str, str]] = [
    ({"ghcr.io": encoded("somebody", "x")}, "", "ghcr.io already, of somebody, and not ours"),
    ({"https://ghcr.io/": encoded("somebody", "x")}, "", "https://ghcr.io/ already, of somebody, and not ours"),
    ({"ghcr.io": encoded("robot", "x")}, "", "ghcr.io already, of robot, and not ours"),
    ({"ghcr.io": {}}, "", "ghcr.io already, of nobody, and not ours"),
    ({"ghcr.io": OURS}, "test", "ghcr.io already, of stack test"),
]


@pytest.mark.parametrize(("entries", "stack", "what"), TAKEN)
def test_an_entry_of_others_is_refused_and_stays(entries: dict[str, Any], stack: str, what: str) -> None:
    annotations = {"annotations": {MARK: marked(stack)}} if stack else {}
    cluster = OpenShiftCluster(secret({**AUTHS, **entries}, metadata={**secret()["metadata"], **annotations}))
    (line,) = told(cluster)
    assert line.startswith("cluster demo: Secret openshift-config/pull-secret: has an entry for ")
    assert what in line and ROBOT.secret not in line
    with pytest.raises(ClusterError):
        write(cluster, "prod", WANTED)
    remove(cluster, "prod")
    assert cluster.auths() == {**AUTHS, **entries} and not cluster.written


def test_every_name_of_docker_hub_is_one_registry() -> None:
    cluster = OpenShiftCluster(secret({"docker.io": encoded("somebody", "x")}))
    (line,) = told(cluster, {"docker.io": ROBOT})
    assert "an entry for docker.io already, of somebody" in line


def test_what_opens_more_specific_names_is_no_clash() -> None:
    cluster = OpenShiftCluster(secret({"ghcr.io/team": encoded("team", "x")}))
    write(cluster, "prod", WANTED)
    assert cluster.auths() == {"ghcr.io/team": encoded("team", "x"), "ghcr.io": OURS}


def test_what_others_have_put_there_alike_is_enough_and_stays_theirs() -> None:
    there = {**AUTHS, "ghcr.io": encoded("robot", ROBOT.secret)}
    cluster = OpenShiftCluster(secret(there))
    assert told(cluster) == []
    write(cluster, "prod", WANTED)
    assert stands(cluster, "prod", WANTED)
    remove(cluster, "prod")
    assert cluster.auths() == there and not cluster.written


def test_an_entry_that_somebody_has_made_his_own_is_neither_overwritten_nor_taken_away() -> None:
    annotated = {**secret()["metadata"], "annotations": {MARK: marked("prod"), "other": "kept"}}
    cluster = OpenShiftCluster(secret({"ghcr.io": encoded("somebody", "x")}, metadata=annotated))
    (line,) = told(cluster)
    assert "of somebody, and not ours" in line
    with pytest.raises(ClusterError):
        write(cluster, "prod", WANTED)
    remove(cluster, "prod")
    assert cluster.auths() == {"ghcr.io": encoded("somebody", "x")} and cluster.marks() is None


def test_a_faster_writer_is_waited_for_and_what_he_wrote_stays(monkeypatch: pytest.MonkeyPatch) -> None:
    cluster = OpenShiftCluster(secret())
    cluster.outrun = 3

    def meanwhile(_: float) -> None:
        others = {**cluster.auths(), f"registry-{cluster.outrun}.example": encoded("x", "y")}
        cluster.objects["v1", "Secret", "openshift-config", "pull-secret"] = secret(others)

    write(cluster, "prod", WANTED, meanwhile)
    assert set(cluster.auths()) == {*AUTHS, "ghcr.io", *(f"registry-{each}.example" for each in range(3))}


def test_who_is_never_let_through_says_so() -> None:
    cluster = OpenShiftCluster(secret())
    cluster.outrun = ATTEMPTS
    with pytest.raises(ClusterError, match="was written by others each of 40 times"):
        write(cluster, "prod", WANTED, nap)


BROKEN = [{}, {".dockerconfigjson": "%"}, {".dockerconfigjson": base64.b64encode(b'{"auths": 1}').decode()}]


@pytest.mark.parametrize("data", BROKEN)
def test_a_secret_that_cannot_be_read_is_refused_and_not_written(data: dict[str, str]) -> None:
    cluster = OpenShiftCluster(secret(data=data))
    (line,) = told(cluster)
    assert "holds no JSON object with `auths`" in line
    with pytest.raises(CredentialError):
        write(cluster, "prod", WANTED)


def test_a_cluster_without_one_is_no_openshift() -> None:
    cluster = OpenShiftCluster()
    (line,) = told(cluster)
    assert "does not exist; an OpenShift cluster has one" in line
    assert not stands(cluster, "prod", WANTED)
    with pytest.raises(ClusterError):
        write(cluster, "prod", WANTED)
    remove(cluster, "prod")


@pytest.mark.parametrize("mark", ["no JSON", "[]", '{"ghcr.io": 1}'])
def test_a_mark_that_somebody_broke_marks_nothing(mark: str) -> None:
    annotated = {**secret()["metadata"], "annotations": {MARK: mark}}
    cluster = OpenShiftCluster(secret({"ghcr.io": OURS}, metadata=annotated))
    remove(cluster, "prod")
    assert cluster.auths() == {"ghcr.io": OURS}
