"""OpenShift on a real API server with OpenShift's own definitions: the nodes' pull secret, mirror sets, build links.

The machine configuration that makes files of nodes of both is no part of this: what it reads is proven.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from hub2ghcr.cluster import Cluster
from hub2ghcr.credentials import Credential
from hub2ghcr.errors import Refused
from hub2ghcr.platforms.openshift import MirrorRule, MirrorSet, global_pull_secret, mirror_sets
from lab import toolchain
from lab.accounts import CLUSTER_DEMO
from lab.kubectl import get, kubectl
from tests.e2e import proving
from tests.e2e.conftest import Lab
from tests.e2e.stack import Stack, lines

pytestmark = pytest.mark.e2e

NAME = "openshift"
INSTALLED = {
    "cloud.openshift.com": {"auth": "Y2xvdWQ6eA==", "email": "ops@acme.example"},
    "registry.redhat.io": {"auth": "cmVkaGF0Ong=", "email": "ops@acme.example"},
}
"""What the installer left in the global pull secret."""
TOKEN = "builder-dockercfg-x7k2p"
"""A Secret of the internal registry, under a name that OpenShift gives."""
SETS = ("imagedigestmirrorsets", "imagetagmirrorsets")
OTHERS = ("-n", "openshift-config", "secret", "pull-secret")
DEPLOYMENT: dict[str, Any] = {
    "apiVersion": "apps/v1",
    "kind": "Deployment",
    "metadata": {"name": "web", "namespace": NAME},
    "spec": {
        "replicas": 0,
        "selector": {"matchLabels": {"app": "web"}},
        "template": {
            "metadata": {"labels": {"app": "web"}},
            "spec": {
                "securityContext": {"runAsNonRoot": True, "seccompProfile": {"type": "RuntimeDefault"}},
                "containers": [
                    {
                        "name": "web",
                        "image": "nginx:1.27",
                        "securityContext": {"allowPrivilegeEscalation": False, "capabilities": {"drop": ["ALL"]}},
                    }
                ],
            },
        },
    },
}
"""As the restricted security context constraints of OpenShift want it."""


@pytest.fixture(scope="module")
def definitions(lab: Lab) -> Iterator[None]:
    """The API server knows the kinds; after the tests it does not any more."""
    (folder,) = toolchain.resolve(["openshift-crds"], quiet=True).folders
    kubectl(lab.env, "apply", "--server-side", "-f", str(folder))
    kubectl(lab.env, "wait", "--for=condition=Established", "-f", str(folder), "--timeout=60s")
    yield
    kubectl(lab.env, "delete", "-f", str(folder), "--ignore-not-found", "--wait=false")


@pytest.fixture
def installed(lab: Lab, definitions: None) -> Iterator[None]:
    """The namespace of OpenShift's configuration, as an installer leaves it."""
    made = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": global_pull_secret.NAMESPACE}}
    kubectl(lab.env, "apply", "-f", "-", stdin=json.dumps(made))
    write(lab, INSTALLED)
    yield
    for each in (*SETS, "imagecontentsourcepolicies"):
        kubectl(lab.env, "delete", each, "--all")
    kubectl(lab.env, "delete", "namespace", global_pull_secret.NAMESPACE)


def write(lab: Lab, auths: Mapping[str, Any]) -> None:
    """Replace the entries of the global pull secret, as somebody with `oc set data` does."""
    text = json.dumps({"auths": auths})
    secret = {
        "apiVersion": "v1",
        "kind": "Secret",
        "metadata": {"name": global_pull_secret.NAME, "namespace": global_pull_secret.NAMESPACE},
        "type": "kubernetes.io/dockerconfigjson",
        "data": {".dockerconfigjson": base64.b64encode(text.encode()).decode()},
    }
    kubectl(lab.env, "apply", "--server-side", "--force-conflicts", "-f", "-", stdin=json.dumps(secret))


def auths(lab: Lab) -> dict[str, Any]:
    """The entries of the global pull secret."""
    (secret,) = get(lab.env, *OTHERS)
    found: dict[str, Any] = json.loads(base64.b64decode(secret["data"][".dockerconfigjson"]))["auths"]
    return found


def mirrored(lab: Lab) -> dict[str, Any]:
    """What each mirror set says, by kind."""
    return {each["kind"]: next(iter(each["spec"].values())) for kind in SETS for each in get(lab.env, kind)}


