"""Pull access on the real engine, API server and kubelet: who may pull, who else writes, what is refused and when."""

from __future__ import annotations

import base64
import json
import shutil
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml

from hub2ghcr import registry
from hub2ghcr.cluster import Cluster
from hub2ghcr.credentials import Credential
from hub2ghcr.errors import Conflict, Refused
from hub2ghcr.reference import Reference
from lab import github, github_admin, registry_admin
from lab.accounts import CLUSTER_DEMO, MIGRATION, Account
from lab.kubectl import get, kubectl
from tests.e2e import proving
from tests.e2e.conftest import ROOT, Lab
from tests.e2e.stack import Stack, encrypted, lines

pytestmark = [pytest.mark.e2e, pytest.mark.root]

NAMESPACE = "e2e-access"
SECRET = "hub2ghcr-ghcr"
TOOLS = "ghcr.io/acme/tools:3"
PROGRAM = '''
"""Pull access of one namespace, and a Deployment that waits for it."""

import json
from pathlib import Path

import pulumi

from components import expiry, kubernetes_object, pull_access, stack_config
from components.cluster_provider import provider
from components.expected_objects import ExpectedObjects
from components.pull_access import PullAccess, PullAccessArgs
from components.pull_check import PullCheck
from hub2ghcr.plan import (
    Cluster, CredentialRef, GitHub, ImageChange, Kubeconfig, Namespace, Plan, Pull, PullSecret, Server, Workload
)

given = json.loads(Path("given.json").read_text())
credentials = {
    each["name"]: CredentialRef(each["name"], each["username"], each["secretKey"]) for each in given["credentials"]
}
reach = Kubeconfig(**given["kubeconfig"]) if given.get("kubeconfig") else Server(
    given["server"]["url"], credentials["cluster"], given["server"]["authority"]
)
secret = PullSecret(
    given["secret"], {host: credentials[name] for host, name in given["pull"].items()}, {"team": "shop"}, {"why": "e2e"}
)
pulls = tuple(Pull(**each) for each in given["pulls"])
workloads = tuple(
    Workload(
        "apps/v1",
        "Deployment",
        given["namespace"],
        each["name"],
        "patch",
        each["document"],
        (ImageChange("image", each["was"], each["image"], ""),),
        (),
    )
    for each in given["workloads"]
)
namespace = Namespace(
    given["namespace"],
    False,
    secret,
    workloads,
    phase=given["phase"],
    pulls=pulls,
    service_accounts=tuple(given["accounts"]),
)
cluster = Cluster("lab", reach, (namespace,), take_from=("kubectl*",))
admin = GitHub("acme", given["github"], credentials["pull"], (), ())
plan = Plan("access", "cutover", "copy", (), (), admin, (cluster,), ())
pull_access.check(plan)
expiry.tell(plan)
expected = ExpectedObjects("lab", cluster=cluster, manager=kubernetes_object.own_manager())
provided = provider("lab", cluster, pulumi.ResourceOptions())
opts = pulumi.ResourceOptions(providers={"kubernetes": provided}, depends_on=[expected])
args = PullAccessArgs("lab", reach, namespace.name, secret, namespace.service_accounts, keep=given["keep"])
access = PullAccess("lab/access", args, opts)
PullCheck(
    "lab/access",
    cluster="lab",
    reach=reach,
    namespace=namespace.name,
    images=pulls,
    switches=[each.name for each in workloads],
    secret=secret.name,
    secret_version=access.secret_version,
    credentials={host: each.name for host, each in secret.credentials.items()},
    opts=pulumi.ResourceOptions(depends_on=access.granted),
)
'''


class Access(Stack):
    """The program above, and what is given to it."""

    given: dict[str, Any]

    def give(self, **change: Any) -> None:
        """Change what the program declares."""
        self.given = {**getattr(self, "given", {}), **change}
        (self.folder / "given.json").write_text(json.dumps(self.given))

    def set(self, key: str, value: str) -> None:
        """Put a secret into the stack's configuration."""
        done = self.pulumi("config", "set", "--secret", f"hub2ghcr:{key}", value)
        assert done.returncode == 0, done.stderr

    def speak_as(self, account: Account) -> None:
        """Pull with the credential of another account."""
        self.configure({"hub2ghcr:credentials.pull.username": account.user})
        self.set("pullToken", account.token)
        pull, *others = self.given["credentials"]
        self.give(credentials=[{**pull, "username": account.user}, *others])

    def kept(self, type_: str) -> list[dict[str, Any]]:
        """What the state has of a type of ours."""
        resources = self.state()["deployment"]["resources"]
        return [each for each in resources if each["type"].endswith(f":{type_}")]


