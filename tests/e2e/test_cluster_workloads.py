"""Workloads of every kind and owner, on a real API server and kubelet: switched, watched, brought back, left."""

from __future__ import annotations

import base64
import json
import time
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import yaml

from bench.up.bare import write as bare_program
from hub2ghcr import owning
from hub2ghcr.guarding import policy as guarding
from lab import node_images, registry_admin
from lab.errors import LabError
from lab.kubectl import get, kubectl
from lab.registry_admin import Fault
from tests.e2e import proving
from tests.e2e.conftest import Lab
from tests.e2e.proving import Document
from tests.e2e.stack import Stack, lines

pytestmark = [pytest.mark.e2e, pytest.mark.root]

NAME, NS = "works", "works"
OURS = f"ghcr.io/acme/{NAME}"
NGINX, WORKER = f"{OURS}/library/nginx:1.27@", f"{OURS}/acme/worker:3.1@"

Make = Callable[..., Stack]


@pytest.fixture
def make(lab: Lab, many_pulls: None, tmp_path: Path) -> Iterator[Make]:
    """Deploy documents as their team would, and begin a stack for them in phase ``prepare``."""
    made: list[Stack] = []

    def begin(*documents: Document, manifest: list[Document] | None = None, **settings: Any) -> Stack:
        proving.deploy(lab.env, NS, documents)
        cluster = proving.cluster("lab", lab.env["KUBECONFIG"], **{NS: {"manifests": ["stacks/app.yaml"], **settings}})
        made.append(proving.create(lab, tmp_path, NAME, [cluster], {"app": manifest or list(documents)}))
        return made[-1]

    yield begin
    registry_admin.clear_faults(lab.state, "ghcr")
    for each in made:
        each.pulumi("stack", "rm", "--yes", "--force", "--preserve-config")
    kubectl(lab.env, "delete", "namespace", NS, "--ignore-not-found", "--wait=false")
    kubectl(lab.env, "delete", "validatingadmissionpolicies,validatingadmissionpolicybindings", "--all")


def deployment(name: str, image: str = "nginx:1.27", **spec: Any) -> Document:
    return templated("apps/v1", "Deployment", name, image, **spec)


def templated(version: str, kind: str, name: str, image: str, **spec: Any) -> Document:
    """A workload of one container and a label of its own."""
    pod: Document = {"containers": [{"name": "main", "image": image}], "terminationGracePeriodSeconds": 1}
    if image.startswith("acme/"):
        pod["imagePullSecrets"] = [{"name": proving.HUB_PULL}]
    template = {"metadata": {"labels": {"app": name}}, "spec": pod}
    selector = {} if kind == "Job" else {"selector": {"matchLabels": {"app": name}}}
    metadata = {"name": name, "namespace": NS}
    return {
        "apiVersion": version,
        "kind": kind,
        "metadata": metadata,
        "spec": {**selector, "template": template, **spec},
    }


def up(stack: Stack, phase: str, *flags: str, **more: Any) -> str:
    """Set the phase and apply it; it has to work. Returns what the engine said."""
    stack.configure({"hub2ghcr:phase": phase, **{f"hub2ghcr:{key}": value for key, value in more.items()}})
    done = stack.up(*flags)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def fails(stack: Stack, phase: str, *flags: str) -> list[str]:
    """Set the phase and apply it; it has to fail. Returns the lines of what is wrong."""
    stack.configure({"hub2ghcr:phase": phase})
    done = stack.up(*flags)
    assert done.returncode != 0, done.stdout
    assert "Traceback" not in done.stdout + done.stderr
    return lines(done)


def one(stack: Stack, kind: str, name: str) -> dict[str, Any]:
    """A live object of the namespace, with its managed fields."""
    (found,) = get(stack.lab.env, kind, name, "-n", NS, "--show-managed-fields")
    return found


def image(found: Mapping[str, Any]) -> str:
    spec = found["spec"]
    spec = spec.get("jobTemplate", {}).get("spec", spec)
    return str(spec.get("template", {}).get("spec", spec)["containers"][0]["image"])


def managers(found: Mapping[str, Any]) -> set[str]:
    return {each["manager"] for each in found["metadata"]["managedFields"]}


def uids(stack: Stack) -> set[str]:
    return set(proving.pods(stack.lab.env, NS))


def settled(stack: Stack) -> None:
    proving.settle(stack.lab.env, NS)