class Interrupted(Cluster):
    """A cluster in which somebody else writes the global pull secret right before we do; ``careless`` is our control.

    It stands for a writer that does not say which version he has read.
    """

    lab: Lab
    careless = False
    interrupted = False

    def replace(self, document: Mapping[str, Any], *, manager: str = "hub2ghcr") -> dict[str, Any]:
        """Replace an object, after another writer."""
        if not self.interrupted:
            self.interrupted = True
            write(self.lab, {**INSTALLED, "registry.acme.example": {"auth": "YTpi"}})
        if self.careless:
            metadata = {key: value for key, value in document["metadata"].items() if key != "resourceVersion"}
            document = {**document, "metadata": metadata}
        return super().replace(document, manager=manager)


@pytest.mark.parametrize("careless", [False, True])
def test_a_concurrent_edit_of_the_global_pull_secret_survives(lab: Lab, installed: None, careless: bool) -> None:
    """The control: without the version that was read, it is lost."""
    with Interrupted.by_kubeconfig("lab", lab.env["KUBECONFIG"], "lab") as cluster:
        assert isinstance(cluster, Interrupted)
        cluster.lab, cluster.careless = lab, careless
        wanted = {"ghcr.io": Credential("robot", "value")}
        global_pull_secret.write(cluster, "one", wanted)
        kept = {"registry.acme.example": {"auth": "YTpi"}}
        ours = {"ghcr.io": {"auth": base64.b64encode(b"robot:value").decode()}}
        assert auths(lab) == {**INSTALLED, **({} if careless else kept), **ours}
        assert cluster.interrupted
        global_pull_secret.remove(cluster, "one")
        assert auths(lab) == {**INSTALLED, **({} if careless else kept)}


def test_the_api_server_takes_what_a_mapping_says_and_refuses_what_is_no_source(lab: Lab, installed: None) -> None:
    with Cluster.by_kubeconfig("lab", lab.env["KUBECONFIG"], "lab") as cluster:
        rules = [
            MirrorRule("docker.io", "ghcr.io/acme/hub"),
            MirrorRule("docker.io/library", "ghcr.io/acme/mirror"),
            MirrorRule("docker.io/acme/shop", "ghcr.io/acme/web"),
            MirrorRule("registry.acme.example:5000/team", "ghcr.io/acme/team"),
        ]
        sets: tuple[MirrorSet, ...] = ("digest", "tag")
        mirror_sets.apply(cluster, "ours", "one", sets, rules, "NeverContactSource")
        assert mirror_sets.stand(cluster, "ours", "one", sets, rules, "NeverContactSource")
        assert not list(mirror_sets.refusals(cluster, "ours", "one", sets, rules))
        with pytest.raises(Refused):
            wrong = [MirrorRule("docker.io/acme/app-*", "ghcr.io/acme/app-*")]
            mirror_sets.apply(cluster, "ours", "one", sets[1:], wrong, "AllowContactingSource")
        mirror_sets.remove(cluster, "ours", "one", sets)
        assert mirrored(lab) == {}


@pytest.fixture
def stack(lab: Lab, installed: None, tmp_path: Path) -> Iterator[Stack]:
    """A stack of one workload, a ServiceAccount that builds, the global pull secret and both mirror sets."""
    proving.deploy(lab.env, NAME, [DEPLOYMENT])
    account = {
        "apiVersion": "v1",
        "kind": "ServiceAccount",
        "metadata": {"name": "builder", "namespace": NAME},
        "secrets": [{"name": TOKEN}],
        "imagePullSecrets": [{"name": TOKEN}],
    }
    kubectl(lab.env, "apply", "--server-side", "-f", "-", stdin=json.dumps(account))
    declared = proving.cluster("lab", lab.env["KUBECONFIG"], **{NAME: {"manifests": ["stacks/web.yaml"]}})
    declared["builders"] = ["builder"]
    declared["openshift"] = {
        "globalPullSecret": "ghcr-cluster-demo",
        "mirrorSets": ["digest", "tag"],
        "sourcePolicy": "NeverContactSource",
    }
    found = proving.create(lab, tmp_path, NAME, [declared], {"web": [DEPLOYMENT]})
    yield found
    found.pulumi("destroy", "--yes", "--skip-preview")
    found.pulumi("stack", "rm", "--yes", "--force", "--preserve-config")
    kubectl(lab.env, "delete", "namespace", NAME, "--ignore-not-found", "--wait=false")


