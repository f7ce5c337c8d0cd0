from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from hub2ghcr.expected import Expectation
from hub2ghcr.expected.expectation import State
from hub2ghcr.expected.rules import faults, lost_secrets
from hub2ghcr.owning import REMADE, STACK
from tests.hub2ghcr.expected.objects import NEW, OLD, deployment, document, managed, patched

OURS = "hub2ghcr-test"
TYPE = "kubernetes.io/dockerconfigjson"
GOING = {"deletionTimestamp": "2026-01-01T00:00:00Z"}


def secret(by: str = OURS, **data: Any) -> dict[str, Any]:
    metadata = {"name": "s", "namespace": "shop", "managedFields": [managed(by)]}
    return {"apiVersion": "v1", "kind": "Secret", "type": TYPE, "metadata": metadata, **data}


def copied(by: str = OURS) -> dict[str, Any]:
    """One that Rancher has written its copy over."""
    found = secret(by)
    found["metadata"]["annotations"] = {"management.cattle.io/project-scoped-secret-copy": "true"}
    return found


def told(expected: Expectation, live: dict[str, Any] | None) -> list[str]:
    return [what for what, _ in faults(expected, live, OURS, ("kubectl*",))]


PRESENCE: list[tuple[State, dict[str, Any] | None, list[str]]] = [
    ("there", None, ["does not exist"]),
    ("there", secret("helm"), []),
    ("absent", None, []),
    ("absent", secret(), []),
    ("absent", secret("helm"), ["already exists, managed by helm"]),
    ("absent", secret("hub2ghcr"), ["already exists, managed by hub2ghcr"]),
    ("absent", secret("hub2ghcr-other"), ["already exists, managed by hub2ghcr-other"]),
    ("absent", secret(type="Opaque"), ["is of type Opaque, which cannot be changed"]),
    ("copied", None, []),
    ("copied", secret("rancher"), []),
    ("absent", copied(), ["is a copy that Rancher keeps of a project's Secret"]),
    ("absent", copied("rancher"), ["is a copy that Rancher keeps of a project's Secret"]),
    ("absent", secret(immutable=True), ["is immutable: no token in it can be renewed"]),
    ("adopted", None, ["does not exist"]),
    ("adopted", secret("kubectl"), []),
    ("patched", None, ["does not exist, and a patch would create it"]),
    ("recreated", None, []),
    ("fixed", None, []),
    ("fixed", secret("helm"), ["already exists, managed by helm"]),
]


@pytest.mark.parametrize(("state", "live", "faulty"), PRESENCE)
def test_an_object_is_there_or_not_as_its_delivery_needs(
    state: State, live: dict[str, Any] | None, faulty: list[str]
) -> None:
    assert told(Expectation("v1", "Secret", "shop", "s", state, "do this"), live) == faulty


@pytest.mark.parametrize("key", ["pullSecretName", "pushSecretName"])
def test_the_remedy_names_the_setting_by_which_a_secret_is_called(key: str) -> None:
    expected = Expectation("v1", "Secret", "shop", "s", "absent", f"choose another `{key}`, or delete it")
    lives = (secret("helm"), secret(type="Opaque"), copied())
    assert [remedy for live in lives for _, remedy in faults(expected, live, OURS)] == [
        f"choose another `{key}`, or delete it",
        f"delete it, or choose another `{key}`",
        f"choose another `{key}`",
    ]


def test_the_remedy_is_that_of_what_was_expected() -> None:
    assert list(faults(Expectation("v1", "Secret", "shop", "s", "there", "do this"), None, OURS)) == [
        ("does not exist", "do this")
    ]


LABELLED: list[tuple[dict[str, str], list[str]]] = [
    ({"team": "shop", "x": "y"}, []),
    ({"team": "pay"}, ["was selected by team=shop, and has team=pay"]),
    ({}, ["was selected by team=shop, and has no label team"]),
]


@pytest.mark.parametrize(("labels", "faulty"), LABELLED)
def test_a_namespace_that_was_selected_still_has_its_labels(labels: dict[str, str], faulty: list[str]) -> None:
    live = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "shop", "labels": labels}}
    assert told(Expectation("v1", "Namespace", "", "shop", "there", labels={"team": "shop"}), live) == faulty
    assert told(Expectation("v1", "Namespace", "", "shop", "there"), live) == []


@pytest.mark.parametrize("state", ["there", "adopted", "patched"])
def test_what_is_being_deleted_is_not_there_any_more(state: State) -> None:
    expected = Expectation("apps/v1", "Deployment", "shop", "web", state)
    assert told(expected, deployment(**GOING)) == ["is being deleted"]