@pytest.mark.slow
def test_prepare_writes_nothing_and_the_way_back_leaves_no_trace(make: Make) -> None:
    stack = make(deployment("web"), deployment("api", "acme/worker:3.1"))
    env = stack.lab.env
    before, generations, pods = proving.templates(env, NS), proving.generations(env, NS), uids(stack)
    up(stack, "prepare")
    assert (proving.generations(env, NS), uids(stack)) == (generations, pods)
    assert "hub2ghcr" not in managers(one(stack, "deployment", "web"))
    up(stack, "cutover")
    assert {name: image(one(stack, "deployment", name)).partition("sha")[0] for name in ("web", "api")} == {
        "web": NGINX,
        "api": WORKER,
    }
    annotations = one(stack, "deployment", "web")["metadata"]["annotations"]
    assert not [key for key in annotations if "pulumi" in key]
    assert annotations["hub2ghcr/stack"] == NAME
    assert "unchanged" in up(stack, "cutover", "--expect-no-changes")
    up(stack, "prepare")
    assert proving.templates(env, NS) == before
    assert "hub2ghcr" not in managers(one(stack, "deployment", "web"))
    assert "hub2ghcr/stack" not in one(stack, "deployment", "web")["metadata"]["annotations"]
    moved = proving.generations(env, NS)
    up(stack, "prepare", "--expect-no-changes")
    assert proving.generations(env, NS) == moved


@pytest.mark.slow
def test_fields_of_others_stay_there_and_back(make: Make) -> None:
    """Replicas of an autoscaler, an injected sidecar, the annotation of a restart: others changed what we patch."""
    stack = make(deployment("web"))
    env = stack.lab.env
    up(stack, "prepare")
    kubectl(env, "scale", "deployment/web", "-n", NS, "--replicas=2")
    kubectl(env, "rollout", "restart", "deployment/web", "-n", NS)
    sidecar = {"spec": {"template": {"spec": {"containers": [{"name": "side", "image": "ghcr.io/acme/tools:3"}]}}}}
    kubectl(env, "patch", "deployment/web", "-n", NS, "-p", json.dumps(sidecar), "--field-manager=injector")
    kubectl(env, "patch", "deployment/web", "-n", NS, "--type=json", "--field-manager=injector", "-p",
            json.dumps([{"op": "remove", "path": "/spec/template/spec/containers/0"}]))  # fmt: skip
    settled(stack)
    before = one(stack, "deployment", "web")["spec"]
    up(stack, "cutover")
    found = one(stack, "deployment", "web")["spec"]
    assert found["replicas"] == 2
    assert "kubectl.kubernetes.io/restartedAt" in found["template"]["metadata"]["annotations"]
    up(stack, "prepare")
    assert one(stack, "deployment", "web")["spec"] == before


@pytest.mark.slow
def test_a_pull_policy_that_was_set_goes_back_with_its_image(make: Make) -> None:
    """To what the manifest says, or the API server gives an image of that tag; nothing of it stays ours."""
    told = deployment("told")
    told["spec"]["template"]["spec"]["containers"][0]["imagePullPolicy"] = "Always"
    stack = make(deployment("web"), told, imagePullPolicy="IfNotPresent")
    before = proving.templates(stack.lab.env, NS)
    up(stack, "cutover")
    for name in ("web", "told"):
        (container,) = one(stack, "deployment", name)["spec"]["template"]["spec"]["containers"]
        assert container["imagePullPolicy"] == "IfNotPresent"
    up(stack, "prepare")
    assert proving.templates(stack.lab.env, NS) == before
    assert "hub2ghcr" not in managers(one(stack, "deployment", "told"))


@contextmanager
def refused_after_the_switch(stack: Stack) -> Iterator[Future[float]]:
    """Let GHCR refuse what was proven to be pullable, after the switch and before a node takes the new Pods.

    Yields the moment at which the node begins to take them.
    """
    env = stack.lab.env
    before = proving.generations(env, NS)
    (node,) = [each["metadata"]["name"] for each in get(env, "nodes")]
    kubectl(env, "cordon", node)

    def refuse() -> float:
        proving.until(
            lambda: all(each > before[name] for name, each in proving.generations(env, NS).items()), "switched"
        )
        fault = Fault("status", path=f"/v2/acme/{NAME}/.*/manifests/", count=-1, status=403)
        registry_admin.inject(stack.lab.state, "ghcr", fault)
        kubectl(env, "uncordon", node)
        return time.monotonic()

    with ThreadPoolExecutor(1) as pool:
        taken = pool.submit(refuse)
        try:
            yield taken
        finally:
            taken.result()


@pytest.mark.slow
def test_an_image_that_cannot_be_pulled_fails_in_seconds_with_the_registrys_words(make: Make) -> None:
    """All that are stuck are told together, old Pods go on, and the way back needs no pull: the node has the images."""
    stack = make(deployment("web"), deployment("api", "acme/worker:3.1"))
    up(stack, "prepare")
    running = uids(stack)
    node_images.forget(stack.lab.state)
    stack.configure({"hub2ghcr:phase": "cutover"})
    with refused_after_the_switch(stack) as taken:
        done = stack.up()
        seconds = time.monotonic() - taken.result()
    assert done.returncode != 0
    assert seconds < 60, f"the engine's own wait is of 600 s, this one took {seconds:.0f}"
    stuck = [each for each in done.stdout.splitlines() if "403 Forbidden" in each]
    for name in ("api", "web"):
        assert any(f"Deployment {name}: Pod {name}-" in each for each in stuck), done.stdout
    assert running <= uids(stack)
    registry_admin.clear_faults(stack.lab.state, "ghcr")
    up(stack, "cutover")
    settled(stack)


