"""``hub2ghcr inventory`` on the real API server: what it learns, whichever way it is reached."""

from __future__ import annotations

import base64
import json
import sys
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from subprocess import CompletedProcess
from typing import Any

import pytest
import yaml

from lab.accounts import CLUSTER_DEMO, HUB_READER
from lab.control_plane import NODE
from lab.kubectl import get, kubectl
from tests.e2e import proving
from tests.e2e.conftest import Lab

pytestmark = [pytest.mark.e2e, pytest.mark.root]

SHOP, PLAIN = "stock-shop", "stock-plain"
"""The namespace that the settings name, and the one that their selector finds."""
FILE = "stacks/stock.inventory.yaml"
HELM = {"meta.helm.sh/release-name": "shop", "meta.helm.sh/release-namespace": SHOP}
ARGO = {"argocd.argoproj.io/tracking-id": f"shop:apps/Deployment:{SHOP}/by-argo"}
FLUX = {"kustomize.toolkit.fluxcd.io/name": "apps", "kustomize.toolkit.fluxcd.io/namespace": "flux-system"}


def of(kind: str, name: str, image: str = "nginx:1.27", *, namespace: str = SHOP, **more: Any) -> dict[str, Any]:
    """Return a workload; ``more`` goes into its spec, ``labels``, ``annotations`` and ``pod`` where they belong."""
    labels, annotations = more.pop("labels", {}), more.pop("annotations", {})
    pod = {"containers": [{"name": "main", "image": image}], **more.pop("pod", {})}
    spec: dict[str, Any] = {
        "selector": {"matchLabels": {"app": name}},
        "template": {"metadata": {"labels": {"app": name}}, "spec": pod},
        **more,
    }
    if kind == "CronJob":
        pod["restartPolicy"] = "Never"
        spec = {"schedule": "0 0 1 1 *", "jobTemplate": {"spec": {"template": {"spec": pod}}}, **more}
    if kind == "Pod":
        spec = {**pod, **more}
    return {
        "apiVersion": {"CronJob": "batch/v1", "Pod": "v1"}.get(kind, "apps/v1"),
        "kind": kind,
        "metadata": {"name": name, "namespace": namespace, "labels": labels, "annotations": annotations},
        "spec": spec,
    }


KAFKA: dict[str, Any] = {
    "apiVersion": "apiextensions.k8s.io/v1",
    "kind": "CustomResourceDefinition",
    "metadata": {"name": "kafkas.kafka.strimzi.io"},
    "spec": {
        "group": "kafka.strimzi.io",
        "scope": "Namespaced",
        "names": {"kind": "Kafka", "plural": "kafkas", "singular": "kafka", "listKind": "KafkaList"},
        "versions": [
            {
                "name": "v1beta2",
                "served": True,
                "storage": True,
                "schema": {"openAPIV3Schema": {"type": "object", "x-kubernetes-preserve-unknown-fields": True}},
            }
        ],
    },
}


@dataclass
class Stock:
    """A project whose stack ``stock`` has the namespaces of this module."""

    lab: Lab
    folder: Path

    def take(self, *flags: str, **env: str) -> CompletedProcess[str]:
        """Run the command."""
        return self.lab.run("hub2ghcr", "inventory", "-s", "stock", *flags, cwd=self.folder, timeout=60, **env)

    def reached(self, **how: Any) -> None:
        """Write the stack file with another way to the cluster."""
        cluster = {
            "name": "lab",
            **how,
            "selector": {"matchLabels": {"team": "plain"}},
            "namespaces": {SHOP: {}, "stock-missing": {"create": True}},
        }
        config = {
            "pulumi:disable-default-providers": ["kubernetes", "github"],
            "hub2ghcr:credentials": {"lab-token": {"username": "admin", "secretKey": "labToken"}},
            "hub2ghcr:labToken": {"secure": "v1:sealed:nobody-reads-it"},
            "hub2ghcr:clusters": [cluster],
        }
        (self.folder / "stacks" / "Pulumi.stock.yaml").write_text(yaml.safe_dump({"config": config}))

    def facts(self) -> dict[str, Any]:
        """Return the only cluster of the file."""
        found: dict[str, Any] = yaml.safe_load((self.folder / FILE).read_text())["clusters"][0]
        return found