@pytest.mark.parametrize("state", ["adopted", "patched", "recreated", "fixed"])
@pytest.mark.parametrize(("stack", "faulty"), [("test", []), ("other", ["is switched by stack other"])])
def test_what_another_stack_has_switched_is_not_taken_from_it(state: State, stack: str, faulty: list[str]) -> None:
    """The field manager of both is the same: without its name each would take the fields of the other unnoticed."""
    live = deployment(managedFields=[managed("hub2ghcr", "web"), managed(OURS)], annotations={STACK: stack})
    assert told(replace(patched(OLD, switched=False), state=state), live) == faulty


ARGO: dict[str, Any] = {"annotations": {"argocd.argoproj.io/tracking-id": "shop:apps/Deployment:shop/web"}}
HELM: dict[str, Any] = {"annotations": {"meta.helm.sh/release-name": "shop", "meta.helm.sh/release-namespace": "shop"}}
ADOPTED = [
    (deployment(), ("kubectl*",), []),
    (deployment(by="hub2ghcr"), (), []),
    (deployment(by=OURS), (OURS,), []),
    (deployment(by="someone"), ("kubectl*",), ["its image is managed by someone"]),
    (deployment(by="hub2ghcr-other"), (OURS,), ["its image is managed by hub2ghcr-other"]),
    (deployment(by="helm", **HELM), ("kubectl*",), ["belongs to Helm release shop/shop"]),
    (deployment(by="helm", **HELM), ("helm",), []),
    (deployment(by="argocd-controller", **ARGO), ("kubectl*",), ["belongs to Argo CD application shop"]),
    (secret("helm") | {"metadata": secret("helm")["metadata"] | HELM}, (), ["belongs to Helm release shop/shop"]),
]


@pytest.mark.parametrize(("live", "take_from", "faulty"), ADOPTED)
def test_what_is_adopted_is_taken_from_named_managers_alone(
    live: dict[str, Any], take_from: tuple[str, ...], faulty: list[str]
) -> None:
    expected = Expectation(live["apiVersion"], live["kind"], "shop", live["metadata"]["name"], "adopted")
    assert [what for what, _ in faults(expected, live, OURS, take_from)] == faulty


JOB: dict[str, Any] = {"apiVersion": "batch/v1", "kind": "Job"}
FIXED: list[tuple[dict[str, Any], dict[str, Any], list[str]]] = [
    (document(), deployment(image=NEW, by=OURS), []),
    (document(), deployment(image=NEW, by=OURS, pod={"imagePullSecrets": [{"name": "account"}]}), []),
    (document(), deployment(by=OURS), [f"container web is to run {NEW}, and the template of a Job cannot be changed"]),
    (document(OLD), deployment(image=NEW, by=OURS),
     [f"container web is to run {OLD}, and the template of a Job cannot be changed"]),
    (document(imagePullSecrets=[{"name": "ours"}]), deployment(image=NEW, by=OURS),
     ["its Pods are to have the pull Secrets ours, and the template of a Job cannot be changed"]),
    (document(), deployment(by="helm"), ["already exists, managed by helm"]),
]  # fmt: skip


@pytest.mark.parametrize(("wanted", "live", "faulty"), FIXED)
def test_what_cannot_be_changed_once_it_exists_is_as_it_should_be_or_refused(
    wanted: dict[str, Any], live: dict[str, Any], faulty: list[str]
) -> None:
    expected = Expectation("batch/v1", "Job", "shop", "web", "fixed", "do this", wanted | JOB)
    told = list(faults(expected, live | JOB, OURS))
    assert [what.removesuffix(" once it exists") for what, _ in told] == faulty
    if "cannot be changed" in "".join(faulty):
        assert [remedy for _, remedy in told] == [
            "set `recreate: true` of its namespace and run once before its images change, or delete it"
        ]
    live["metadata"]["annotations"] = {REMADE: "true"}
    assert list(faults(expected, live | JOB, OURS)) == told
    remade = replace(expected, state="remade")
    assert [what for what, _ in faults(remade, live | JOB, OURS)] == [each for each in faulty if "exists," in each]
    del live["metadata"]["annotations"]
    assert list(faults(remade, live | JOB, OURS)) == told


DIFFERENT = f"container web runs nginx:1.28, and its manifest says {OLD}"
ENTERING = [
    (patched(OLD, switched=False), deployment(), []),
    (patched(OLD, switched=False), deployment(image="nginx:1.28"), [DIFFERENT]),
    (patched(), deployment(), []),
    (patched(), deployment(image="nginx:1.28"), [DIFFERENT]),
    # it is the stack's own already, and only changes its phase
    (patched(OLD, switched=False), deployment(image=NEW, by=OURS), []),
    (patched(), deployment(image="ghcr.io/acme/old:1", by=OURS), []),
]


