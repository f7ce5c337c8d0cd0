"""Objects that updaters read are declared with the names that images move to; nothing is copied for them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from hub2ghcr.errors import Problems
from hub2ghcr.lock import Lock
from hub2ghcr.plan import build
from hub2ghcr.settings import load
from hub2ghcr.wanted import wanted

from .conftest import Project

ROOT = Path(__file__).parents[2]
REPOSITORY = """
apiVersion: image.toolkit.fluxcd.io/v1
kind: ImageRepository
metadata: {name: shop}
spec: {image: acme/elsewhere}
---
apiVersion: argoproj.io/v1alpha1
kind: Application
metadata:
  name: shop
  annotations: {argocd-image-updater.argoproj.io/image-list: "a=acme/elsewhere:~1, b=quay.io/x/y"}
"""


def test_what_updaters_follow_moves_by_name_and_needs_no_lock_entry(project: Project) -> None:
    before = wanted(project.settings(), project.root)
    project.write("new.yaml", (project.root / "new.yaml").read_text() + "---" + REPOSITORY)
    plan = build(project.settings(), project.lock, project.root)
    (new,) = (each for each in plan.clusters[0].namespaces if each.name == "new")
    documents: dict[str, Any] = {each.kind: each.document for each in new.workloads}
    assert documents["ImageRepository"]["spec"] == {"image": "ghcr.io/acme/elsewhere"}
    (listed,) = documents["Application"]["metadata"]["annotations"].values()
    assert listed == "a=ghcr.io/acme/elsewhere:~1, b=quay.io/x/y"
    assert wanted(project.settings(), project.root) == before
    (application,) = (each for each in new.workloads if each.kind == "Application")
    assert [(each.before, each.after, each.reason) for each in application.images] == [
        ("acme/elsewhere", "ghcr.io/acme/elsewhere", ""),
        ("quay.io/x/y", "quay.io/x/y", "lives on quay.io, which no rule claims"),
    ]


def test_they_stay_as_they_are_until_the_cutover(project: Project) -> None:
    project.write("new.yaml", (project.root / "new.yaml").read_text() + "---" + REPOSITORY)
    project.change(lambda config: config["clusters"][0]["namespaces"]["new"].update(phase="prepare"))
    plan = build(project.settings(), project.lock, project.root)
    (new,) = (each for each in plan.clusters[0].namespaces if each.name == "new")
    documents: dict[str, Any] = {each.kind: each.document for each in new.workloads}
    assert documents["ImageRepository"]["spec"] == {"image": "acme/elsewhere"}


@pytest.mark.parametrize("phase", ["prepare", "cutover", "seal"])
def test_where_workloads_are_patched_they_are_left_alone_with_a_warning(project: Project, phase: str) -> None:
    project.write("shop.yaml", (project.root / "shop.yaml").read_text() + "---" + REPOSITORY)
    project.change(lambda config: config["clusters"][0]["namespaces"]["shop"].update(phase=phase))
    plan = build(project.settings(), project.lock, project.root)
    (shop,) = (each for each in plan.clusters[0].namespaces if each.name == "shop")
    assert [each.kind for each in shop.workloads] == ["Deployment"]
    left = {each.kind: each.images[0] for each in shop.untouched if each.kind != "CronJob"}
    assert {kind: each.after for kind, each in left.items()} == dict.fromkeys(
        ("Application", "ImageRepository"), "acme/elsewhere"
    )
    told = "left alone: an updater follows it, and a patch changes what Pods run alone"
    for kind, each in left.items():
        assert each.reason.startswith("an updater follows it")
        assert any(line.startswith(f"shop.yaml: {kind} shop: {told}") for line in plan.warnings)


def test_a_name_that_cannot_be_read_is_a_problem(project: Project) -> None:
    project.write("new.yaml", REPOSITORY.replace("image: acme/elsewhere", "image: ACME/e!"))
    with pytest.raises(Problems) as caught:
        build(project.settings(), project.lock, project.root)
    assert len(caught.value.lines) == 1


MARKED = """
apiVersion: v1
kind: List
items:
- apiVersion: v1
  kind: Pod
  metadata: {name: smoke}
  spec:
    containers:
    - name: shop
      image: acme/shop:1.4.2 # {"$imagepolicy": "flux-system:shop"}
    - name: other
      image: acme/shop:1.4.2
"""


@pytest.mark.parametrize("marker", ['"$imagepolicy"', '"$other"'])
def test_what_flux_writes_is_copied_and_not_pinned(project: Project, marker: str) -> None:
    project.write(
        "new.yaml",
        MARKED.replace("name: other\n      image: acme/shop", "name: other\n      image: docker.io/acme/shop").replace(
            '"$imagepolicy"', marker
        ),
    )
    plan = build(project.settings(), project.lock, project.root)
    (new,) = (each for each in plan.clusters[0].namespaces if each.name == "new")
    (smoke,) = new.workloads
    target = "ghcr.io/acme/shop:1.4.2"
    first, second = (each.after for each in smoke.images)
    assert (first == target, second.startswith(f"{target}@sha256:")) == (marker == '"$imagepolicy"', True)
    assert smoke.copies == (target,)
    why = "not pinned, for Flux's ImagePolicy flux-system:shop writes its tag and takes a digest away"
    told = f"new.yaml: Pod smoke: spec.containers[0].image: acme/shop:1.4.2: {why}"
    assert (told in plan.warnings) == (marker == '"$imagepolicy"')


def test_what_is_on_ghcr_and_flux_writes_stays_as_it_is(project: Project) -> None:
    target = "ghcr.io/acme/shop:1.4.2"
    project.write("new.yaml", MARKED.replace("acme/shop:1.4.2 #", f"{target} #"))
    plan = build(project.settings(), project.lock, project.root)
    (new,) = (each for each in plan.clusters[0].namespaces if each.name == "new")
    assert new.workloads[0].images[0].after == target


def test_the_example_moves_what_is_followed_and_what_runs() -> None:
    settings = load("updaters", ROOT, {"KUBECONFIG": "/kube/config"})
    plan = build(settings, Lock.load(ROOT / settings.images.lock, settings.images.lock), ROOT)
    moved = {
        (each.kind, each.images[0].before, each.images[0].after)
        for namespace in plan.clusters[0].namespaces
        for each in namespace.all_workloads
    }
    assert moved == {
        ("Application", "acme/cart", "ghcr.io/acme/cart"),
        ("Deployment", "acme/shop:1.4.2", "ghcr.io/acme/shop:1.4.2"),
        ("ImageRepository", "acme/shop", "ghcr.io/acme/shop"),
    }
    assert [each.target for each in plan.copies] == ["ghcr.io/acme/shop:1.4.2"]