@pytest.mark.slow
def test_the_engine_alone_waits_as_long_as_it_may_for_an_image_that_cannot_be_pulled(lab: Lab, tmp_path: Path) -> None:
    """Negative control of the watching: the refusal is there to be seen, and the run of a bare program outlasts it."""
    allowed = 20
    document = deployment("bare", f"{OURS}/not/there:1")
    document["metadata"]["annotations"] = {"pulumi.com/timeoutSeconds": str(allowed)}
    folder = bare_program(tmp_path / "bare", [("kubernetes:apps/v1:Deployment", document)], lab.env["KUBECONFIG"])
    stack = Stack(lab, folder, name="bare")
    proving.deploy(lab.env, NS, [])
    try:
        assert stack.pulumi("stack", "init").returncode == 0
        with ThreadPoolExecutor(1) as pool:
            going = pool.submit(stack.up)
            proving.until(lambda: proving.failed_pulls(lab.env, NS).counts, "a pull fails")
            refused = time.monotonic()
            done = going.result()
        assert done.returncode != 0
        assert "timed out" in done.stdout
        assert time.monotonic() - refused > allowed / 2
    finally:
        stack.pulumi("stack", "rm", "--yes", "--force")
        kubectl(lab.env, "delete", "namespace", NS, "--ignore-not-found", "--wait=false")


@pytest.mark.slow
def test_what_is_not_ready_is_held_together_or_skipped_alone(make: Make) -> None:
    """``hold``: nothing of the namespace moves. ``skip``: the other one does, and it is said which did not."""
    stack = make(deployment("web"), deployment("api", "acme/worker:3.1"))
    up(stack, "prepare")
    registry_admin.inject(
        stack.lab.state, "ghcr", Fault("status", path=f"/v2/acme/{NAME}/acme/worker/manifests/", count=-1, status=403)
    )
    told = fails(stack, "cutover")
    assert any(f"{OURS}/acme/worker" in each for each in told), told
    assert image(one(stack, "deployment", "web")) == "nginx:1.27"
    stack.configure({f"hub2ghcr:clusters.0.namespaces.{NS}.onUnready": "skip"})
    told = fails(stack, "cutover", "--continue-on-error")
    assert any(f"{OURS}/acme/worker" in each for each in told), told
    assert image(one(stack, "deployment", "web")).startswith(NGINX)
    assert image(one(stack, "deployment", "api")) == "acme/worker:3.1"
    registry_admin.clear_faults(stack.lab.state, "ghcr")
    up(stack, "cutover")
    assert image(one(stack, "deployment", "api")).startswith(WORKER)


@pytest.mark.slow
def test_what_of_pulumis_own_is_not_ready_is_skipped_alone(make: Make) -> None:
    """It cannot be kept as it is by a patch that writes nothing: the engine skips it, and all that waits for it."""
    stack = make(manifest=[deployment("web"), deployment("api", "acme/worker:3.1")], delivery="own", onUnready="skip")
    up(stack, "prepare")
    settled(stack)
    before = one(stack, "deployment", "api")
    refused = Fault("status", path=f"/v2/acme/{NAME}/acme/worker/manifests/", count=-1, status=403)
    registry_admin.inject(stack.lab.state, "ghcr", refused)
    told = fails(stack, "cutover", "--continue-on-error")
    assert [each for each in told if f"{OURS}/acme/worker" in each and "403" in each], told
    assert image(one(stack, "deployment", "web")).startswith(NGINX)
    found = one(stack, "deployment", "api")
    assert (found["metadata"]["uid"], found["spec"]) == (before["metadata"]["uid"], before["spec"])
    registered = {each["urn"].rpartition("::")[2] for each in stack.state()["deployment"]["resources"]}
    assert {"lab/works/Deployment/api", "lab/works/Deployment/web"} <= registered
    registry_admin.clear_faults(stack.lab.state, "ghcr")
    up(stack, "cutover")
    assert image(one(stack, "deployment", "api")).startswith(WORKER)


@pytest.mark.slow
def test_a_copy_that_fails_keeps_back_what_waits_for_it_and_nothing_else(make: Make) -> None:
    stack = make(deployment("web"), deployment("api", "acme/worker:3.1"), onUnready="skip")
    registry_admin.inject(
        stack.lab.state, "ghcr", Fault("status", path=f"/v2/acme/{NAME}/acme/worker/", count=-1, status=403)
    )
    told = fails(stack, "cutover", "--continue-on-error")
    assert [each for each in told if f"{OURS}/acme/worker" in each and "403" in each], told
    assert image(one(stack, "deployment", "web")).startswith(NGINX)
    assert image(one(stack, "deployment", "api")) == "acme/worker:3.1"
    registry_admin.clear_faults(stack.lab.state, "ghcr")
    up(stack, "cutover")
    assert image(one(stack, "deployment", "api")).startswith(WORKER)