@pytest.fixture
def namespace(lab: Lab) -> Iterator[str]:
    kubectl(lab.env, "delete", "namespace", NAMESPACE, "--ignore-not-found")
    kubectl(lab.env, "create", "namespace", NAMESPACE)
    kubectl(lab.env, "create", "serviceaccount", "builder", "--namespace", NAMESPACE)
    registry_admin.set_visibility(lab.state, "ghcr", "acme/tools", "private")
    yield NAMESPACE
    registry_admin.set_visibility(lab.state, "ghcr", "acme/tools", "public")
    kubectl(lab.env, "delete", "namespace", NAMESPACE, "--ignore-not-found", "--wait=false")


@pytest.fixture
def access(lab: Lab, namespace: str, tmp_path: Path) -> Iterator[Access]:
    for name in ("components", "hub2ghcr", "requirements.txt", ".venv"):
        (tmp_path / name).symlink_to(ROOT / name)
    shutil.copy(ROOT / "Pulumi.yaml", tmp_path)
    (tmp_path / "stacks").mkdir()
    (tmp_path / "__main__.py").write_text(PROGRAM)
    made = Access(lab, tmp_path, {"E2E_KUBECONFIG": lab.env["KUBECONFIG"]}, "access")
    credentials = [
        {"name": "pull", "username": CLUSTER_DEMO.user, "secretKey": "pullToken"},
        {"name": "cluster", "username": "e2e", "secretKey": "clusterToken"},
    ]
    assert made.pulumi("stack", "init").returncode == 0
    settings = yaml.safe_load(made.file.read_text()) if made.file.exists() else {}
    settings["config"] = {
        "pulumi:disable-default-providers": ["kubernetes", "github"],
        "hub2ghcr:registries": {"ghcr.io": {"endpoint": "${LAB_GHCR_URL}"}},
        "hub2ghcr:credentials": {
            each["name"]: {"username": each["username"], "secretKey": each["secretKey"]} for each in credentials
        },
        "hub2ghcr:clusters": [{"name": "lab", "kubeconfig": "${E2E_KUBECONFIG}", "context": "lab"}],
    }
    made.file.write_text(yaml.safe_dump(settings))
    made.set("pullToken", CLUSTER_DEMO.token)
    made.set("clusterToken", "none")
    made.give(
        credentials=credentials,
        kubeconfig={"path": lab.env["KUBECONFIG"], "context": "lab"},
        secret=SECRET,
        pull={"ghcr.io": "pull"},
        namespace=namespace,
        accounts=["default", "builder"],
        pulls=[{"target": TOOLS, "digest": digest_of(lab, TOOLS), "platforms": ["linux/amd64"]}],
        workloads=[],
        github=github.endpoint(lab.state),
        keep=False,
        phase="cutover",
    )
    yield made
    made.pulumi("stack", "rm", "--yes", "--force")


def digest_of(lab: Lab, image: str) -> str:
    reference = Reference.parse(image)
    opened = registry.Access("ghcr.io", lab.env["LAB_GHCR_URL"], Credential(CLUSTER_DEMO.user, CLUSTER_DEMO.token))
    with registry.Registries([opened]) as registries:
        found = registries.at("ghcr.io").head_manifest(reference.repository, reference.tag or "")
    assert found
    return found.digest


def cluster_of(lab: Lab) -> Cluster:
    return Cluster.by_kubeconfig("lab", lab.env["KUBECONFIG"], "lab")


def entries(lab: Lab, account: str) -> list[str]:
    (found,) = get(lab.env, "serviceaccount", account, "--namespace", NAMESPACE)
    return [each["name"] for each in found.get("imagePullSecrets", [])]


def secret_of(lab: Lab) -> dict[str, Any]:
    (found,) = get(lab.env, "secret", SECRET, "--namespace", NAMESPACE)
    return found


def worked(done: Any) -> None:
    assert done.returncode == 0, done.stdout + done.stderr


