"""Without a missed beat: a migration under traffic, the Hub unplugged after it, and the way back from each phase."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import yaml

from lab import cluster, images, node_images, processes, registries, registry_admin
from lab.accounts import HUB_READER
from lab.kubectl import get, kubectl
from tests.e2e import proving
from tests.e2e.conftest import Lab
from tests.e2e.stack import Stack
from tests.e2e.traffic import Traffic, traffic

pytestmark = [pytest.mark.e2e, pytest.mark.root]

NAME, NAMESPACE = "proof", "proof"
OURS = f"ghcr.io/acme/{NAME}"
NEW = {"web/web": f"{OURS}/library/nginx:1.27@", "worker/worker": f"{OURS}/acme/worker:3.1@"}
OLD = {"web/web": "nginx:1.27", "worker/worker": "acme/worker:3.1"}
HELD = ("library/nginx:1.27", "acme/worker:3.1")
Reports = dict[str, list[tuple[str, ...]]]


@pytest.fixture
def stack(lab: Lab, many_pulls: None, tmp_path: Path) -> Iterator[Stack]:
    """An application on Docker Hub images, and a stack in phase ``prepare`` that has not run yet."""
    documents = proving.application(NAMESPACE)
    node_images.forget(lab.state)  # else what another test pulled from GHCR would keep its name there
    proving.deploy(lab.env, NAMESPACE, documents)
    namespace = {"manifests": ["stacks/app.yaml"]}
    place = proving.cluster("lab", lab.env["KUBECONFIG"], **{NAMESPACE: namespace})
    made = proving.create(lab, tmp_path, NAME, [place], {"app": documents})
    yield made
    made.pulumi("stack", "rm", "--yes", "--force", "--preserve-config")
    kubectl(lab.env, "delete", "namespace", NAMESPACE, "--ignore-not-found", "--wait=false")
    kubectl(lab.env, "delete", "validatingadmissionpolicies,validatingadmissionpolicybindings", "--all")


def phase(stack: Stack, wanted: str, **more: Any) -> None:
    """Set the phase and apply it; it has to work."""
    done = try_phase(stack, wanted, **more)
    assert done.returncode == 0, done.stdout + done.stderr


def try_phase(stack: Stack, wanted: str, **more: Any) -> Any:
    """Set the phase and apply it."""
    if wanted == "cutover":
        # a runtime calls an image by its first name: without this it would say docker.io of what came from GHCR
        node_images.forget_hub(stack.lab.state)
    stack.configure({"hub2ghcr:phase": wanted, **{f"hub2ghcr:{key}": value for key, value in more.items()}})
    return stack.up()


def test_no_request_fails_from_prepare_to_seal(stack: Stack, reports: Reports) -> None:
    """Three replicas of which one may be missing: never two, and no request without its answer.

    No pull fails, but for one of a Pod that its node was not yet allowed to read the Secret for: it runs all the same.
    """
    env = stack.lab.env
    before, uids = proving.generations(env, NAMESPACE), set(proving.pods(env, NAMESPACE))
    with traffic(Path(env["KUBECONFIG"]), NAMESPACE, "web", "web") as found:
        for wanted in ("prepare", "cutover", "seal"):
            found.mark(f"pulumi up: {wanted}")
            phase(stack, wanted)
            if wanted == "prepare":
                assert proving.generations(env, NAMESPACE) == before
                assert set(proving.pods(env, NAMESPACE)) == uids
                assert proving.images(env, NAMESPACE) == OLD
        found.mark("after")
        proving.settle(env, NAMESPACE)
    assert found.failures == []
    assert found.least >= 2
    assert found.requests > 100
    pulls = proving.failed_pulls(env, NAMESPACE, OURS)
    assert pulls.counts == ()
    assert_on_ghcr(env)
    rows = reports.setdefault("Availability: 3 replicas, maxUnavailable 1", [])
    rows += [("moment", "at s", "lasted s", "fewest available", "most"), *found.trace()]
    rows.append((f"{found.requests} requests, {len(found.failures)} failed", "", "", str(found.least), ""))
    rows.append((f"{len(pulls.raced)} pulls began before their node could read the Secret", "", "", "", ""))


@pytest.mark.slow
def test_a_roll_out_outlasts_a_restart_of_the_api_server(stack: Stack) -> None:
    """It is gone while old Pods are replaced, and comes back seconds later."""
    lab = stack.lab
    phase(stack, "prepare")
    with ThreadPoolExecutor(1) as pool:
        going = pool.submit(try_phase, stack, "cutover")
        proving.until(lambda: moved(lab.env), "a new Pod is there")
        processes.stop(lab.state, "kube-apiserver")
        try:
            time.sleep(3)
            assert not going.done(), going.result()
        finally:
            cluster.up(lab.state, lab.tools)
        done = going.result()
    assert done.returncode == 0, done.stdout + done.stderr
    assert_on_ghcr(lab.env)


def moved(env: Mapping[str, str]) -> bool:
    """Whether some Pod is on its new image."""
    found = proving.pods(env, NAMESPACE).values()
    return any(each["spec"]["containers"][0]["image"].startswith(OURS) for each in found)


@pytest.mark.slow
def test_an_application_that_may_go_down_whole_is_seen_to(stack: Stack) -> None:
    """Negative control of the traffic: with ``Recreate`` the same switch fails requests, and the client says so."""
    env = stack.lab.env
    documents = proving.application(NAMESPACE)
    documents[1]["spec"]["strategy"] = {"type": "Recreate", "rollingUpdate": None}
    kubectl(env, "apply", "-f", "-", stdin=yaml.safe_dump_all(documents))
    with traffic(Path(env["KUBECONFIG"]), NAMESPACE, "web", "web") as found:
        phase(stack, "cutover")
    assert found.failures
    assert found.least == 0


def assert_on_ghcr(env: Mapping[str, str]) -> None:
    """Specs, running containers: all of the application comes from its new place."""
    images = proving.images(env, NAMESPACE)
    assert {name: images[name].startswith(start) for name, start in NEW.items()} == dict.fromkeys(NEW, True), images
    proving.until(lambda: len(proving.pods(env, NAMESPACE)) == 4, "no Pod is leaving")
    assert proving.running_from(env, NAMESPACE) == {f"{OURS}/library", f"{OURS}/acme"}


def replace_pods(stack: Stack) -> None:
    """Take every image off the node, and every Pod away."""
    env = stack.lab.env
    kubectl(env, "delete", "pods", "--all", "-n", NAMESPACE, "--wait=false")
    node_images.forget(stack.lab.state)


@pytest.mark.slow
def test_with_the_hub_unplugged_everything_comes_back(stack: Stack) -> None:
    phase(stack, "cutover")
    with registries.unplugged(stack.lab.state, "hub", stack.lab.tools):
        old = set(proving.pods(stack.lab.env, NAMESPACE))
        replace_pods(stack)
        proving.until(lambda: not old & set(proving.pods(stack.lab.env, NAMESPACE)), "the old Pods are gone")
        proving.settle(stack.lab.env, NAMESPACE)
        assert_on_ghcr(stack.lab.env)


@pytest.mark.slow
def test_before_the_cutover_nothing_comes_back_while_the_hub_is_unplugged(stack: Stack) -> None:
    """Negative control: the same without the switch."""
    phase(stack, "prepare")
    with registries.unplugged(stack.lab.state, "hub", stack.lab.tools):
        replace_pods(stack)
        proving.until(lambda: proving.failed_pulls(stack.lab.env, NAMESPACE).counts, "a pull fails")


def assert_back(env: Mapping[str, str], templates: Mapping[str, Any]) -> None:
    """Everything is as it was before the stack: the very pod templates, and Pods that run on them."""
    assert proving.templates(env, NAMESPACE) == templates
    proving.until(lambda: len(proving.pods(env, NAMESPACE)) == 4, "no Pod is leaving")
    assert proving.named(env, NAMESPACE) == set(OLD.values())


def sent(stack: Stack) -> list[tuple[str, str, str]]:
    """What was written to GHCR since it last counted from zero: kind, repository, reference."""
    moved = registry_admin.transfers(stack.lab.state, "ghcr")
    return [each for each in moved if each[0] in ("manifest_put", "mount", "upload")]


@contextmanager
def going_back(stack: Stack, *tags: tuple[str, str]) -> Iterator[Traffic]:
    """A way back under traffic: nothing is written to GHCR meanwhile but tags (repository, tag) that move back, too."""
    registry_admin.reset_counters(stack.lab.state, "ghcr")
    with traffic(Path(stack.lab.env["KUBECONFIG"]), NAMESPACE, "web", "web") as found:
        yield found
    assert found.requests > 0
    assert sent(stack) == [("manifest_put", *each) for each in tags]


def tell(reports: Reports, way: str, hub: str, outcome: str, found: Traffic) -> None:
    """Write a row of the rollback table."""
    rows = reports.setdefault("Rollback", [("way", "Hub", "outcome", "requests", "failed", "fewest available")])
    rows.append((way, hub, outcome, str(found.requests), str(len(found.failures)), str(found.least)))


@pytest.mark.slow
@pytest.mark.parametrize(
    "way", [("cutover", "prepare"), ("cutover", "seal", "prepare"), ("cutover", "seal", "cutover")]
)
def test_a_phase_back_is_the_rollback(stack: Stack, way: tuple[str, ...], reports: Reports) -> None:
    """Under traffic; what was copied stays, and nothing is copied again."""
    env = stack.lab.env
    templates = proving.templates(env, NAMESPACE)
    registry_admin.delete_manifest(stack.lab.state, "ghcr", f"acme/{NAME}/library/nginx", "1.27")
    registry_admin.reset_counters(stack.lab.state, "ghcr")
    phase(stack, "prepare")
    assert sent(stack), "the control: a copy is seen"
    with going_back(stack) as found:
        for wanted in way:
            phase(stack, wanted)
        proving.settle(env, NAMESPACE)
    assert found.failures == []
    if way[-1] == "prepare":
        assert_back(env, templates)
    else:
        assert_on_ghcr(env)
    tell(reports, " → ".join(way), "reachable", "as before" if way[-1] == "prepare" else "on GHCR", found)


@pytest.mark.slow
def test_the_way_back_from_a_seal_opens_the_guard_that_the_settings_turn_off(stack: Stack) -> None:
    """In one change: the guard still stands when the old images are to come back."""
    env = stack.lab.env
    templates = proving.templates(env, NAMESPACE)
    phase(stack, "cutover")
    phase(stack, "seal")
    stack.configure({"hub2ghcr:clusters.0.guard": {"action": "off"}})
    phase(stack, "prepare")
    assert_back(env, templates)
    assert get(env, "validatingadmissionpolicybindings") == []


@pytest.mark.slow
def test_the_way_back_is_refused_where_it_would_strand_pods(stack: Stack, reports: Reports) -> None:
    """The Hub does not answer, and the old images are on no node: nothing is switched, and it is said why."""
    env = stack.lab.env
    phase(stack, "cutover")
    proving.settle(env, NAMESPACE)
    with registries.unplugged(stack.lab.state, "hub", stack.lab.tools):
        node_images.forget_hub(stack.lab.state)
        # the way back goes by what the kubelet tells, which is up to 40 seconds old
        old = {f"docker.io/{each}" for each in HELD}
        proving.until(lambda: not old & proving.on_nodes(env), "the node tells that they are gone")
        with going_back(stack) as found:
            done = try_phase(stack, "prepare")
        assert done.returncode != 0
        assert "nginx:1.27" in done.stdout
        assert "rollback: forced" in done.stdout
        assert_on_ghcr(env)
    assert found.failures == []
    assert found.least == 3
    tell(reports, "cutover → prepare", "unplugged, images on no node", "refused, Pods stay on GHCR", found)


@pytest.mark.slow
def test_a_way_back_that_is_forced_strands_pods(stack: Stack, reports: Reports) -> None:
    """Negative control of the refusal: this is what it keeps from happening. Pods that no new one replaces answer."""
    env = stack.lab.env
    phase(stack, "cutover")
    proving.settle(env, NAMESPACE)
    with registries.unplugged(stack.lab.state, "hub", stack.lab.tools):
        node_images.forget_hub(stack.lab.state)
        with going_back(stack) as found:
            try_phase(stack, "prepare", rollback="forced")
            assert proving.images(env, NAMESPACE) == OLD
            proving.until(lambda: proving.failed_pulls(env, NAMESPACE).counts, "a pull fails")
            proving.until(lambda: found.available[-1][1] < 3, "a replica is missing")
    tell(reports, "cutover → prepare, forced", "unplugged, images on no node", "new Pods cannot pull", found)


@pytest.mark.slow
def test_images_that_lie_on_the_node_are_a_way_back_too(stack: Stack, reports: Reports) -> None:
    env = stack.lab.env
    templates = proving.templates(env, NAMESPACE)
    # a kubelet looks at its images every 30 seconds, and tells of them within ten
    proving.until(lambda: proving.on_nodes(env) >= {f"docker.io/{each}" for each in HELD}, "the node tells of them")
    stack.configure({"hub2ghcr:phase": "cutover"})
    assert stack.up().returncode == 0
    with registries.unplugged(stack.lab.state, "hub", stack.lab.tools):
        with going_back(stack) as found:
            phase(stack, "prepare")
            proving.settle(env, NAMESPACE)
        assert proving.templates(env, NAMESPACE) == templates
    assert found.failures == []
    tell(reports, "cutover → prepare", "unplugged, images on the node", "as before", found)


@pytest.mark.slow
def test_an_earlier_digest_needs_nothing_of_the_hub(stack: Stack, reports: Reports) -> None:
    """A release is followed, then its line in the lock is taken back while the Hub is unplugged."""
    env, lock = stack.lab.env, stack.folder / "images.lock.yaml"
    publish(stack, "first")
    documents = proving.application(NAMESPACE)
    documents[1]["spec"]["template"]["spec"]["containers"][0]["image"] = "acme/proof:1.0"
    (stack.file.parent / "app.yaml").write_text(yaml.safe_dump_all(documents))
    kubectl(env, "apply", "-f", str(stack.file.parent / "app.yaml"))
    follow(stack)
    first = lock.read_text()
    phase(stack, "cutover")
    earlier = proving.images(env, NAMESPACE)["web/web"]
    publish(stack, "second")
    follow(stack)
    phase(stack, "cutover")
    assert proving.images(env, NAMESPACE)["web/web"] != earlier
    with registries.unplugged(stack.lab.state, "hub", stack.lab.tools):
        node_images.forget_hub(stack.lab.state)
        lock.write_text(first)
        with going_back(stack, (f"acme/{NAME}/acme/proof", "1.0")) as found:
            phase(stack, "cutover")
            proving.settle(env, NAMESPACE)
        assert proving.images(env, NAMESPACE)["web/web"] == earlier
    assert found.failures == []
    tell(reports, "cutover, earlier digest", "unplugged", "on the earlier digest", found)


def publish(stack: Stack, text: str) -> None:
    """Push what stands for a release of ``acme/proof:1.0`` to the Hub's stand-in."""
    made = images.make(f"acme/proof {text}")
    with images.behind(stack.lab.state, "hub", "acme/proof") as client:
        images.push(client, "acme/proof", "1.0", made)


def follow(stack: Stack) -> None:
    """Lock what the tags stand for now."""
    done = stack.lab.run(
        *("hub2ghcr", "lock", "-s", NAME, "--update"),
        cwd=stack.folder,
        HUB2GHCR_SECRET_HUB_PULL_TOKEN=HUB_READER.token,
    )
    assert done.returncode == 0, done.stderr