@pytest.fixture(scope="module")
def populated(lab: Lab) -> Iterator[Lab]:
    """The lab with all kinds of workloads, owned by all kinds of programs."""

    def put(document: Mapping[str, Any], manager: str = "") -> None:
        how = ["--server-side", f"--field-manager={manager}"] if manager else []
        kubectl(lab.env, "apply", *how, "-f", "-", stdin=json.dumps(document))

    for name, labels in ((SHOP, {"team": "shop"}), (PLAIN, {"team": "plain"})):
        put({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name, "labels": labels}})
    put(KAFKA)
    kubectl(
        lab.env,
        *("create", "secret", "docker-registry", "hub", f"--namespace={SHOP}", "--docker-server=ghcr.io"),
        *(f"--docker-username={CLUSTER_DEMO.user}", f"--docker-password={CLUSTER_DEMO.token}"),
    )
    account = {"apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"name": "web", "namespace": SHOP}}
    put({**account, "imagePullSecrets": [{"name": "hub"}, {"name": "hub2ghcr-ghcr"}]})
    tools = {"name": "tools", "image": "busybox:1.36"}
    listed = {"serviceAccountName": "web", "initContainers": [tools], "imagePullSecrets": [{"name": "hub"}]}
    put(of("Deployment", "web", "nginx:1.27", replicas=1, pod=listed))
    put(of("Deployment", "by-helm", replicas=0, annotations=HELM), "helm")
    put(of("Deployment", "by-argo", replicas=0, annotations=ARGO), "argocd-controller")
    put(of("Deployment", "by-flux", replicas=0, labels=FLUX), "kustomize-controller")
    put(of("Deployment", "unknown", replicas=0, paused=True), "some-operator")
    kept = {"type": "RollingUpdate", "rollingUpdate": {"partition": 2}}
    put(of("StatefulSet", "stateful", replicas=0, serviceName="x", updateStrategy=kept))
    put(of("DaemonSet", "daemon", updateStrategy={"type": "OnDelete"}, pod={"nodeSelector": {"no": "node"}}))
    put(of("CronJob", "nightly", suspend=True))
    put(of("Pod", "bare", "alpine:3.20", pod={"schedulingGates": [{"name": "example.com/never"}]}))
    static = lab.state / "node" / "static-pods" / "static.yaml"
    static.write_text(yaml.safe_dump(of("Pod", "static")))
    kafka = {"apiVersion": "kafka.strimzi.io/v1beta2", "kind": "Kafka", "metadata": {"name": "log", "namespace": SHOP}}
    end = time.monotonic() + 20
    while True:
        try:
            put({**kafka, "spec": {"kafka": {"image": "strimzi/kafka:3.9"}}})
            break
        except Exception:
            assert time.monotonic() < end
            time.sleep(0.5)
    uid = get(lab.env, "kafka", "log", f"--namespace={SHOP}")[0]["metadata"]["uid"]
    operated = of("Deployment", "by-operator", replicas=0)
    owner = {"apiVersion": "kafka.strimzi.io/v1beta2", "kind": "Kafka", "name": "log", "uid": uid, "controller": True}
    operated["metadata"]["ownerReferences"] = [owner]
    put(operated, "strimzi")
    put(of("Deployment", "plain", replicas=0, namespace=PLAIN))
    kubectl(lab.env, "wait", f"--namespace={SHOP}", "--for=condition=Available", "deployment/web", "--timeout=60s")
    kubectl(lab.env, "wait", f"--namespace={SHOP}", "--for=condition=Ready", f"pod/static-{NODE}", "--timeout=60s")
    yield lab
    static.unlink()
    kubectl(lab.env, "delete", "namespace", SHOP, PLAIN, "--wait=false")
    kubectl(lab.env, "delete", "crd", "kafkas.kafka.strimzi.io", "--wait=false")


@pytest.fixture
def stock(populated: Lab, tmp_path: Path) -> Stock:
    (tmp_path / "stacks").mkdir()
    found = Stock(populated, tmp_path)
    found.reached(kubeconfig="${KUBECONFIG}", context="lab")
    return found


def server_of(lab: Lab) -> tuple[str, str, bytes]:
    """Return the lab's URL, its administrator's token and its authority."""
    config = json.loads(Path(lab.env["KUBECONFIG"]).read_text())
    cluster, user = config["clusters"][0]["cluster"], config["users"][0]["user"]
    return cluster["server"], user["token"], base64.b64decode(cluster["certificate-authority-data"])


def main(managers: str, image: str = "nginx:1.27") -> list[dict[str, Any]]:
    return [{"field": "containers[main]", "image": image, "managers": [managers]}]


CLIENT_SIDE = "kubectl-client-side-apply"


def test_a_namespace_is_told_whole_and_without_secrets(stock: Stock) -> None:
    done = stock.take()
    assert done.returncode == 0, done.stderr
    text = (stock.folder / FILE).read_text()
    assert CLUSTER_DEMO.token not in text and CLUSTER_DEMO.user not in text
    facts = stock.facts()
    assert facts["name"] == "lab" and facts["version"].startswith("v1.") and facts["platforms"] == ["linux/amd64"]
    plain, shop = facts["namespaces"]
    assert (plain["name"], shop["name"]) == (PLAIN, SHOP)
    assert shop["labels"] == {"kubernetes.io/metadata.name": SHOP, "team": "shop"}
    assert shop["accounts"] == [{"name": "default"}, {"name": "web", "pullSecrets": ["hub"]}]
    assert shop["secrets"] == [{"name": "hub", "type": "kubernetes.io/dockerconfigjson", "registries": ["ghcr.io"]}]

    found = {(each["kind"], each["name"]): each for each in shop["workloads"]}
    web = found.pop(("Deployment", "web"))
    running = web.pop("running")
    assert {each["image"]: each["digest"].partition(":")[0] for each in running} == {
        "busybox:1.36": "sha256",
        "nginx:1.27": "sha256",
    }
    assert web == {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "name": "web",
        "images": [
            {"field": "initContainers[tools]", "image": "busybox:1.36", "managers": [CLIENT_SIDE]},
            *main(CLIENT_SIDE),
        ],
        "serviceAccount": "web",
        "pullSecrets": ["hub"],
    }
    short = {
        f"{kind} {name}": (each.get("owner", ""), each["images"], each.get("state", {}))
        for (kind, name), each in found.items()
    }
    none = {"replicas": 0}
    assert short == {
        "CronJob nightly": ("", main(CLIENT_SIDE), {"suspend": True}),
        "DaemonSet daemon": ("", main(CLIENT_SIDE), {"strategy": "OnDelete"}),
        "Deployment by-argo": ("Argo CD application shop", main("argocd-controller"), none),
        "Deployment by-flux": ("Flux Kustomization flux-system/apps", main("kustomize-controller"), none),
        "Deployment by-helm": (f"Helm release {SHOP}/shop", main("helm"), none),
        "Deployment by-operator": ("Kafka log", main("strimzi"), none),
        "Deployment unknown": ("", main("some-operator"), {"paused": True, **none}),
        "Kafka log": (
            "",
            [{"field": "spec.kafka.image", "image": "strimzi/kafka:3.9", "managers": [CLIENT_SIDE]}],
            {},
        ),
        "Pod bare": ("", main(CLIENT_SIDE, "alpine:3.20"), {}),
        f"Pod static-{NODE}": ("", main("kubelet"), {"mirror": True}),
        "StatefulSet stateful": ("", main(CLIENT_SIDE), {"partition": 2, **none}),
    }


def test_taken_again_it_has_the_same_bytes_and_check_says_what_changed(stock: Stock, populated: Lab) -> None:
    assert stock.take().returncode == 0
    before = (stock.folder / FILE).read_bytes()
    again = stock.take()
    assert again.stdout.endswith(f"{FILE}: unchanged\n")
    assert (stock.folder / FILE).read_bytes() == before
    assert stock.take("--check").returncode == 0, "the control"
    change = ("set", "image", "deployment/plain", f"--namespace={PLAIN}")
    kubectl(populated.env, *change, "main=nginx:1.28")
    checked = stock.take("--check")
    kubectl(populated.env, *change, "main=nginx:1.27")
    assert checked.returncode == 1
    place = f"plans depend on it: cluster lab: namespace {PLAIN}: Deployment plain: "
    assert f"{place}containers[main]: nginx:1.27 -> nginx:1.28" in checked.stdout
    assert f"{place}managers of containers[main]: {CLIENT_SIDE} -> kubectl-set" in checked.stdout
    assert (stock.folder / FILE).read_bytes() == before


def test_a_server_with_token_and_authority_tells_the_same(stock: Stock, populated: Lab) -> None:
    assert stock.take().returncode == 0
    url, token, authority = server_of(populated)
    (stock.folder / "ca.pem").write_bytes(authority)
    stock.reached(server=url, token="lab-token", certificateAuthority="ca.pem")
    done = stock.take("--check", HUB2GHCR_SECRET_LAB_TOKEN=token)
    assert done.returncode == 0, done.stdout + done.stderr
    told = stock.take("--check", HUB2GHCR_SECRET_LAB_TOKEN="wrong")
    assert told.returncode == 1
    line = f"error: cluster lab: refuses the credential (401): '{url}'; renew the credential of server {url}"
    assert told.stderr.splitlines() == [line]
    assert "set HUB2GHCR_SECRET_LAB_TOKEN" in stock.take("--check").stderr

    stock.reached(server=url, token="lab-token")
    (line,) = stock.take("--check", HUB2GHCR_SECRET_LAB_TOKEN=token).stderr.splitlines()
    assert "is unreachable" in line and "certificate authority" in line and token not in line


LOCK = """version: 1
images:
- source: docker.io/library/nginx:1.27
  digest: {digest}
  mediaType: application/vnd.oci.image.index.v1+json
  platforms: [linux/amd64]
  size: 1
  target: ghcr.io/acme/mirror/nginx:1.27
  resolved: {{at: '2026-11-21T12:00:00Z', from: docker.io}}
"""


@pytest.mark.slow
def test_after_a_switch_it_says_the_same_as_before(stock: Stock, populated: Lab) -> None:
    digest = f"sha256:{'a' * 64}"
    (stock.folder / "images.lock.yaml").write_text(LOCK.format(digest=digest))
    assert stock.take().returncode == 0
    before = stock.facts()["namespaces"][0]["workloads"]
    container = {"name": "main", "image": f"ghcr.io/acme/mirror/nginx:1.27@{digest}"}
    pod = {"containers": [container], "imagePullSecrets": [{"name": "inherited"}, {"name": "hub2ghcr-ghcr"}]}
    patch = of("Deployment", "plain", namespace=PLAIN, pod=pod, replicas=0)

    def switched(manager: str) -> tuple[dict[str, Any], list[dict[str, Any]]]:
        how = ("--server-side", "--force-conflicts", f"--field-manager={manager}", "-f", "-")
        kubectl(populated.env, "apply", *how, stdin=json.dumps(patch))
        done = stock.take("--output", "json")
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout), stock.facts()["namespaces"][0]["workloads"]

    told, now = switched("hub2ghcr")
    assert told["stale"] == []
    assert now[0]["images"] == main("hub2ghcr")
    assert now[0] == {**before[0], "images": main("hub2ghcr")}
    kubectl(populated.env, "delete", "deployment", "plain", f"--namespace={PLAIN}")
    told, now = switched("somebody")  # the control: what others moved stays as they wrote it
    assert now[0]["images"] == main("somebody", container["image"])
    assert len(told["stale"]) == 3, "image, manager and pull Secrets"
    kubectl(populated.env, "delete", "deployment", "plain", f"--namespace={PLAIN}")
    kubectl(populated.env, "apply", "-f", "-", stdin=json.dumps(of("Deployment", "plain", replicas=0, namespace=PLAIN)))