@contextmanager
def competing(lab: Lab, account: str, versioned: bool = True) -> Iterator[list[str]]:
    """Let another writer add entries as fast as it can; those that it was told were written are returned."""
    written: list[str] = []
    over = threading.Event()

    def write() -> None:
        with cluster_of(lab) as cluster:
            while not over.is_set():
                found = cluster.get("v1", "ServiceAccount", NAMESPACE, account)
                assert found
                name = f"other-{len(written)}"
                found["imagePullSecrets"] = [*found.get("imagePullSecrets", []), {"name": name}]
                if not versioned:
                    del found["metadata"]["resourceVersion"]
                try:
                    cluster.replace(found, manager="competitor")
                except (Conflict, Refused):
                    continue
                written.append(name)
                time.sleep(0.002)

    thread = threading.Thread(target=write)
    thread.start()
    try:
        yield written
    finally:
        over.set()
        thread.join(30)


def test_a_namespace_gets_its_secret_and_its_entries_and_nobody_loses_one(access: Access, lab: Lab) -> None:
    kubectl(
        lab.env, "patch", "serviceaccount", "builder", "--namespace", NAMESPACE, "-p",
        json.dumps({"imagePullSecrets": [{"name": "theirs"}]}),
    )  # fmt: skip
    with competing(lab, "default") as during_up:
        worked(access.up())
    secret = secret_of(lab)
    auths = json.loads(base64.b64decode(secret["data"][".dockerconfigjson"]))["auths"]
    assert auths["ghcr.io"]["username"] == CLUSTER_DEMO.user
    assert secret["metadata"]["labels"]["team"] == "shop"
    assert secret["metadata"]["annotations"]["why"] == "e2e"
    assert entries(lab, "builder") == ["theirs", SECRET]
    assert len(during_up) > 20
    assert set(entries(lab, "default")) == {*during_up, SECRET}
    state = json.dumps(access.state())
    assert CLUSTER_DEMO.token not in state
    assert {place.rpartition(".")[2] for place in encrypted(access.kept("PullCheck"))} == set()

    before = secret["metadata"]["resourceVersion"]
    worked(access.up("--expect-no-changes"))
    assert secret_of(lab)["metadata"]["resourceVersion"] == before

    with competing(lab, "default") as during_destroy:
        worked(access.pulumi("destroy", "--yes", "--skip-preview"))
    left = entries(lab, "default")
    assert SECRET not in left
    assert set(left) >= {*during_up}
    assert set(during_destroy) <= set(left)
    assert entries(lab, "builder") == ["theirs"]


@pytest.mark.slow
def test_control_a_writer_without_the_version_loses_entries(lab: Lab, namespace: str) -> None:
    with competing(lab, "default", versioned=False) as one, cluster_of(lab) as cluster:
        told = []
        for number in range(200):
            found = cluster.get("v1", "ServiceAccount", NAMESPACE, "default")
            assert found
            del found["metadata"]["resourceVersion"]
            found["imagePullSecrets"] = [*found.get("imagePullSecrets", []), {"name": f"naive-{number}"}]
            cluster.replace(found)
            told.append(f"naive-{number}")
    assert set(entries(lab, "default")) < {*one, *told}


@pytest.mark.slow
def test_an_entry_that_somebody_stripped_comes_back_with_the_next_run(access: Access, lab: Lab) -> None:
    worked(access.up())
    stripped = json.dumps([{"op": "remove", "path": "/imagePullSecrets"}])
    kubectl(lab.env, "patch", "serviceaccount", "builder", "--namespace", NAMESPACE, "--type=json", "-p", stripped)
    worked(access.up())
    assert entries(lab, "builder") == [SECRET]
    kubectl(lab.env, "patch", "serviceaccount", "builder", "--namespace", NAMESPACE, "--type=json", "-p", stripped)
    worked(access.pulumi("refresh", "--yes", "--skip-preview"))
    worked(access.up())
    assert entries(lab, "builder") == [SECRET]


@pytest.mark.slow
def test_leaving_keeps_what_switched_workloads_pull_with(access: Access, lab: Lab) -> None:
    access.give(keep=True)
    worked(access.up())
    worked(access.pulumi("destroy", "--yes", "--skip-preview"))
    assert secret_of(lab)
    assert entries(lab, "default") == [SECRET]
    # who comes back finds its own
    access.give(keep=False)
    worked(access.up())
    worked(access.pulumi("destroy", "--yes", "--skip-preview"))
    assert entries(lab, "default") == []
    assert get(lab.env, "secrets", "--namespace", NAMESPACE) == []