def to(stack: Stack, phase: str) -> None:
    stack.configure({"hub2ghcr:phase": phase})
    done = stack.up()
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.slow
def test_there_and_back_leaves_what_others_have(lab: Lab, stack: Stack) -> None:
    # what is not ours is refused, all of it at once, and nothing is written
    somebody = {"ghcr.io": {"auth": base64.b64encode(b"somebody:else").decode()}}
    write(lab, {**INSTALLED, **somebody})
    older = {
        "apiVersion": "operator.openshift.io/v1alpha1",
        "kind": "ImageContentSourcePolicy",
        "metadata": {"name": "older"},
        "spec": {"repositoryDigestMirrors": [{"source": "docker.io", "mirrors": ["mirror.acme.example"]}]},
    }
    kubectl(lab.env, "apply", "-f", "-", stdin=json.dumps(older))
    refused = stack.up()
    told = "\n".join(lines(refused))
    assert refused.returncode != 0
    assert "openshift-config/pull-secret: has an entry for ghcr.io already, of somebody, and not ours" in told
    assert "ImageContentSourcePolicy older: has mirrors of docker.io already" in told
    assert auths(lab) == {**INSTALLED, **somebody}
    assert not [each for each in get(lab.env, "secrets", "-n", NAME) if each["metadata"]["name"] == "hub2ghcr-ghcr"]
    kubectl(lab.env, "delete", "imagecontentsourcepolicies", "older")
    write(lab, INSTALLED)

    to(stack, "prepare")
    ours = {"ghcr.io": {"auth": base64.b64encode(f"{CLUSTER_DEMO.user}:{CLUSTER_DEMO.token}".encode()).decode()}}
    assert auths(lab) == {**INSTALLED, **ours}
    assert mirrored(lab) == {}
    assert listed(lab) == ([TOKEN, "hub2ghcr-ghcr"], [TOKEN])
    state = json.dumps(stack.state())
    assert CLUSTER_DEMO.token not in state and ours["ghcr.io"]["auth"] not in state

    others = {**INSTALLED, "registry.acme.example": {"auth": "YTpi"}}
    write(lab, {**others, **ours})  # somebody edits it between two runs
    to(stack, "cutover")
    assert auths(lab) == {**others, **ours}
    rule = {"source": "docker.io", "mirrors": [f"ghcr.io/acme/{NAME}"], "mirrorSourcePolicy": "AllowContactingSource"}
    assert mirrored(lab) == {"ImageDigestMirrorSet": [rule], "ImageTagMirrorSet": [rule]}
    (web,) = get(lab.env, "deployments", "-n", NAME)
    pod = web["spec"]["template"]["spec"]
    wanted = DEPLOYMENT["spec"]["template"]["spec"]
    assert pod["containers"][0]["image"].startswith(f"ghcr.io/acme/{NAME}/library/nginx:1.27@")
    assert pod["securityContext"] == wanted["securityContext"]
    assert pod["containers"][0]["securityContext"] == wanted["containers"][0]["securityContext"]

    # what somebody takes away comes back
    write(lab, others)
    kubectl(lab.env, "delete", "imagetagmirrorsets", "--all")
    to(stack, "seal")
    assert auths(lab) == {**others, **ours}
    assert {each["mirrorSourcePolicy"] for rules in mirrored(lab).values() for each in rules} == {"NeverContactSource"}

    to(stack, "prepare")
    assert mirrored(lab) == {} and auths(lab) == {**others, **ours}
    done = stack.pulumi("destroy", "--yes", "--skip-preview")
    assert done.returncode == 0, done.stdout + done.stderr
    assert auths(lab) == others
    assert listed(lab) == ([TOKEN], [TOKEN])


def listed(lab: Lab) -> tuple[list[str], list[str]]:
    """The Secrets that the ServiceAccount mounts, and those that it pulls with."""
    (account,) = get(lab.env, "serviceaccount", "builder", "-n", NAME)
    mounted, pulled = (account.get(key) or [] for key in ("secrets", "imagePullSecrets"))
    return [each["name"] for each in mounted], [each["name"] for each in pulled]