@pytest.mark.slow
def test_what_another_stack_has_switched_is_refused_by_its_name(make: Make, tmp_path: Path) -> None:
    """Their field manager is the same. Negative control: without the name the other one brings the old image back."""
    stack = make(deployment("web"))
    up(stack, "cutover")
    (tmp_path / "other").mkdir()
    settings = {"manifests": ["stacks/app.yaml"], "pullSecretName": "other"}
    cluster = proving.cluster("lab", stack.lab.env["KUBECONFIG"], **{NS: settings})
    other = proving.create(stack.lab, tmp_path / "other", "works-other", [cluster], {"app": [deployment("web")]})
    try:
        for phase in ("prepare", "cutover"):
            told = fails(other, phase)
            assert [each for each in told if f"Deployment {NS}/web: is switched by stack {NAME};" in each], told
        assert image(one(stack, "deployment", "web")).startswith(NGINX)
        kubectl(stack.lab.env, "annotate", "deployment/web", "-n", NS, "hub2ghcr/stack-")
        up(other, "prepare")
        assert image(one(stack, "deployment", "web")) == "nginx:1.27"
    finally:
        other.pulumi("stack", "rm", "--yes", "--force", "--preserve-config")


@pytest.mark.slow
def test_leaving_takes_nothing_down(make: Make) -> None:
    """A workload that is dropped, a destroy in the middle of it: Pods and what they pull with stay."""
    stack = make(deployment("web"), deployment("api", "acme/worker:3.1"), serviceAccounts=["default"])
    env = stack.lab.env
    up(stack, "cutover")
    settled(stack)
    running = uids(stack)
    (stack.file.parent / "app.yaml").write_text(yaml.safe_dump_all([deployment("web")]))
    up(stack, "cutover")
    assert uids(stack) == running
    done = stack.pulumi("destroy", "--yes", "--skip-preview")
    assert done.returncode == 0, done.stdout
    assert uids(stack) == running
    assert "hub2ghcr-ghcr" in [each["metadata"]["name"] for each in get(env, "secrets", "-n", NS)]
    (account,) = get(env, "serviceaccount", "default", "-n", NS)
    assert {"name": "hub2ghcr-ghcr"} in account["imagePullSecrets"]
    kubectl(env, "delete", "pods", "--all", "-n", NS, "--wait=false")
    settled(stack)


@pytest.mark.slow
def test_the_way_out_leaves_nothing(make: Make) -> None:
    stack = make(deployment("web"), deployment("api", "acme/worker:3.1"), serviceAccounts=["default"])
    env = stack.lab.env
    before = proving.templates(env, NS)
    for phase in ("cutover", "seal", "prepare"):
        up(stack, phase)
    settled(stack)
    running = uids(stack)
    done = stack.pulumi("destroy", "--yes", "--skip-preview")
    assert done.returncode == 0, done.stdout
    assert proving.templates(env, NS) == before
    assert uids(stack) == running
    assert [each["metadata"]["name"] for each in get(env, "secrets", "-n", NS)] == [proving.HUB_PULL]
    assert "imagePullSecrets" not in get(env, "serviceaccount", "default", "-n", NS)[0]
    assert get(env, "validatingadmissionpolicies") == []
    for name in ("web", "api"):
        assert "hub2ghcr" not in managers(one(stack, "deployment", name))


KINDS = [
    deployment("paused"),
    deployment("none", replicas=0),
    templated("apps/v1", "StatefulSet", "set", "nginx:1.27", replicas=2, serviceName="set",
              updateStrategy={"type": "RollingUpdate", "rollingUpdate": {"partition": 1}}),
    templated("apps/v1", "DaemonSet", "daemon", "nginx:1.27"),
    templated("apps/v1", "DaemonSet", "on-delete", "nginx:1.27", updateStrategy={"type": "OnDelete"}),
    {"apiVersion": "batch/v1", "kind": "CronJob", "metadata": {"name": "cron", "namespace": NS},
     "spec": {"schedule": "0 0 1 1 *", "jobTemplate": {"spec": {"template": {"spec": {
         "restartPolicy": "Never", "containers": [{"name": "main", "image": "nginx:1.27"}]}}}}}},
]  # fmt: skip