@pytest.mark.slow
def test_an_image_that_this_secret_does_not_open_is_refused_with_user_answer_and_page(access: Access, lab: Lab) -> None:
    github_admin.add_token(lab.state, "acme-stranger", "lab-stranger-5d0c", ["read:packages"])
    access.set("pullToken", "lab-stranger-5d0c")
    done = access.up()
    assert done.returncode != 0
    (line,) = [each for each in lines(done) if "cannot be pulled" in each]
    assert f"cluster lab, namespace {NAMESPACE}: {TOOLS}: cannot be pulled as {CLUSTER_DEMO.user}" in line
    assert "Traceback" not in done.stdout + done.stderr
    assert "lab-stranger-5d0c" not in done.stdout + done.stderr


@pytest.mark.slow
def test_a_platform_that_the_image_has_not_is_refused(access: Access, lab: Lab) -> None:
    access.give(pulls=[{**access.given["pulls"][0], "platforms": ["linux/amd64", "linux/s390x"]}])
    done = access.up()
    assert done.returncode != 0
    assert "has no image for linux/s390x (it has" in done.stdout + done.stderr


@pytest.mark.slow
def test_another_token_changes_the_secret_in_place_and_proves_it_again(access: Access, lab: Lab) -> None:
    worked(access.up())
    uid, first = secret_of(lab)["metadata"]["uid"], access.kept("PullCheck")[0]["outputs"]["secretVersion"]
    access.speak_as(MIGRATION)
    worked(access.up())
    assert secret_of(lab)["metadata"]["uid"] == uid
    assert access.kept("PullCheck")[0]["outputs"]["secretVersion"] != first


def moving(name: str, **container: str) -> dict[str, Any]:
    """A Deployment that is to be patched from nginx:1.27 to another image."""
    image = "ghcr.io/acme/nginx:1.27"
    pod = {"containers": [{"name": "nginx", "image": image, **container}]}
    document = {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": name, "namespace": NAMESPACE},
        "spec": {"template": {"spec": pod}},
    }
    return {"name": name, "document": document, "was": "nginx:1.27", "image": image}


def test_everything_that_is_in_the_way_is_told_in_one_preview(access: Access, lab: Lab) -> None:
    def deploy(name: str, image: str = "nginx:1.27", manager: str = "kubectl-create") -> None:
        create = ("create", "deployment", name, f"--image={image}", "--replicas=0", f"--field-manager={manager}")
        kubectl(lab.env, *create, "--namespace", NAMESPACE)

    kubectl(lab.env, "create", "secret", "generic", SECRET, "--namespace", NAMESPACE, "--from-literal=a=b")
    deploy("stale", "nginx:1.28")
    deploy("chart", manager="helm")
    release = ("meta.helm.sh/release-name=shop", f"meta.helm.sh/release-namespace={NAMESPACE}")
    kubectl(lab.env, "annotate", "deployment", "chart", *release, "--namespace", NAMESPACE)
    deploy("refused")
    deploy("sound")
    access.give(
        accounts=["nobody"],
        workloads=[
            moving("stale"),
            moving("chart"),
            moving("gone"),
            moving("refused", imagePullPolicy="Sometimes"),
            moving("sound"),
        ],
    )
    done = access.pulumi("preview")
    assert done.returncode != 0
    told = sorted(each[each.index("cluster lab: ") :] for each in lines(done) if "cluster lab: " in each)
    expected = [
        f"Deployment {NAMESPACE}/chart: belongs to Helm release {NAMESPACE}/shop",
        f"Deployment {NAMESPACE}/gone: does not exist, and a patch would create it",
        f"Deployment {NAMESPACE}/refused: is refused: spec.template.spec.containers[0].imagePullPolicy",
        f"Deployment {NAMESPACE}/stale: container nginx runs nginx:1.28, and its manifest says nginx:1.27",
        f"Secret {NAMESPACE}/{SECRET}: already exists, managed by kubectl-create",
        f"ServiceAccount {NAMESPACE}/nobody: does not exist; create it",
    ]
    assert len(told) == len(expected), told
    for line, part in zip(told, expected, strict=True):
        assert line.startswith(f"cluster lab: {part}"), line
    # nothing was written while it was tried
    for each in get(lab.env, "deployments", "--namespace", NAMESPACE, "--show-managed-fields"):
        assert "ghcr.io" not in json.dumps(each["spec"])
        assert "hub2ghcr" not in {field["manager"] for field in each["metadata"]["managedFields"]}


