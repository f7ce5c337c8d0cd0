"""The lab's cluster: what its node really does, and that nothing of it stays behind."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from lab import bridge, cgroups, cluster, node, processes, registry_admin, toolchain
from lab.accounts import CLUSTER_DEMO
from lab.errors import LabError
from lab.identity import identity
from lab.kubectl import get, kubectl
from lab.ports import port, taken
from tests.e2e.conftest import Lab

pytestmark = pytest.mark.e2e


@pytest.fixture
def second(tmp_path: Path, lab_tools: toolchain.Toolchain) -> Iterator[Path]:
    """The state folder of a lab of the test's own, beside whatever other lab runs."""
    yield tmp_path
    cluster.down(tmp_path)


def env_of(state: Path, tools: toolchain.Toolchain) -> dict[str, str]:
    folders = os.pathsep.join(map(str, tools.folders))
    return {**os.environ, "KUBECONFIG": str(cluster.kubeconfig(state)), "PATH": f"{folders}:{os.environ['PATH']}"}


def pod(name: str, image: str, **spec: Any) -> dict[str, Any]:
    policy = spec.pop("policy", "Always")
    container = {"name": "main", "image": image, "imagePullPolicy": policy}
    return {"kind": "Pod", "apiVersion": "v1", "metadata": {"name": name}, "spec": {"containers": [container], **spec}}


def apply(env: Mapping[str, str], namespace: str, *documents: Mapping[str, Any]) -> None:
    listed = json.dumps({"apiVersion": "v1", "kind": "List", "items": documents})
    kubectl(env, "apply", "--namespace", namespace, "-f", "-", stdin=listed)


def wait_for(condition: Callable[[], bool], what: str, seconds: float = 40) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, f"not in {seconds:.0f} s: {what}"
        time.sleep(0.2)


def running(env: Mapping[str, str], namespace: str, name: str) -> bool:
    return bool(get(env, "pod", name, "--namespace", namespace)[0]["status"]["phase"] == "Running")


def traces(state: Path) -> dict[str, set[str]]:
    """What the machine has beyond the state folder, without what other labs have: they come and go beside this one."""
    tag = identity(state).tag
    commands = []
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        with suppress(OSError):  # it ended meanwhile
            commands.append(path.read_bytes())
    links = [link for link in bridge.links() if link.get("master", "").removeprefix("h2g-") in ("", tag)]
    roots = cgroups.hierarchies(Path("/proc/self/mounts").read_text())
    return {
        "mounts": set(Path("/proc/self/mounts").read_text().splitlines()),
        "interfaces": {
            link["ifname"] for link in links if link["ifname"] == f"h2g-{tag}" or "h2g-" not in link["ifname"]
        },
        "groups": {str(group) for root in roots for group in root.glob(f"*{tag}*")} | {str(g) for g in orphans(roots)},
        "folders": {str(path) for path in Path("/run").glob(f"*{tag}*")},
        "processes": {str(command) for command in commands if str(state).encode() in command},
        "settings": {
            f"{name}={(Path('/proc/sys') / name).read_text().strip()}"
            for name in ("vm/overcommit_memory", "kernel/panic", "kernel/panic_on_oops", "net/ipv4/ip_forward")
        },
        "elsewhere": {path for path in ("/var/lib/kubelet", "/var/log/pods", "/run/containerd") if Path(path).exists()},
    }


def orphans(roots: list[Path]) -> list[Path]:
    """Groups that containers get where the lab's own is not obeyed."""
    return [root / name for root in roots for name in ("k8s.io", "kubepods") if (root / name).exists()]


@pytest.fixture
def private_tools(lab: Lab) -> Iterator[str]:
    """An image of the GHCR stand-in that only accounts with a grant may pull, for one test."""
    registry_admin.set_visibility(lab.state, "ghcr", "acme/tools", "private")
    yield "ghcr.io/acme/tools:3"
    registry_admin.set_visibility(lab.state, "ghcr", "acme/tools", "public")