@pytest.mark.slow
def test_every_kind_is_switched_as_it_can_be(make: Make) -> None:
    """What keeps old Pods says so, and does not keep the run from ending."""
    stack = make(*KINDS)
    kubectl(stack.lab.env, "rollout", "pause", "deployment/paused", "-n", NS)
    before = uids(stack)
    told = up(stack, "cutover")
    kinds = [(each["kind"], each["metadata"]["name"]) for each in KINDS]
    assert {name: image(one(stack, kind, name)).startswith(NGINX) for kind, name in kinds} == dict.fromkeys(
        (name for _, name in kinds), True
    )
    for note in (
        "Deployment paused: it is paused",
        "StatefulSet set: its partition keeps ordinals 0 to 0",
        "DaemonSet on-delete: its strategy is OnDelete",
        "CronJob cron: its next Job has the new images",
    ):
        assert note in told, told
    found = {each["metadata"]["name"]: each for each in proving.pods(stack.lab.env, NS).values()}
    assert image(found["set-0"]) == "nginx:1.27"
    assert image(found["set-1"]).startswith(NGINX)
    assert found["set-0"]["metadata"]["uid"] in before
    (kept,) = [each for name, each in found.items() if name.startswith("on-delete")]
    assert kept["metadata"]["uid"] in before
    up(stack, "prepare")
    assert {image(one(stack, kind, name)) for kind, name in kinds} == {"nginx:1.27"}


def bare(name: str, image: str = "nginx:1.27") -> Document:
    container = {"name": "main", "image": image}
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": name, "namespace": NS, "labels": {"run": name}},
        "spec": {"containers": [container], "terminationGracePeriodSeconds": 1},
    }


@pytest.mark.slow
def test_bare_pods_and_jobs_are_made_anew_only_where_asked_for(make: Make) -> None:
    job = templated("batch/v1", "Job", "job", "nginx:1.27")
    job["spec"]["template"]["spec"]["restartPolicy"] = "Never"
    stack = make(bare("pod"), job)
    proving.until(lambda: image(one(stack, "pod", "pod")), "the Pod is there")
    warned = stack.pulumi("preview")
    assert warned.returncode == 0 and "phase cutover will refuse it" in warned.stdout + warned.stderr, warned.stdout
    up(stack, "prepare")
    told = fails(stack, "cutover")
    assert [each for each in told if "Pod pod" in each and "`recreate: true`" in each], told
    stack.configure({f"hub2ghcr:clusters.0.namespaces.{NS}.recreate": True})
    old = {kind: one(stack, kind, kind)["metadata"]["uid"] for kind in ("pod", "job")}
    up(stack, "prepare")
    assert {kind: one(stack, kind, kind)["metadata"]["uid"] for kind in old} == old
    up(stack, "cutover")
    for kind in old:
        found = one(stack, kind, kind)
        assert image(found).startswith(NGINX)
        assert found["metadata"]["uid"] != old[kind]
        assert found["metadata"]["annotations"][owning.STACK]
    assert one(stack, "pod", "pod")["metadata"]["labels"] == {"run": "pod"}
    up(stack, "prepare")
    assert image(one(stack, "pod", "pod")) == "nginx:1.27"
    for kind in old:
        assert owning.STACK not in (one(stack, kind, kind)["metadata"].get("annotations") or {})
    assert [each["metadata"]["name"] for each in get(stack.lab.env, "secrets", "-n", NS) if "recreates" in
            each["metadata"]["name"]] == []  # fmt: skip


@pytest.mark.slow
def test_own_pods_and_jobs_go_back_by_being_made_anew_and_are_not_left_behind_in_silence(make: Make) -> None:
    """Without leave to make them anew the way back is refused, with what to do; with it both are on the old image."""
    job = templated("batch/v1", "Job", "job", "busybox:1.36")  # it ends at once
    job["spec"]["template"]["spec"]["restartPolicy"] = "Never"
    stack = make(manifest=[bare("pod"), job], delivery="own")
    up(stack, "cutover")

    def images() -> dict[str, str]:
        return {kind: image(one(stack, kind, kind)) for kind in ("pod", "job")}

    assert all(each.startswith("ghcr.io/acme/") for each in images().values())
    told = fails(stack, "prepare")
    assert [each for each in told if "Pod works/pod" in each and "`recreate: true`" in each], told
    assert [each for each in told if "Job works/job" in each and "`recreate: true`" in each], told
    assert all(each.startswith("ghcr.io/acme/") for each in images().values())
    stack.configure({f"hub2ghcr:clusters.0.namespaces.{NS}.recreate": True})
    told = fails(stack, "prepare")
    assert [each for each in told if "Job works/job" in each and "run once before" in each], told
    running = {kind: one(stack, kind, kind)["metadata"]["uid"] for kind in ("pod", "job")}
    up(stack, "cutover")
    assert {kind: one(stack, kind, kind)["metadata"]["uid"] for kind in running} == running
    up(stack, "prepare")
    assert images() == {"pod": "nginx:1.27", "job": "busybox:1.36"}
    up(stack, "seal")
    assert all(each.startswith("ghcr.io/acme/") for each in images().values())


