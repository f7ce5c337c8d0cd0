"""Two clusters, each with a kubelet that pulls: a stack for each, and both in one stack."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from lab import second_cluster
from lab.kubectl import get, kubectl
from tests.e2e import proving
from tests.e2e.conftest import Lab
from tests.e2e.stack import Stack, lines

pytestmark = [pytest.mark.e2e, pytest.mark.root]

NAMESPACE = "two"
Env = Mapping[str, str]


@pytest.fixture(scope="module")
def other(lab: Lab, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Env]:
    """The environment of a second cluster on the registries of the lab."""
    state = tmp_path_factory.mktemp("second")
    yield {**lab.env, "KUBECONFIG": str(second_cluster.up(state, lab.state, lab.tools))}
    second_cluster.down(state)


@pytest.fixture
def both(lab: Lab, other: Env, many_pulls: None) -> Iterator[tuple[Env, Env]]:
    """Both clusters with the application on Docker Hub images."""
    for env in (lab.env, other):
        proving.deploy(env, NAMESPACE, proving.application(NAMESPACE))
    yield lab.env, other
    for env in (lab.env, other):
        kubectl(env, "delete", "namespace", NAMESPACE, "--ignore-not-found", "--wait=false")


def stack(lab: Lab, folder: Path, name: str, **clusters: Env) -> Stack:
    """A stack in phase ``cutover`` over clusters by name."""
    namespace = {"manifests": ["stacks/app.yaml"]}
    listed = [
        proving.cluster(cluster, env["KUBECONFIG"], **{NAMESPACE: namespace}) for cluster, env in clusters.items()
    ]
    manifests = {"app": proving.application(NAMESPACE)}
    # stacks that share a lock share where their images go
    mapping = {"rules": [{"from": "docker.io/*", "to": "ghcr.io/acme/two/*"}]}
    return proving.create(lab, folder, name, listed, manifests, phase="cutover", mapping=mapping)


def moved(env: Env) -> bool:
    """Whether all of the application runs, on images from GHCR."""
    proving.settle(env, NAMESPACE)
    proving.until(lambda: len(proving.pods(env, NAMESPACE)) == 4, "no Pod is leaving")
    return all(image.startswith("ghcr.io/acme/") for image in proving.named(env, NAMESPACE))


def run(found: Stack) -> None:
    done = found.up()
    assert done.returncode == 0, done.stdout + done.stderr


def written(env: Env) -> dict[str, Any]:
    """What a run may write in the namespace: pull Secrets, ServiceAccounts, pod templates; by kind and name."""
    found: dict[str, Any] = {
        f"{kind}/{each['metadata']['name']}": each["metadata"]["resourceVersion"]
        for kind in ("secrets", "serviceaccounts")
        for each in get(env, kind, "-n", NAMESPACE)
    }
    return found | proving.templates(env, NAMESPACE)


@pytest.mark.slow
def test_a_stack_for_each_cluster_touches_that_cluster_alone(lab: Lab, both: tuple[Env, Env], tmp_path: Path) -> None:
    first, second = both
    east = stack(lab, tmp_path, "east", east=first)
    west = stack(lab, tmp_path, "west", west=second)
    before = proving.templates(second, NAMESPACE)
    run(east)
    assert moved(first)
    assert proving.templates(second, NAMESPACE) == before
    run(west)
    assert moved(second)
    assert east.up("--expect-no-changes").returncode == 0


@pytest.mark.slow
def test_two_clusters_in_one_stack_move_together_and_go_back_together(
    lab: Lab, both: tuple[Env, Env], tmp_path: Path
) -> None:
    """That both share one pull credential is said."""
    found = stack(lab, tmp_path, "pair", east=both[0], west=both[1])
    before = [proving.templates(env, NAMESPACE) for env in both]
    done = found.up()
    assert done.returncode == 0, done.stdout + done.stderr
    assert all(moved(env) for env in both)
    assert "clusters east, west share the pull credential ghcr-cluster-demo" in done.stdout
    found.configure({"hub2ghcr:phase": "prepare"})
    run(found)
    assert [proving.templates(env, NAMESPACE) for env in both] == before


@pytest.mark.slow
def test_a_cluster_that_is_down_stops_before_anything_is_changed_in_the_other(
    lab: Lab, both: tuple[Env, Env], tmp_path: Path
) -> None:
    """Negative control of the pair: with one cluster unreachable nothing is written, and its line says which."""
    closed = tmp_path / "closed"
    config = json.loads(Path(both[1]["KUBECONFIG"]).read_text())
    config["clusters"][0]["cluster"]["server"] = "https://127.0.0.1:1"
    closed.write_text(json.dumps(config))
    found = stack(lab, tmp_path, "broken", east=both[0], west={"KUBECONFIG": str(closed)})
    before = [written(env) for env in both]
    done = found.up()
    assert done.returncode != 0
    assert any("cluster west: is unreachable" in each for each in lines(done)), done.stdout + done.stderr
    assert [written(env) for env in both] == before
    found.configure({"hub2ghcr:clusters.1.kubeconfig": both[1]["KUBECONFIG"]})
    run(found)
    after = [written(env) for env in both]
    assert all(was != now for was, now in zip(before, after, strict=True)), "the control: a run is seen"