@pytest.mark.root
def test_a_pull_needs_the_credential_of_its_namespace(lab: Lab, private_tools: str) -> None:
    env = lab.env
    for namespace in ("with-secret", "without-secret"):
        apply(env, "default", {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": namespace}})
    kubectl(
        env,
        *("create", "secret", "docker-registry", "ghcr", "--namespace=with-secret", "--docker-server=ghcr.io"),
        *(f"--docker-username={CLUSTER_DEMO.user}", f"--docker-password={CLUSTER_DEMO.token}"),
    )
    apply(env, "with-secret", pod("tools", private_tools, imagePullSecrets=[{"name": "ghcr"}]))
    apply(env, "without-secret", pod("tools", private_tools, imagePullSecrets=[{"name": "ghcr"}]))

    wait_for(lambda: running(env, "with-secret", "tools"), "a Pod with the credential")
    status = get(env, "pod", "tools", "--namespace=with-secret")[0]["status"]["containerStatuses"][0]
    assert status["imageID"].startswith("ghcr.io/acme/tools@sha256:")
    reasons = [event["reason"] for event in get(env, "events", "--namespace=with-secret")]
    assert {"Pulling", "Pulled"} <= set(reasons)

    def refused() -> bool:
        return any("403" in event["message"] for event in get(env, "events", "--namespace=without-secret"))

    wait_for(refused, "the control: a Pod without the credential is refused")
    assert not running(env, "without-secret", "tools")
    kubectl(env, "delete", "namespace", "with-secret", "without-secret", "--wait=false")


@pytest.mark.root
def test_the_imported_image_runs_without_a_pull_and_the_account_has_a_token(lab: Lab) -> None:
    apply(lab.env, "default", pod("local", "mynginx:local", policy="Never"))
    wait_for(lambda: running(lab.env, "default", "local"), "a Pod of the imported image")
    kubectl(lab.env, "delete", "pod", "local", "--namespace=default", "--wait=false")
    token = kubectl(lab.env, "create", "token", "default", "--namespace=default").strip()
    told = kubectl(lab.env, "auth", "whoami", f"--token={token}", "--kubeconfig=" + anonymous(lab))
    assert "system:serviceaccount:default:default" in told


def anonymous(lab: Lab) -> str:
    """The lab's kubeconfig without its user, so that a token given beside it is the one that counts."""
    config = json.loads(cluster.kubeconfig(lab.state).read_text())
    config["users"][0]["user"] = {}
    path = lab.state / "anonymous.kubeconfig"
    path.write_text(json.dumps(config))
    return str(path)


@pytest.mark.slow
@pytest.mark.root
def test_down_leaves_nothing_behind_though_parts_were_killed(second: Path, lab_tools: toolchain.Toolchain) -> None:
    before = traces(second)
    cluster.up(second, lab_tools, nodes="kubelet")
    env = env_of(second, lab_tools)
    for number in range(2):
        apply(env, "default", pod(f"local-{number}", "mynginx:local", policy="Never", terminationGracePeriodSeconds=0))
    wait_for(lambda: running(env, "default", "local-0") and running(env, "default", "local-1"), "two Pods")
    during = traces(second)
    for kind in ("interfaces", "groups", "folders", "processes"):
        assert during[kind] - before[kind], f"the comparison sees no {kind}"
    assert during["settings"] == before["settings"]
    assert during["mounts"] == before["mounts"]

    # Half of it dies, as a machine that is short of memory would have it.
    for entry in processes.status(second):
        if entry.name in (node.NAME, "kube-apiserver"):
            os.kill(entry.pid, signal.SIGKILL)
    cluster.down(second)
    assert traces(second) == before
    cluster.down(second)


@pytest.mark.slow
@pytest.mark.root
def test_up_twice_is_up_once_and_up_mends_what_was_killed(second: Path, lab_tools: toolchain.Toolchain) -> None:
    cluster.up(second, lab_tools)
    first = processes.status(second)
    begun = time.monotonic()
    cluster.up(second, lab_tools)
    assert processes.status(second) == first
    assert time.monotonic() - begun < 3

    env = env_of(second, lab_tools)
    apply(env, "default", pod("local", "mynginx:local", policy="Never"))
    wait_for(lambda: running(env, "default", "local"), "a Pod")
    killed = next(entry.pid for entry in first if entry.name == node.NAME)
    os.kill(killed, signal.SIGKILL)
    wait_for(lambda: killed not in {entry.pid for entry in processes.status(second) if entry.running}, "the end")
    cluster.up(second, lab_tools)

    def restarted() -> bool:
        found = get(env, "pod", "local")[0]["status"].get("containerStatuses", [{}])[0]
        return bool(found.get("restartCount", 0) >= 1 and "running" in found.get("state", {}))

    wait_for(restarted, "the Pod runs again after its node did")
    with pytest.raises(LabError, match="kind kubelet, not kwok"):
        cluster.up(second, lab_tools, nodes="kwok")


def test_kwok_turns_pods_ready_and_pulls_nothing(second: Path, lab_tools: toolchain.Toolchain) -> None:
    cluster.up(second, lab_tools, nodes="kwok")
    env = env_of(second, lab_tools)
    apply(env, "default", pod("nowhere", "ghcr.io/no/such:image"))
    wait_for(lambda: running(env, "default", "nowhere"), "a Pod of an image that nobody has")
    assert "Pulled" not in [event["reason"] for event in get(env, "events")]
    assert "nothing is pulled" in cluster.describe(second)


def test_a_port_taken_since_is_told_by_its_number(second: Path, lab_tools: toolchain.Toolchain) -> None:
    number = port(second, "etcd")
    other = subprocess.Popen(
        ["python3", "-m", "http.server", "--bind=127.0.0.1", str(number)], stderr=subprocess.DEVNULL
    )
    try:
        wait_for(lambda: taken(number), "the other program")
        with pytest.raises(LabError, match=f"etcd: port {number} of 127.0.0.1 is taken"):
            cluster.up(second, lab_tools, nodes="kwok")
    finally:
        other.kill()
        other.wait()


@pytest.mark.root
def test_two_labs_have_their_own_networks(second: Path, lab_tools: toolchain.Toolchain, lab: Lab) -> None:
    cluster.up(second, lab_tools)
    one, two = identity(lab.state), identity(second)
    assert {one.bridge, two.bridge} <= {link["ifname"] for link in bridge.links()}
    assert not one.subnet.overlaps(two.subnet)
    nodes = [get({**lab.env, "KUBECONFIG": str(cluster.kubeconfig(state))}, "nodes") for state in (lab.state, second)]
    uids = [found["metadata"]["uid"] for (found,) in nodes]
    assert len(set(uids)) == 2