def apply_as(env: Mapping[str, str], document: Document, manager: str) -> None:
    """Apply server-side under a field manager, as programs do."""
    kubectl(env, "apply", "--server-side", f"--field-manager={manager}", "--force-conflicts", "-f", "-",
            stdin=json.dumps(document))  # fmt: skip


OWNERS = {
    "kubectl apply": (None, {}),
    "kubectl apply --server-side": ("kubectl", {}),
    "Helm": ("helm", {"labels": {"app.kubernetes.io/managed-by": "Helm"},
                      "annotations": {"meta.helm.sh/release-name": "shop", "meta.helm.sh/release-namespace": NS}}),
    "Argo CD": ("argocd-controller",
                {"annotations": {"argocd.argoproj.io/tracking-id": f"shop:apps/Deployment:{NS}/web"}}),
}  # fmt: skip


@pytest.mark.slow
@pytest.mark.parametrize("owner", OWNERS)
@pytest.mark.parametrize("delivery", ["patch", "own"])
def test_what_others_applied_is_adopted_or_refused_by_name(
    make: Make, owner: str, delivery: str, reports: dict[str, list[tuple[str, ...]]]
) -> None:
    """No Pod is replaced before the cutover; what Helm or Argo CD applied is changed at its source alone."""
    manager, metadata = OWNERS[owner]
    web = deployment("web")
    web["metadata"] |= metadata
    stack = make(deployment("other"), manifest=[deployment("web")], delivery=delivery, adopt=delivery == "own")
    if manager:
        apply_as(stack.lab.env, web, manager)
    else:
        kubectl(stack.lab.env, "apply", "-f", "-", stdin=json.dumps(web))
    settled(stack)
    running = uids(stack)
    rows = reports.setdefault("Adoption", [("applied by", "delivery", "prepare", "cutover", "prepare again")])
    if owner in ("Helm", "Argo CD"):
        told = fails(stack, "cutover")
        assert any("Helm" in each or "Argo CD" in each for each in told), told
        assert uids(stack) == running
        rows.append((owner, delivery, "refused, names the owner", "refused, names the owner", ""))
        return
    up(stack, "prepare")
    assert uids(stack) == running
    up(stack, "cutover")
    settled(stack)
    assert image(one(stack, "deployment", "web")).startswith(NGINX)
    switched = uids(stack)
    up(stack, "prepare")
    assert image(one(stack, "deployment", "web")) == "nginx:1.27"
    done = stack.pulumi("destroy", "--yes", "--skip-preview")
    assert done.returncode == 0, done.stdout
    assert one(stack, "deployment", "web")
    rows.append((owner, delivery, "same Pods", f"{len(switched - running)} Pods new", "as before"))


def steps(stack: Stack, name: str) -> list[str]:
    """What a preview would do with one object, in its order."""
    return [each["op"] for each in stack.preview()["steps"] if each["urn"].endswith(f"::lab/{NS}/{name}")]


@pytest.mark.slow
@pytest.mark.parametrize("server", [False, True])
def test_what_is_adopted_enters_by_import_and_keeps_what_its_manifest_does_not_say(make: Make, server: bool) -> None:
    """A variable, a restart and replicas that people at a terminal set: none goes, so that no Pod is replaced.

    Negative control: what kubectl sets afterwards goes with the next change, and what stood beside it, too.
    """
    stack = make(deployment("other"), manifest=[deployment("web")], delivery="own", adopt=True)
    env, web = stack.lab.env, ("deployment/web", "-n", NS)
    if server:
        apply_as(env, deployment("web"), "kubectl")
    else:
        kubectl(env, "apply", "-f", "-", stdin=json.dumps(deployment("web")))
    kubectl(env, "set", "env", *web, "SET=before")
    kubectl(env, "rollout", "restart", *web)
    kubectl(env, "scale", *web, "--replicas=2")
    settled(stack)
    before, running = one(stack, "deployment", "web")["spec"], uids(stack)
    assert steps(stack, "Deployment/web") == ["import", "update"]
    up(stack, "prepare")
    settled(stack)
    assert one(stack, "deployment", "web")["spec"] == before
    assert uids(stack) == running
    found = managers(one(stack, "deployment", "web"))
    assert (f"hub2ghcr-{NAME}" in found, "hub2ghcr" in found) == (True, False)
    up(stack, "prepare", "--expect-no-changes")
    up(stack, "cutover")
    before["template"]["spec"]["containers"][0]["image"] = image(one(stack, "deployment", "web"))
    found = one(stack, "deployment", "web")["spec"]
    assert found["template"]["spec"].pop("imagePullSecrets") == [{"name": "hub2ghcr-ghcr"}]
    assert found == before
    kubectl(env, "set", "env", *web, "SET-AFTER=cutover")
    settled(stack)
    assert steps(stack, "Deployment/web") == []
    up(stack, "prepare")
    (container,) = one(stack, "deployment", "web")["spec"]["template"]["spec"]["containers"]
    assert (container["image"], "env" in container) == ("nginx:1.27", False)
    settled(stack)
    running = uids(stack)
    done = stack.pulumi("destroy", "--yes", "--skip-preview")
    assert done.returncode == 0, done.stdout
    assert (one(stack, "deployment", "web")["spec"]["replicas"], uids(stack)) == (2, running)