def test_an_exec_plugin_opens_it(stock: Stock, populated: Lab) -> None:
    _, token, _ = server_of(populated)
    config = json.loads(Path(populated.env["KUBECONFIG"]).read_text())
    status = {"apiVersion": "client.authentication.k8s.io/v1", "kind": "ExecCredential", "status": {"token": token}}
    (stock.folder / "plugin.py").write_text(f"print({json.dumps(status)!r})")
    plugin = {"command": sys.executable, "args": [str(stock.folder / "plugin.py")]}
    config["users"][0]["user"] = {"exec": {**plugin, "apiVersion": "client.authentication.k8s.io/v1"}}
    (stock.folder / "kubeconfig").write_text(json.dumps(config))
    stock.reached(kubeconfig="kubeconfig", context="lab")
    assert stock.take().returncode == 0
    config["users"][0]["user"] = {}
    (stock.folder / "kubeconfig").write_text(json.dumps(config))
    assert stock.take().returncode == 1, "the control: without the plugin nobody asks"


def test_who_may_nothing_is_told_all_of_it_at_once(stock: Stock, populated: Lab) -> None:
    kubectl(populated.env, "create", "clusterrole", "stock-lists", "--verb=list,get", "--resource=namespaces")
    binding = ("--clusterrole=stock-lists", f"--serviceaccount={SHOP}:web")
    kubectl(populated.env, "create", "clusterrolebinding", "stock-lists", *binding)
    url, _, authority = server_of(populated)
    (stock.folder / "ca.pem").write_bytes(authority)
    token = kubectl(populated.env, "create", "token", "web", f"--namespace={SHOP}").strip()
    stock.reached(server=url, token="lab-token", certificateAuthority="ca.pem")
    done = stock.take(HUB2GHCR_SECRET_LAB_TOKEN=token)
    kubectl(populated.env, "delete", "clusterrolebinding/stock-lists", "clusterrole/stock-lists")
    assert done.returncode == 1
    assert not (stock.folder / FILE).exists()
    told = [line.partition("(403)")[0] for line in done.stderr.splitlines()]
    kinds = ("pods", "deployments.apps", "statefulsets.apps", "daemonsets.apps", "replicasets.apps", "jobs.batch")
    more = ("cronjobs.batch", "replicationcontrollers", "serviceaccounts")
    every = [(kind, name) for kind in (*kinds, *more) for name in (PLAIN, SHOP)]
    each = [f"error: cluster lab: may not list {kind} in {name} " for kind, name in every]
    assert sorted(told) == sorted(each)


