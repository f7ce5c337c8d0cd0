"""What the real API server refuses, and what our client makes of it: one line, with the object and a remedy."""

from __future__ import annotations

import base64
import copy
import json
import time
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from hub2ghcr.cluster import Cluster, Right
from hub2ghcr.errors import ClusterError, Conflict, Refused
from lab.kubectl import kubectl
from tests.e2e import proving
from tests.e2e.conftest import Lab

pytestmark = pytest.mark.e2e

SECRET = "s3cret-in-an-environment"


@pytest.fixture(scope="module")
def cluster(lab: Lab) -> Iterator[Cluster]:
    """The lab's cluster, as the administrator."""
    with Cluster.by_kubeconfig("lab", lab.env["KUBECONFIG"], "lab") as found:
        yield found


@pytest.fixture
def namespace(lab: Lab, cluster: Cluster) -> Iterator[str]:
    """A namespace of the test's own."""
    name = f"refusals-{uuid.uuid4().hex[:6]}"
    cluster.create({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}})
    yield name
    cluster.delete("v1", "Namespace", "", name)


def secret(namespace: str, text: str = '{"auths": {}}', kind: str = "kubernetes.io/dockerconfigjson") -> dict[str, Any]:
    key = {"kubernetes.io/dockercfg": ".dockercfg"}.get(kind, ".dockerconfigjson")
    data = {key: base64.b64encode(text.encode()).decode()}
    return {
        "apiVersion": "v1",
        "kind": "Secret",
        "metadata": {"name": "pull", "namespace": namespace},
        "type": kind,
        "data": data,
    }


def workload(kind: str, namespace: str, **spec: Any) -> dict[str, Any]:
    container = {"name": "web", "image": "nginx:1.27", "env": [{"name": "PASSWORD", "value": SECRET}]}
    pod: dict[str, Any] = {"containers": [container]}
    body: dict[str, Any] = {"template": {"metadata": {"labels": {"app": "web"}}, "spec": pod}}
    if kind == "Job":
        pod["restartPolicy"] = "Never"
        body["suspend"] = True
    else:
        body |= {"replicas": 0, "selector": {"matchLabels": {"app": "web"}}}
    body |= spec
    return {
        "apiVersion": "batch/v1" if kind == "Job" else "apps/v1",
        "kind": kind,
        "metadata": {"name": "web", "namespace": namespace},
        "spec": pod if kind == "Pod" else body,
    }


def changed(document: dict[str, Any], path: str, value: Any) -> dict[str, Any]:
    made = copy.deepcopy(document)
    *above, last = path.split("/")
    place: Any = made
    for key in above:
        place = place[int(key)] if isinstance(place, list) else place.setdefault(key, {})
    place[last] = value
    return made


def applied(cluster: Cluster, *documents: dict[str, Any]) -> None:
    for each in documents:
        cluster.apply(each, manager="test", force=True)


def refusal(run: Callable[[], object]) -> ClusterError:
    with pytest.raises(ClusterError) as caught:
        run()
    line = str(caught.value)
    assert "\n" not in line
    assert SECRET not in line
    return caught.value


def filled(cluster: Cluster, namespace: str) -> ClusterError:
    """Leave no room for another Secret, and return how one is refused."""
    quota = {"apiVersion": "v1", "kind": "ResourceQuota", "metadata": {"name": "few", "namespace": namespace}}
    applied(cluster, {**quota, "spec": {"hard": {"secrets": "0"}}})

    def over() -> None:
        # the quota's controller counts first
        for _ in range(50):
            cluster.create(changed(secret(namespace), "metadata/name", f"s-{uuid.uuid4().hex[:6]}"))
            time.sleep(0.2)

    return refusal(over)


def test_a_pull_secret_is_refused_for_what_is_wrong_with_it(cluster: Cluster, namespace: str) -> None:
    place = f"cluster lab: Secret {namespace}/pull: "
    line = str(refusal(lambda: applied(cluster, secret(namespace, "no json"))))
    assert line.startswith(f"{place}is refused: data[.dockerconfigjson]: Invalid value: ")
    assert line.endswith('the value of `.dockerconfigjson` must be a JSON object {"auths": {…}}')

    applied(cluster, secret(namespace))
    line = str(refusal(lambda: applied(cluster, {**secret(namespace), "type": "Opaque"})))
    assert line.startswith(f"{place}is refused: type: ") and "immutable" in line
    assert line.endswith("a Secret of that name has another type: choose another name")

    error = refusal(lambda: cluster.create(secret(namespace)))
    assert isinstance(error, Refused) and error.reason == "AlreadyExists"
    assert str(error).endswith("the name is taken: remove the other one, or choose another name")

    applied(cluster, {**secret(namespace), "immutable": True})
    line = str(refusal(lambda: applied(cluster, secret(namespace, '{"auths": {"ghcr.io": {}}}') | {"immutable": True})))
    assert line.endswith("it is marked immutable: delete it first, or choose another name")