@pytest.mark.slow
def test_every_kind_is_adopted_without_a_new_pod(make: Make) -> None:
    """A StatefulSet is declared: the engine would have to replace what it imports for what the API server filled in."""
    kinds = [each for each in KINDS if each["kind"] != "Deployment"]
    stack = make(*kinds, delivery="own", adopt=True)
    names = [f"{each['kind']}/{each['metadata']['name']}" for each in kinds]
    ways = {"StatefulSet": ["create"]}
    assert {name: steps(stack, name) for name in names} == {
        name: ways.get(name.partition("/")[0], ["import", "update"]) for name in names
    }
    running = uids(stack)
    up(stack, "prepare")
    assert uids(stack) == running
    up(stack, "prepare", "--expect-no-changes")
    up(stack, "cutover")
    live = [one(stack, *name.split("/")) for name in names]
    assert all(image(each).startswith(NGINX) for each in live)


@pytest.mark.slow
@pytest.mark.parametrize("adopt", [False, True])
def test_values_of_an_owned_secret_are_nowhere_plain_in_the_state(make: Make, adopt: bool) -> None:
    """Inputs, outputs, and the annotation of `kubectl apply` in which they stand once more."""
    value = "s3cret-of-the-shop"
    secret = {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "db", "namespace": NS}}
    secret |= {"stringData": {"password": value}}
    more = [deployment("web"), secret] if adopt else []
    stack = make(*more, manifest=[deployment("web"), secret], delivery="own", adopt=adopt)
    assert "in plain" in up(stack, "prepare")
    assert one(stack, "secret", "db")["data"] == {"password": base64.b64encode(value.encode()).decode()}
    resources = stack.state()["deployment"]["resources"]
    assert "lab/works/Secret/db" in [each["urn"].rpartition("::")[2] for each in resources]
    holding = {
        f"{each['urn']}: {key}"
        for each in resources
        for key, part in {**each.get("inputs", {}), **each.get("outputs", {})}.items()
        for said in (value, base64.b64encode(value.encode()).decode())
        if said in json.dumps(part)
    }
    assert holding == set()
    assert value not in json.dumps(stack.state())


HUB = [
    "nginx", "nginx:1.27", "library/nginx", "docker.io/nginx", "docker.io/library/nginx:1", "index.docker.io/nginx",
    "registry-1.docker.io/library/nginx", "DOCKER.IO/library/nginx", "docker.io:443/library/nginx",
    "registry.hub.docker.com/acme/shop", "mirror.corp/acme/shop", "acme/shop:1",
]  # fmt: skip
OTHERS = [
    "ghcr.io/acme/shop", "quay.io/acme/shop", "localhost/shop", "localhost:5000/shop", "10.0.0.1:5000/shop",
    "busybox:1.36", "docker.io/library/busybox", "tools/debug:2", "index.docker.io/tools/a/b",
]  # fmt: skip


@pytest.fixture(scope="module")
def guarded(lab: Lab) -> Iterator[Mapping[str, str]]:
    """A namespace with a Deployment from before its guard, which denies with two exceptions."""
    env = lab.env
    kubectl(env, "create", "namespace", "guarded")
    before = {**deployment("before"), "metadata": {"name": "before", "namespace": "guarded"}}
    before["spec"]["replicas"] = 0
    kubectl(env, "apply", "-f", "-", stdin=json.dumps(before))
    rules = guarding.policy("tried", ["docker.io/library/busybox", "docker.io/tools/*"], ["mirror.corp"])
    acts = guarding.binding("tried-deny", "tried", ["Deny"], ["guarded"])
    for each in (rules, acts):
        kubectl(env, "apply", "-f", "-", stdin=json.dumps(each))
    proving.until(lambda: denied(env, pod_of("nginx")), "the guard acts")
    yield env
    kubectl(env, "delete", "validatingadmissionpolicies,validatingadmissionpolicybindings", "--all")
    kubectl(env, "delete", "namespace", "guarded", "--wait=false")


def pod_of(image_: str, **more: Any) -> Document:
    spec = {"containers": [{"name": "a", "image": image_}], **more}
    return {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "tried", "namespace": "guarded"}, "spec": spec}


def denied(env: Mapping[str, str], document: Document) -> str:
    """What the API server says no with, empty where it says yes; nothing is kept."""
    try:
        kubectl(env, "create", "--dry-run=server", "-f", "-", stdin=json.dumps(document))
    except LabError as error:
        return "\n".join((str(error), *error.details))
    return ""