def test_a_cluster_that_does_not_answer_is_one_line(stock: Stock) -> None:
    stock.reached(server="https://127.0.0.1:1", token="lab-token")
    (line,) = stock.take(HUB2GHCR_SECRET_LAB_TOKEN="x").stderr.splitlines()
    assert line.startswith("error: cluster lab: is unreachable")


@pytest.mark.slow
def test_live_workloads_move_and_come_back_by_the_inventory_alone(lab: Lab, tmp_path: Path) -> None:
    """No manifest names them. After the switch the inventory still knows where they came from: the plan is the same."""
    name = "alive"
    web = of("Deployment", "web", namespace=name, pod={"terminationGracePeriodSeconds": 1})
    cron = of("CronJob", "report", namespace=name)
    proving.deploy(lab.env, name, [web, cron])
    cluster = proving.cluster("lab", lab.env["KUBECONFIG"], **{name: {"manifests": ["stacks/app.yaml"]}})
    stack = proving.create(lab, tmp_path, name, [cluster], {"app": [web, cron]})
    locked = (tmp_path / "images.lock.yaml").read_bytes()
    (tmp_path / "stacks" / "app.yaml").unlink()
    stack.configure({f"hub2ghcr:clusters.0.namespaces.{name}": {"live": True}, "hub2ghcr:phase": "cutover"})

    def told(*command: str) -> str:
        done = lab.run("hub2ghcr", *command, "-s", name, cwd=tmp_path, HUB2GHCR_SECRET_HUB_PULL_TOKEN=HUB_READER.token)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def up(*flags: str) -> None:
        done = stack.up(*flags)
        assert done.returncode == 0, done.stdout + done.stderr
        proving.settle(lab.env, name)

    def images() -> set[str]:
        return {
            each["spec"]["containers"][0]["image"].partition("@")[0] for each in proving.pods(lab.env, name).values()
        }

    try:
        told("inventory")
        told("lock")
        assert (tmp_path / "images.lock.yaml").read_bytes() == locked
        plan = told("plan", "--output", "json")
        up()
        proving.until(lambda: images() == {f"ghcr.io/acme/{name}/library/nginx:1.27"}, "Pods run from GHCR")
        told("inventory")
        assert told("plan", "--output", "json") == plan
        up("--expect-no-changes")
        stack.configure({"hub2ghcr:phase": "prepare"})
        up()
        proving.until(lambda: images() == {"nginx:1.27"}, "Pods are back")
    finally:
        stack.pulumi("stack", "rm", "--yes", "--force", "--preserve-config")
        kubectl(lab.env, "delete", "namespace", name, "--ignore-not-found", "--wait=false")
        kubectl(lab.env, "delete", "validatingadmissionpolicies,validatingadmissionpolicybindings", "--all")