@pytest.mark.slow
def test_a_cluster_by_server_token_and_authority_leaves_no_token_in_plain(access: Access, lab: Lab) -> None:
    config = json.loads(Path(lab.env["KUBECONFIG"]).read_text())
    server = config["clusters"][0]["cluster"]
    authority = access.folder / "authority.pem"
    authority.write_bytes(base64.b64decode(server["certificate-authority-data"]))
    token = config["users"][0]["user"]["token"]
    access.set("clusterToken", token)
    access.configure(
        {"hub2ghcr:clusters": [
            {"name": "lab", "server": server["server"], "token": "cluster", "certificateAuthority": "authority.pem"}
        ]}
    )  # fmt: skip
    access.give(kubeconfig=None, server={"url": server["server"], "authority": "authority.pem"})
    done = access.up(KUBECONFIG="/nowhere")
    worked(done)
    assert token not in json.dumps(access.state())
    assert token not in done.stdout + done.stderr
    assert any(place.endswith("kubeconfig") for place in encrypted(access.state()))
    assert entries(lab, "default") == [SECRET]
    # the same cluster by a kubeconfig is the same cluster
    access.configure({"hub2ghcr:clusters": [{"name": "lab", "kubeconfig": "${E2E_KUBECONFIG}", "context": "lab"}]})
    access.give(kubeconfig={"path": lab.env["KUBECONFIG"], "context": "lab"})
    done = access.pulumi("preview", "--json")
    worked(done)
    steps = json.loads(done.stdout[done.stdout.index("{") :])["steps"]
    changed = {each["urn"].split("::")[2].rpartition("$")[2]: each["op"] for each in steps if each["op"] != "same"}
    assert set(changed.values()) <= {"update"}
    assert "pulumi-python:dynamic/hub2ghcr:PullCheck" not in changed


@pytest.mark.slow
def test_a_token_that_expires_soon_is_a_warning_and_one_that_is_refused_an_error(access: Access, lab: Lab) -> None:
    soon = (datetime.now(UTC) + timedelta(days=3, minutes=5)).strftime("%Y-%m-%d %H:%M:%S UTC")
    github_admin.add_token(lab.state, CLUSTER_DEMO.user, "lab-soon-77aa01", ["read:packages"], expires=soon)
    access.set("pullToken", "lab-soon-77aa01")
    done = access.pulumi("preview")
    assert "the token of pull expires at" in done.stdout + done.stderr
    assert "in 3 days" in done.stdout + done.stderr
    access.set("pullToken", "lab-unknown-to-github")
    done = access.pulumi("preview")
    assert "credential pull: GitHub refuses the token" in done.stdout + done.stderr
    worked(done)  # it is told and stops nothing: the way back needs no such token


@pytest.mark.slow
def test_a_value_that_is_empty_is_refused_before_anything_is_sent(access: Access, lab: Lab) -> None:
    access.set("pullToken", " ")
    done = access.up()
    assert done.returncode != 0
    assert get(lab.env, "secrets", "--namespace", NAMESPACE) == []


REVOKED = "lab-revoked-0f3c71"


@pytest.mark.slow
def test_a_new_token_that_opens_nothing_is_not_written(access: Access, lab: Lab) -> None:
    """Pods that start while a run goes on pull with what lies there; another good token is written."""
    worked(access.up())
    before = secret_of(lab)["metadata"]["resourceVersion"]
    access.set("pullToken", REVOKED)
    done = access.up()
    assert done.returncode != 0
    assert secret_of(lab)["metadata"]["resourceVersion"] == before
    (line,) = [each for each in lines(done) if "cannot be pulled" in each]
    assert f"cluster lab: Secret {NAMESPACE}/{SECRET}: stays as it is: {TOOLS}: cannot be pulled as" in line
    assert REVOKED not in done.stdout + done.stderr + json.dumps(access.state())
    access.speak_as(MIGRATION)
    worked(access.up())
    assert MIGRATION.token in base64.b64decode(secret_of(lab)["data"][".dockerconfigjson"]).decode()


@pytest.mark.slow
def test_control_before_the_switch_nobody_asks_and_it_is_written(access: Access, lab: Lab) -> None:
    access.give(phase="prepare")
    worked(access.up())
    access.set("pullToken", REVOKED)
    assert access.up().returncode != 0, "the pull check comes after it"
    assert REVOKED in base64.b64decode(secret_of(lab)["data"][".dockerconfigjson"]).decode()


