"""What was there before us, and what our own settings were before: taken over, changed and given back, Pods kept."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import Any

import pytest
import yaml

from lab import toolchain
from lab.errors import LabError
from lab.kubectl import get, kubectl
from tests.e2e import proving
from tests.e2e.conftest import Lab
from tests.e2e.proving import Document
from tests.e2e.stack import Stack
from tests.e2e.test_cluster_inventory import KAFKA
from tests.e2e.test_cluster_workloads import (
    NGINX,
    NS,
    OWNERS,
    Make,
    apply_as,
    deployment,
    fails,
    image,
    make,
    managers,
    one,
    settled,
    templated,
    uids,
    up,
)

__all__ = ["make"]  # a fixture

pytestmark = [pytest.mark.e2e, pytest.mark.root]

SETTINGS = f"hub2ghcr:clusters.0.namespaces.{NS}"


def delivered(stack: Stack, delivery: str, **more: Any) -> None:
    """Change the delivery of the namespace, and the settings that go with it."""
    settings = {"manifests": ["stacks/app.yaml"], "delivery": delivery, **more}
    stack.configure({SETTINGS: settings})


@pytest.mark.slow
def test_a_change_of_delivery_replaces_no_pod_and_deletes_nothing(make: Make) -> None:
    """Patched, Pulumi's own, patched again, rendered to files: who writes the images changes, and not what runs."""
    stack = make(deployment("web"), deployment("api", "acme/worker:3.1"))
    env = stack.lab.env
    before = proving.templates(env, NS)
    up(stack, "cutover")
    settled(stack)
    moved, running = proving.templates(env, NS), uids(stack)
    for delivery, more in (
        ("own", {"adopt": True}),
        ("patch", {}),
        ("render", {"render": {"folder": "out"}}),
        ("patch", {}),
    ):
        delivered(stack, delivery, **more)
        up(stack, "cutover")
        settled(stack)
        assert (proving.templates(env, NS), uids(stack)) == (moved, running), delivery
    up(stack, "prepare")
    assert proving.templates(env, NS) == before
    for name in ("web", "api"):
        found = one(stack, "deployment", name)
        assert "hub2ghcr" not in managers(found)
        assert "hub2ghcr/stack" not in found["metadata"]["annotations"]


@pytest.mark.slow
def test_what_was_patched_and_is_pulumis_own_goes_back_to_what_it_was(make: Make) -> None:
    stack = make(deployment("web"), deployment("api", "acme/worker:3.1"))
    before = proving.templates(stack.lab.env, NS)
    up(stack, "cutover")
    delivered(stack, "own", adopt=True)
    up(stack, "cutover")
    up(stack, "prepare")
    assert proving.templates(stack.lab.env, NS) == before


def by_helm(stack: Stack, folder: Path) -> None:
    """Install the Deployment as a release of a chart, by the real program."""
    chart = folder / "chart"
    (chart / "templates").mkdir(parents=True)
    (chart / "Chart.yaml").write_text("apiVersion: v2\nname: shop\nversion: 1.0.0\n")
    (chart / "templates" / "web.yaml").write_text(yaml.safe_dump(deployment("web")))
    helm(stack, "install", "shop", str(chart))


def helm(stack: Stack, *command: str) -> None:
    """Run Helm against the lab's cluster; it has to work."""
    (program,) = (each / "helm" for each in toolchain.resolve(["helm"], quiet=True).folders if (each / "helm").exists())
    done = stack.lab.run(str(program), *command, "--namespace", NS, cwd=stack.folder, HELM_CACHE_HOME=str(stack.folder))
    assert done.returncode == 0, done.stdout + done.stderr


def by_argo(stack: Stack, _: Path) -> None:
    """Apply the Deployment as Argo CD does where it applies server-side."""
    manager, metadata = OWNERS["Argo CD"]
    web = deployment("web")
    web["metadata"] |= metadata
    apply_as(stack.lab.env, web, str(manager))


TAKEN = {"Helm": (by_helm, "helm"), "Argo CD": (by_argo, "argocd-controller")}