@pytest.mark.parametrize(("expected", "live", "faulty"), ENTERING)
def test_what_is_adopted_runs_what_its_manifest_says(
    expected: Expectation, live: dict[str, Any], faulty: list[str]
) -> None:
    """Else Pods would be replaced by what the manifest says, before the cutover and without a word."""
    assert [what for what, _ in faults(replace(expected, state="adopted"), live, OURS, ("kubectl*", OURS))] == faulty


STALE = [
    (patched(), deployment(), []),
    (patched(), deployment(image="docker.io/library/nginx:1.27"), []),
    (patched(was="nginx"), deployment(image="nginx:latest"), []),
    (patched(), deployment(image="nginx:1.28"), [f"container web runs nginx:1.28, and its manifest says {OLD}"]),
    (patched(was="nginx:1.28"), deployment(), [f"container web runs {OLD}, and its manifest says nginx:1.28"]),
    (patched(), deployment(image=NEW), []),
    (patched(), deployment(image="ghcr.io/acme/nginx:1.26"), []),
    (patched(), deployment(image="ghcr.io/acme/nginx:1.26", by="hub2ghcr"), []),
    (patched(), deployment(image="nginx:1.28", by="hub2ghcr"), []),
    # its pull Secret is still ours, its image is not: somebody brought a new version since the switch
    (patched(), deployment(image="nginx:1.28", managedFields=[managed("kubectl-set", "web"), managed("hub2ghcr")]),
     [f"container web runs nginx:1.28, and its manifest says {OLD}"]),
    (patched(), deployment(managedFields=[managed("kubectl-client-side-apply", "web"), managed("hub2ghcr")]), []),
    (patched(OLD, switched=False),
     deployment(image="nginx:1.28", managedFields=[managed("kubectl-set", "web"), managed("hub2ghcr")]), []),
    (patched(OLD, switched=False), deployment(), []),
    (patched(OLD, switched=False), deployment(image=NEW, by="hub2ghcr"), []),
    (patched(OLD, switched=False), deployment(image="nginx:1.28"),
     [f"container web runs nginx:1.28, and its manifest says {OLD}"]),
    (patched(OLD, switched=False), deployment(image=NEW),
     [f"container web runs {NEW}, and its manifest says {OLD}"]),
    (patched(), deployment(pod={"containers": [{"name": "app", "image": OLD}]}), ["has no container web any more"]),
    (patched(volumes=[{"name": "v", "image": {"reference": NEW}}]), deployment(), ["has no volume v any more"]),
    (patched(volumes=[{"name": "v", "emptyDir": {}}]), deployment(), []),
]  # fmt: skip


@pytest.mark.parametrize(("expected", "live", "faulty"), STALE)
def test_a_workload_runs_what_its_manifest_says_or_what_changed_is_named(
    expected: Expectation, live: dict[str, Any], faulty: list[str]
) -> None:
    assert told(expected, live) == faulty


OWNED = [
    (patched(), deployment(by="kubectl-edit"), []),
    (patched(), deployment(by="someone"), ["its image is managed by someone"]),
    (patched(), deployment(by="helm", **HELM), ["belongs to Helm release shop/shop"]),
    (patched(OLD, switched=False), deployment(by="helm", **HELM), ["belongs to Helm release shop/shop"]),
    # what runs on the new image takes nothing from anybody, and the way back gives it back
    (patched(), deployment(image=NEW, by="helm", **HELM), []),
    (patched(OLD, switched=False), deployment(image=NEW, by="hub2ghcr", **HELM), []),
]


@pytest.mark.parametrize(("expected", "live", "faulty"), OWNED)
def test_an_image_is_taken_from_no_owner_that_is_not_named(
    expected: Expectation, live: dict[str, Any], faulty: list[str]
) -> None:
    assert told(expected, live) == faulty


LISTED = [{"name": "ours"}, {"name": "theirs"}]
LOST: list[tuple[dict[str, Any], dict[str, Any], list[dict[str, str]], tuple[str, ...]]] = [
    ({}, {}, [{"name": "account"}], ()),
    ({"imagePullSecrets": LISTED}, {}, [{"name": "theirs"}], ()),
    ({"imagePullSecrets": LISTED}, {}, [{"name": "theirs"}, {"name": "account"}], ("account",)),
    ({"imagePullSecrets": LISTED}, {"imagePullSecrets": LISTED[1:]}, [{"name": "account"}], ()),
    ({"imagePullSecrets": LISTED}, {}, [], ()),
]


@pytest.mark.parametrize(("wanted", "now", "account", "lost"), LOST)
def test_pull_secrets_of_a_serviceaccount_that_pods_would_lose_are_named(
    wanted: dict[str, Any], now: dict[str, Any], account: list[dict[str, str]], lost: tuple[str, ...]
) -> None:
    assert lost_secrets(patched(**wanted), deployment(pod=now), {"imagePullSecrets": account}) == lost
    assert lost_secrets(patched(switched=False, **wanted), deployment(pod=now), {"imagePullSecrets": account}) == ()