@pytest.mark.slow
def test_a_pull_secret_that_somebody_deleted_is_missed_and_comes_back(access: Access, lab: Lab) -> None:
    """Workloads that were switched list it, and the engine goes by its state."""
    pod = {"imagePullSecrets": [{"name": SECRET}], "containers": [{"name": "web", "image": TOOLS}]}
    labels = {"app": "web"}
    template = {"metadata": {"labels": labels}, "spec": pod}
    web = {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "web", "namespace": NAMESPACE}}
    spec = {"replicas": 0, "selector": {"matchLabels": labels}, "template": template}
    how = ("--server-side", "--field-manager=hub2ghcr", "-f", "-")
    kubectl(lab.env, "apply", *how, stdin=json.dumps({**web, "spec": spec}))
    document = {**web, "spec": {"template": {"spec": pod}}}
    access.give(workloads=[{"name": "web", "document": document, "was": "tools:3", "image": TOOLS}])
    worked(access.up())
    kubectl(lab.env, "delete", "secret", SECRET, "--namespace", NAMESPACE)
    done = access.up()
    assert done.returncode != 0
    assert lines(done)[0].endswith(
        f"has a problem: cluster lab: Secret {NAMESPACE}/{SECRET}: was deleted, and is pulled with by Deployment web; "
        "`pulumi up --refresh` writes it anew"
    )
    assert get(lab.env, "secrets", "--namespace", NAMESPACE) == []
    worked(access.pulumi("up", "--refresh", "--yes"))  # with its preview
    assert secret_of(lab)
    worked(access.up("--expect-no-changes"))
    kubectl(lab.env, "delete", "deployment", "web", "--namespace", NAMESPACE)
    kubectl(lab.env, "delete", "secret", SECRET, "--namespace", NAMESPACE)
    access.give(workloads=[])
    worked(access.up())  # the control: nothing pulls with it, and the engine knows no better


@pytest.mark.slow
def test_another_credential_restarts_nothing_and_fails_no_pull(access: Access, lab: Lab) -> None:
    worked(access.up())
    container = {"name": "web", "image": TOOLS, "imagePullPolicy": "Always"}
    pod = {"terminationGracePeriodSeconds": 0, "containers": [container]}
    web = {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": "web", "namespace": NAMESPACE},
        "spec": {
            "replicas": 2,
            "selector": {"matchLabels": {"app": "web"}},
            "template": {"metadata": {"labels": {"app": "web"}}, "spec": pod},
        },
    }
    kubectl(lab.env, "apply", "-f", "-", stdin=json.dumps(web))
    rolled_out = ("rollout", "status", "deployment/web", "--namespace", NAMESPACE, "--timeout=90s")
    kubectl(lab.env, *rolled_out)
    uid = secret_of(lab)["metadata"]["uid"]

    # the lab's accounts have one token each: another account that may pull stands for a renewed token
    access.speak_as(MIGRATION)
    over = threading.Event()
    deleted: list[str] = []

    def churn() -> None:
        while not over.is_set():
            name = next(iter(pods(lab).values()))["metadata"]["name"]
            kubectl(lab.env, "delete", "pod", name, "--namespace", NAMESPACE, "--ignore-not-found", "--wait=false")
            deleted.append(name)
            over.wait(1.5)

    survivors = threading.Thread(target=churn)
    survivors.start()
    try:
        worked(access.up())
    finally:
        over.set()
        survivors.join(60)
    kubectl(lab.env, *rolled_out)
    assert deleted
    assert proving.failed_pulls(lab.env, NAMESPACE).counts == ()
    assert secret_of(lab)["metadata"]["uid"] == uid
    assert MIGRATION.token in base64.b64decode(secret_of(lab)["data"][".dockerconfigjson"]).decode()

    # and with nothing deleted, nothing restarts
    before = pods(lab)
    access.speak_as(CLUSTER_DEMO)
    worked(access.up())
    after = pods(lab)
    assert set(after) == set(before)
    assert all(each["status"]["containerStatuses"][0]["restartCount"] == 0 for each in after.values())


def pods(lab: Lab) -> dict[str, dict[str, Any]]:
    """The Pods that are to stay, by their uid."""
    found = get(lab.env, "pods", "--namespace", NAMESPACE)
    return {each["metadata"]["uid"]: each for each in found if "deletionTimestamp" not in each["metadata"]}