def test_what_is_fixed_once_it_exists_is_refused_without_what_was_sent(cluster: Cluster, namespace: str) -> None:
    job, deployment = workload("Job", namespace), workload("Deployment", namespace)
    stateful = workload("StatefulSet", namespace, serviceName="web")
    applied(cluster, job, deployment, stateful)
    image = "spec/template/spec/containers/0/image"
    # a Job that is suspended and never ran may still change resources, never its image
    line = str(refusal(lambda: applied(cluster, changed(job, image, "nginx:1.28"))))
    assert line.endswith("a Job's template is fixed: let it finish, or delete it first")
    labelled = changed(deployment, "spec/selector/matchLabels/x", "y")
    labelled = changed(labelled, "spec/template/metadata/labels/x", "y")
    line = str(refusal(lambda: applied(cluster, labelled)))
    assert line.endswith("the selector is fixed: keep the one that is live")
    line = str(refusal(lambda: applied(cluster, changed(stateful, "spec/serviceName", "other"))))
    assert line.endswith("other fields than the images differ: use `patch`")


def test_a_pod_is_fixed_but_for_its_images(cluster: Cluster, namespace: str) -> None:
    applied(
        cluster, {"apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"name": "default", "namespace": namespace}}
    )
    pod = changed(workload("Pod", namespace), "apiVersion", "v1")
    applied(cluster, pod)
    applied(cluster, changed(pod, "spec/containers/0/image", "nginx:1.28"))  # the control
    line = str(refusal(lambda: applied(cluster, changed(pod, "spec/imagePullSecrets", [{"name": "x"}]))))
    assert line.endswith("a Pod is fixed but for its images: set `recreate: true`")


def test_quotas_policies_and_webhooks_are_named(lab: Lab, cluster: Cluster, namespace: str) -> None:
    line = str(filled(cluster, namespace))
    assert line.endswith("raise the ResourceQuota few, or free some of it")

    labels = {"pod-security.kubernetes.io/enforce": "restricted"}
    applied(cluster, {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": namespace, "labels": labels}})
    applied(
        cluster, {"apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"name": "default", "namespace": namespace}}
    )
    line = str(refusal(lambda: applied(cluster, changed(workload("Pod", namespace), "apiVersion", "v1"))))
    assert line.endswith("label the namespace `pod-security.kubernetes.io/enforce` as its Pods need it")

    rule = {"operations": ["CREATE"], "apiGroups": [""], "apiVersions": ["v1"], "resources": ["configmaps"]}
    selector = {"matchLabels": {"kubernetes.io/metadata.name": namespace}}
    hook = {
        "name": "gone.example.com",
        "rules": [rule],
        "namespaceSelector": selector,
        "clientConfig": {"url": "https://127.0.0.1:1/"},
        "sideEffects": "None",
        "admissionReviewVersions": ["v1"],
    }
    api = "admissionregistration.k8s.io/v1"
    config = {"apiVersion": api, "kind": "ValidatingWebhookConfiguration", "metadata": {"name": namespace}}
    applied(cluster, {**config, "webhooks": [hook]})
    try:

        def seen() -> None:
            for index in range(50):
                made = {"name": f"c-{index}", "namespace": namespace}
                cluster.create({"apiVersion": "v1", "kind": "ConfigMap", "metadata": made})
                time.sleep(0.2)

        line = str(refusal(seen))
    finally:
        cluster.delete(api, config["kind"], "", namespace)  # type: ignore[arg-type]
    assert line.endswith("the webhook does not answer: repair its service, or remove its configuration")


def test_what_the_engine_is_refused_ends_with_the_same_remedy(
    lab: Lab, cluster: Cluster, namespace: str, tmp_path: Path
) -> None:
    """The pull Secret is written by pulumi-kubernetes, not by our client."""
    filled(cluster, namespace)
    web = workload("Deployment", namespace)
    settings = {"manifests": ["stacks/web.yaml"], "delivery": "own"}
    reached = {**proving.cluster("lab", lab.env["KUBECONFIG"]), "namespaces": {namespace: settings}}
    stack = proving.create(lab, tmp_path, "refused", [reached], {"web": [web]})
    try:
        done = lab.run("hub2ghcr", "up", "-s", stack.name, "--yes", cwd=tmp_path, timeout=300.0, **stack.env)
    finally:
        stack.pulumi("stack", "rm", "--yes", "--force", "--preserve-config")
    assert done.returncode == 1, done.stdout + done.stderr
    (line,) = [each for each in done.stderr.splitlines() if "exceeded quota" in each]
    assert f"lab/{namespace}: " in line
    assert line.endswith("raise the ResourceQuota few, or free some of it"), line


def test_a_namespace_that_is_not_there_or_goes_says_so(cluster: Cluster, namespace: str) -> None:
    line = str(refusal(lambda: applied(cluster, secret("nowhere"))))
    assert line.startswith("cluster lab: Secret nowhere/pull: is refused: namespaces")
    assert line.endswith("create the namespace, or set `create: true`")
    held = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "held", "namespace": namespace}}
    cluster.create(changed(held, "metadata/finalizers", ["example.com/hold"]))
    cluster.delete("v1", "Namespace", "", namespace)
    line = str(refusal(lambda: applied(cluster, secret(namespace))))
    applied(cluster, changed(held, "metadata/finalizers", []))
    assert line.endswith("wait until the namespace is gone, then create it again")


def test_who_may_not_is_told_which_verb_to_grant(lab: Lab, cluster: Cluster, namespace: str) -> None:
    applied(
        cluster, {"apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"name": "weak", "namespace": namespace}}
    )
    token = kubectl(lab.env, "create", "token", "weak", f"--namespace={namespace}").strip()
    with Cluster.by_server("lab", *_server(lab, token)) as weak:
        line = str(refusal(lambda: weak.get("v1", "Secret", namespace, "pull")))
        rights = [Right("list", "pods", namespace), Right("patch", "deployments.apps", namespace)]
        assert weak.allowed(rights) == tuple(rights)
        assert cluster.allowed(rights) == ()
    user = f"system:serviceaccount:{namespace}:weak"
    assert line == (
        f"cluster lab: Secret {namespace}/pull: may not get secrets in {namespace} (403): '{user}'; "
        "grant the verb get on secrets of API group '' to that user"
    )


def _server(lab: Lab, token: str) -> tuple[str, str, Path]:
    """The lab's URL, a token, and the file of its authority."""
    found = json.loads(Path(lab.env["KUBECONFIG"]).read_text())["clusters"][0]["cluster"]
    authority = lab.state / "authority.pem"
    authority.write_bytes(base64.b64decode(found["certificate-authority-data"]))
    return found["server"], token, authority


def test_fields_of_others_are_a_conflict_that_names_them(cluster: Cluster, namespace: str) -> None:
    deployment = workload("Deployment", namespace)
    cluster.apply(deployment, manager="helm")
    patch = {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": "web", "namespace": namespace},
        "spec": {"template": {"spec": {"containers": [{"name": "web", "image": "ghcr.io/acme/nginx:1.27"}]}}},
    }
    error = refusal(lambda: cluster.apply(patch, manager="hub2ghcr"))
    assert isinstance(error, Conflict)
    assert error.managers == ("helm",)
    assert error.fields == ('.spec.template.spec.containers[name="web"].image',)
    cluster.apply(patch, manager="hub2ghcr", force=True, dry_run=True)
    live = cluster.get("apps/v1", "Deployment", namespace, "web") or {}
    assert live["spec"]["template"]["spec"]["containers"][0]["image"] == "nginx:1.27", "dry runs write nothing"
    cluster.apply(patch, manager="hub2ghcr", force=True)
    outrun = refusal(lambda: cluster.replace(changed(live, "spec/replicas", 1)))
    assert isinstance(outrun, Conflict) and not outrun.managers
    assert isinstance(refusal(lambda: cluster.delete("apps/v1", "Deployment", namespace, "web", uid="other")), Conflict)


def test_a_list_is_read_page_by_page(cluster: Cluster, namespace: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("hub2ghcr.cluster.client.PAGE", 2)
    for index in range(5):
        labels = {"odd": str(index % 2)}
        made = {"name": f"c-{index}", "namespace": namespace, "labels": labels}
        cluster.create({"apiVersion": "v1", "kind": "ConfigMap", "metadata": made})
    found = list(cluster.list("v1", "ConfigMap", namespace, labels="odd=0"))
    assert [each["metadata"]["name"] for each in found] == ["c-0", "c-2", "c-4"]
    assert {each["kind"] for each in found} == {"ConfigMap"}
    assert list(cluster.list("example.com/v1", "Thing")) == []