@pytest.mark.slow
@pytest.mark.parametrize("owner", TAKEN)
@pytest.mark.parametrize("delivery", ["patch", "own"])
def test_what_may_be_taken_from_its_owner_moves_at_cutover_alone_and_back(
    make: Make, tmp_path: Path, owner: str, delivery: str, reports: dict[str, list[tuple[str, ...]]]
) -> None:
    """`takeFrom` names the owner's manager. Negative control: without it the cutover is refused."""
    applied, manager = TAKEN[owner]
    stack = make(manifest=[deployment("web")], delivery=delivery, adopt=delivery == "own")
    env = stack.lab.env
    applied(stack, tmp_path / "release")
    settled(stack)
    assert manager in managers(one(stack, "deployment", "web"))
    before, generations, running = proving.templates(env, NS), proving.generations(env, NS), uids(stack)
    told = fails(stack, "cutover")
    assert [each for each in told if f"belongs to {owner}" in each], told
    stack.configure({"hub2ghcr:clusters.0.takeFrom": [manager]})
    up(stack, "prepare")
    assert (proving.templates(env, NS), uids(stack)) == (before, running)
    if delivery == "patch":  # Pulumi's own has annotations of Pulumi's, and those count as a generation
        assert proving.generations(env, NS) == generations
    up(stack, "cutover")
    settled(stack)
    assert image(one(stack, "deployment", "web")).startswith(NGINX)
    switched = uids(stack)
    assert switched.isdisjoint(running)
    up(stack, "prepare")
    settled(stack)
    assert proving.templates(env, NS) == before
    rows = reports.setdefault("Adoption", [("applied by", "delivery", "prepare", "cutover", "prepare again")])
    rows.append((f"{owner}, `takeFrom: [{manager}]`", delivery, "same Pods", f"{len(switched)} Pods new", "as before"))


ROLLOUT = {
    **KAFKA,
    "metadata": {"name": "rollouts.argoproj.io"},
    "spec": {
        **KAFKA["spec"],
        "group": "argoproj.io",
        "names": {"kind": "Rollout", "plural": "rollouts", "singular": "rollout", "listKind": "RolloutList"},
        "versions": [{**KAFKA["spec"]["versions"][0], "name": "v1alpha1"}],
    },
}


@pytest.fixture
def custom(lab: Lab) -> Iterator[None]:
    """A cluster that serves custom resources of two kinds: images in a field, and in a pod template."""
    env = lab.env
    names = [f"crd/{each['metadata']['name']}" for each in (KAFKA, ROLLOUT)]
    kubectl(env, "delete", *names, "--ignore-not-found", "--timeout=60s")
    for each in (KAFKA, ROLLOUT):
        kubectl(env, "apply", "-f", "-", stdin=json.dumps(each))
    kubectl(env, "wait", *names, "--for=condition=Established", "--timeout=60s")
    for plural in ("kafkas", "rollouts"):
        proving.until(partial(served, env, plural), f"{plural} are served")
    yield
    kubectl(env, "delete", *names, "--timeout=60s")


def served(env: Mapping[str, str], plural: str) -> bool:
    """Whether the API server has begun to serve a kind, which is a moment after it says so."""
    try:
        return get(env, plural, "--all-namespaces") == []
    except LabError:
        return False


@pytest.mark.slow
def test_custom_resources_are_switched_whole_or_refused_by_name(custom: None, make: Make) -> None:
    """No patch can name an entry of their lists; as Pulumi's own they go there and back, and are left as they are."""
    kafka: Document = {"apiVersion": "kafka.strimzi.io/v1beta2", "kind": "Kafka"}
    kafka |= {"metadata": {"name": "log", "namespace": NS}, "spec": {"kafka": {"image": "nginx:1.27", "replicas": 3}}}
    stack = make(kafka, templated("argoproj.io/v1alpha1", "Rollout", "web", "nginx:1.27"))

    def specs() -> list[Any]:
        return [one(stack, kind, name)["spec"] for kind, name in (("kafka", "log"), ("rollout", "web"))]

    before = specs()
    told = fails(stack, "cutover")
    for kind in ("Kafka", "Rollout"):
        assert [each for each in told if f"a {kind} cannot be patched" in each and "`delivery: own`" in each], told
    assert specs() == before
    delivered(stack, "own", adopt=True)
    up(stack, "prepare")
    assert specs() == before
    assert "Rollout web: of a kind that nobody here can watch" in up(stack, "cutover")
    log, web = specs()
    assert log["kafka"]["image"].startswith(NGINX)
    assert log["kafka"]["replicas"] == 3
    assert web["template"]["spec"]["containers"][0]["image"].startswith(NGINX)
    up(stack, "cutover", "--expect-no-changes")
    up(stack, "prepare")
    assert specs() == before
    done = stack.pulumi("destroy", "--yes", "--skip-preview")
    assert done.returncode == 0, done.stdout
    assert specs() == before