def test_the_guard_denies_every_spelling_of_the_hub_and_nothing_else(guarded: Mapping[str, str]) -> None:
    """The same expressions as `guarding.from_hub`, said once more in CEL."""
    assert [each for each in HUB if not denied(guarded, pod_of(each))] == []
    assert [each for each in OTHERS if denied(guarded, pod_of(each))] == []
    assert [each for each in HUB if not guarding.from_hub(each, ["mirror.corp"])] == []


def test_the_guard_says_what_to_do(guarded: Mapping[str, str]) -> None:
    told = denied(guarded, pod_of("nginx:1.27"))
    assert "namespace guarded has moved to GHCR, and these are on Docker Hub: nginx:1.27; write the names" in told


def test_the_guard_sees_all_kinds_of_containers_and_of_workloads(guarded: Mapping[str, str]) -> None:
    hub, ghcr = {"name": "b", "image": "nginx"}, "ghcr.io/acme/shop"
    assert denied(guarded, pod_of(ghcr, initContainers=[hub]))
    volume = pod_of(ghcr, volumes=[{"name": "v", "image": {"reference": "nginx"}}])
    elsewhere = {**volume, "metadata": {"name": "tried", "namespace": "default"}}
    kept = kubectl(guarded, "create", "--dry-run=server", "-o", "json", "-f", "-", stdin=json.dumps(elsewhere))
    if "image" in json.loads(kept)["spec"]["volumes"][0]:  # else a feature that this API server has off
        assert denied(guarded, volume)
    for version, kind in (("apps/v1", "Deployment"), ("apps/v1", "StatefulSet"), ("apps/v1", "DaemonSet"),
                          ("apps/v1", "ReplicaSet"), ("batch/v1", "Job")):  # fmt: skip
        for image_, expected in (("nginx", True), (ghcr, False)):
            made = templated(version, kind, "tried", image_)
            made["metadata"]["namespace"] = "guarded"
            if kind == "Job":
                made["spec"]["template"]["spec"]["restartPolicy"] = "Never"
            if kind == "StatefulSet":
                made["spec"]["serviceName"] = "tried"
            assert bool(denied(guarded, made)) is expected, (kind, image_)
    cron = {**KINDS[-1], "metadata": {"name": "tried", "namespace": "guarded"}}
    assert denied(guarded, cron)


def test_what_is_there_may_be_changed_as_long_as_no_image_from_the_hub_comes(guarded: Mapping[str, str]) -> None:
    kubectl(guarded, "scale", "deployment/before", "-n", "guarded", "--replicas=0")
    kubectl(guarded, "annotate", "deployment/before", "-n", "guarded", "seen=yes", "--overwrite")
    with pytest.raises(LabError):
        kubectl(guarded, "set", "image", "deployment/before", "-n", "guarded", "main=nginx:1.28")


def test_without_its_binding_the_guard_denies_nothing(guarded: Mapping[str, str]) -> None:
    """Negative control: another namespace, where it does not act."""
    elsewhere = pod_of("nginx")
    elsewhere["metadata"]["namespace"] = "default"
    assert denied(guarded, elsewhere) == ""


def warned(stack: Stack, document: Document) -> list[str]:
    """What a person who creates an object is warned of; nothing is kept."""
    (stack.folder / "tried.json").write_text(json.dumps(document))
    done = stack.lab.run("kubectl", "create", "--dry-run=server", "-f", "tried.json", cwd=stack.folder)
    assert done.returncode == 0, done.stderr
    return [each for each in done.stderr.splitlines() if each.startswith("Warning:")]


@pytest.mark.slow
def test_a_namespace_that_still_runs_the_hub_is_not_sealed(make: Make) -> None:
    """Before the cutover nobody is warned of an image from Docker Hub, then everybody, and in the end it is denied."""
    stack = make(deployment("web"))
    up(stack, "prepare")
    assert warned(stack, bare("stray")) == []
    up(stack, "cutover")
    proving.until(lambda: warned(stack, bare("stray")), "the guard warns")
    assert "nginx:1.27" in warned(stack, bare("stray"))[0]
    assert warned(stack, bare("stray", image(one(stack, "deployment", "web")))) == []
    kubectl(stack.lab.env, "create", "-f", "-", stdin=json.dumps(bare("stray")))
    told = fails(stack, "seal")
    assert any("Pod stray: is not sealed" in each for each in told), told
    kubectl(stack.lab.env, "delete", "pod", "stray", "-n", NS)
    up(stack, "seal")
    proving.until(lambda: denied(stack.lab.env, bare("stray")), "the API server has seen the binding")
    up(stack, "cutover")
    proving.until(lambda: not denied(stack.lab.env, bare("stray")), "the API server has seen that nothing is denied")
    assert warned(stack, bare("stray"))
