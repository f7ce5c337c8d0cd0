"""The safe front door, and what comes after a run that was killed: on the real engine, cluster and registries."""

from __future__ import annotations

import json
import os
import signal
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml

from hub2ghcr.recovering import Machine
from lab import registry_admin
from lab.kubectl import get, kubectl
from lab.registry_admin import Fault
from tests.e2e import proving
from tests.e2e.conftest import Lab
from tests.e2e.stack import Stack

pytestmark = [pytest.mark.e2e, pytest.mark.root]

NAMESPACE, CREATED = "engine", "engine-new"
ONE: dict[str, Any] = {
    "apiVersion": "apps/v1",
    "kind": "Deployment",
    "metadata": {"name": "one", "namespace": CREATED},
    "spec": {
        "selector": {"matchLabels": {"app": "one"}},
        "template": {
            "metadata": {"labels": {"app": "one"}},
            "spec": {"containers": [{"name": "shop", "image": "acme/shop:1.4.2"}]},
        },
    },
}
PATIENCE = 180.0
"""Seconds in which a moment comes, on a machine that has other things to do."""
Make = Callable[[str], Stack]


@pytest.fixture
def make(lab: Lab, many_pulls: None, tmp_path: Path) -> Iterator[Make]:
    """Makes a stack in phase ``prepare`` that has not run yet; its application runs on Docker Hub images."""
    made: list[Stack] = []

    def stack(name: str) -> Stack:
        kubectl(lab.env, "delete", "namespace", CREATED, "--ignore-not-found", "--timeout=60s")
        documents = proving.application(NAMESPACE)
        proving.deploy(lab.env, NAMESPACE, documents)
        namespaces: dict[str, dict[str, Any]] = {
            NAMESPACE: {"manifests": ["stacks/app.yaml"]},
            CREATED: {"manifests": ["stacks/new.yaml"], "create": True, "delivery": "own"},
        }
        cluster = proving.cluster("lab", lab.env["KUBECONFIG"], **namespaces)
        folder = tmp_path / name
        folder.mkdir()
        made.append(proving.create(lab, folder, name, [cluster], {"app": documents, "new": [ONE]}))
        return made[-1]

    yield stack
    registry_admin.clear_faults(lab.state, "ghcr")
    for each in made:
        node(each, "uncordon")
        each.pulumi("stack", "rm", "--yes", "--force", "--preserve-config")
    kubectl(lab.env, "delete", "namespace", NAMESPACE, CREATED, "--ignore-not-found", "--wait=false")
    kubectl(lab.env, "delete", "validatingadmissionpolicies,validatingadmissionpolicybindings", "--all")


def hub2ghcr(stack: Stack, *command: str, **env: str) -> subprocess.CompletedProcess[str]:
    argv = ("hub2ghcr", *command, "-s", stack.name)
    return stack.lab.run(*argv, cwd=stack.folder, timeout=300.0, **{**stack.env, **env})


def up(stack: Stack, *flags: str, code: int = 0) -> str:
    """Run the front door and return what it said; ``code`` is how it has to end."""
    done = hub2ghcr(stack, "up", "--yes", *flags)
    assert done.returncode == code, done.stdout + done.stderr
    return done.stderr


def phase(stack: Stack) -> str:
    return str(yaml.safe_load(stack.file.read_text())["config"]["hub2ghcr:phase"])


def status(stack: Stack) -> dict[str, dict[str, Any]]:
    """Where each namespace stands, by name."""
    done = hub2ghcr(stack, "status", "--output", "json")
    assert done.returncode == 0, done.stderr
    return {each["namespace"]: each for each in json.loads(done.stdout)["namespaces"]}


def parts(stack: Stack, namespace: str = NAMESPACE) -> tuple[str, ...]:
    """How much is copied, granted, switched and running."""
    found = status(stack)[namespace]
    return tuple(f"{found[part]['done']}/{found[part]['of']}" for part in ("copied", "granted", "switched", "running"))


def nothing_to_do(stack: Stack) -> None:
    """A further run of the engine alone changes nothing."""
    done = stack.up("--expect-no-changes")
    assert done.returncode == 0, done.stdout + done.stderr


def locks(stack: Stack) -> list[Path]:
    return sorted(Path(stack.lab.state, "pulumi/.pulumi/locks").glob(f"**/{stack.name}/*.json"))


@pytest.mark.slow
def test_the_front_door_goes_all_the_way_and_back(make: Make) -> None:
    stack = make("engine-way")
    said = up(stack, "--phase", "prepare")
    assert "copied: ImageCopy ghcr.io/acme/engine-way/library/nginx:1.27" in said
    assert parts(stack) == ("2/2", "2/2", "0/2", "0/2")
    assert hub2ghcr(stack, "verify", "--cluster").returncode == 0
    said = up(stack, "--phase", "cutover")
    assert f"switched: WorkloadPatch lab/{NAMESPACE}/Deployment/web" in said
    assert said.rstrip().endswith("done: phase cutover is applied")
    assert parts(stack) == ("2/2", "2/2", "2/2", "2/2")
    assert status(stack)[NAMESPACE]["onHub"] == []
    up(stack, "--phase", "prepare", "--namespace", NAMESPACE)
    assert proving.images(stack.lab.env, NAMESPACE) == {"web/web": "nginx:1.27", "worker/worker": "acme/worker:3.1"}
    assert (phase(stack), status(stack)[NAMESPACE]["phase"]) == ("cutover", "prepare")
    assert hub2ghcr(stack, "verify", "--cluster").returncode == 0


@pytest.mark.slow
def test_verify_says_what_is_not_as_the_phase_says(make: Make) -> None:
    """Negative control: somebody puts an old image back, and takes the pull Secret away."""
    stack = make("engine-verify")
    up(stack, "--phase", "cutover")
    kubectl(stack.lab.env, "set", "image", "-n", NAMESPACE, "deployment/web", "web=nginx:1.27")
    kubectl(stack.lab.env, "delete", "secret", "-n", NAMESPACE, "hub2ghcr-ghcr")
    done = hub2ghcr(stack, "verify", "--cluster")
    assert done.returncode == 1
    assert "Deployment web: container web is nginx:1.27, phase cutover says ghcr.io" in done.stdout
    assert "Secret hub2ghcr-ghcr: is not there" in done.stdout


def refuse_pulls(stack: Stack) -> None:
    """GHCR refuses whoever reads one of the images: what is checked before the workloads fails."""
    fault = Fault("status", path=f"^/v2/acme/{stack.name}/library/nginx/", method="GET", count=-1, status=403)
    registry_admin.inject(stack.lab.state, "ghcr", fault)


@pytest.mark.parametrize(
    ("flags", "code"), [pytest.param((), 1, marks=pytest.mark.slow), (("--rollback-on-failure",), 4)]
)
def test_a_cutover_that_fails_moves_nothing_and_leaves_the_phase(make: Make, flags: tuple[str, ...], code: int) -> None:
    """One image cannot be pulled, and its namespace holds: the other's workload stays, too."""
    stack = make(f"engine-fails-{code}")
    up(stack, "--phase", "prepare")
    before = stack.file.read_bytes()
    templates = proving.templates(stack.lab.env, NAMESPACE)
    refuse_pulls(stack)
    said = up(stack, "--phase", "cutover", *flags, code=code)
    assert "403" in said
    assert "Exception calling application" not in said
    for name in ("web", "worker"):
        assert f"not moved: lab/{NAMESPACE}/Deployment/{name}" in said
    assert stack.file.read_bytes() == before
    assert proving.templates(stack.lab.env, NAMESPACE) == templates
    registry_admin.clear_faults(stack.lab.state, "ghcr")
    assert stack.up().returncode == 0
    assert proving.templates(stack.lab.env, NAMESPACE) == templates


def moved(stack: Stack) -> tuple[bool, bool]:
    """Whether the workload whose image can be pulled runs on GHCR, and the one whose image cannot."""
    found = proving.images(stack.lab.env, NAMESPACE)
    return found["worker/worker"].startswith("ghcr.io/"), found["web/web"].startswith("ghcr.io/")


@pytest.mark.slow
def test_where_workloads_may_be_skipped_the_others_move(make: Make) -> None:
    """By the engine alone, too; and what did not move is said, and moves once it can."""
    stack = make("engine-skip")
    stack.configure({f"hub2ghcr:clusters.0.namespaces.{NAMESPACE}.onUnready": "skip"})
    up(stack, "--phase", "prepare")
    refuse_pulls(stack)
    stack.configure({"hub2ghcr:phase": "cutover"})
    alone = stack.up()
    told = alone.stdout + alone.stderr
    assert (alone.returncode != 0, moved(stack)) == (True, (True, False)), told
    assert "Traceback" not in told
    said = up(stack, "--rollback-on-failure", code=1)
    assert f"error: lab/{NAMESPACE}/Deployment/web: did not move: cluster lab, namespace {NAMESPACE}: ghcr.io/" in said
    assert "403" in said
    assert [line for line in said.splitlines() if "not moved" in line] == [f"not moved: lab/{NAMESPACE}/Deployment/web"]
    assert "failed; the phase stays cutover" in said
    assert moved(stack) == (True, False)
    registry_admin.clear_faults(stack.lab.state, "ghcr")
    up(stack)
    assert moved(stack) == (True, True)
    nothing_to_do(stack)


@pytest.mark.slow
def test_what_is_skipped_is_told_together_whatever_its_delivery(make: Make) -> None:
    """One that is patched and one that is Pulumi's own cannot be pulled: each has its line, the third one moves."""
    stack = make("engine-skips")
    for namespace in (NAMESPACE, CREATED):
        stack.configure({f"hub2ghcr:clusters.0.namespaces.{namespace}.onUnready": "skip"})
    up(stack, "--phase", "prepare")
    refuse_pulls(stack)
    fault = Fault("status", path=f"^/v2/acme/{stack.name}/acme/shop/", method="GET", count=-1, status=403)
    registry_admin.inject(stack.lab.state, "ghcr", fault)
    said = up(stack, "--phase", "cutover", code=1)
    assert "the program broke" not in said
    images = {f"{NAMESPACE}/Deployment/web": "library/nginx", f"{CREATED}/Deployment/one": "acme/shop"}
    for name, image in images.items():
        errors = [each for each in said.splitlines() if each.startswith(f"error: lab/{name}: ")]
        assert len(errors) == 1 and f"ghcr.io/acme/{stack.name}/{image}" in errors[0] and "403" in errors[0], said
        assert f"not moved: lab/{name}" in said
    assert moved(stack) == (True, False)
    assert proving.images(stack.lab.env, CREATED) == {"one/shop": "acme/shop:1.4.2"}
    assert "the phase stays cutover" in said
    registry_admin.clear_faults(stack.lab.state, "ghcr")
    up(stack)
    assert moved(stack) == (True, True)
    assert proving.images(stack.lab.env, CREATED)["one/shop"].startswith("ghcr.io/")
    nothing_to_do(stack)


@pytest.mark.slow
def test_a_plain_run_would_try_again(make: Make) -> None:
    """Negative control of the phase that goes back: pulumi alone leaves it, and the next run switches."""
    stack = make("engine-plain")
    up(stack, "--phase", "prepare")
    stack.configure({"hub2ghcr:phase": "cutover"})
    refuse_pulls(stack)
    assert stack.up().returncode != 0
    registry_admin.clear_faults(stack.lab.state, "ghcr")
    assert stack.up().returncode == 0
    assert proving.images(stack.lab.env, NAMESPACE)["web/web"].startswith("ghcr.io/")


def begin(stack: Stack, *command: str, **env: str) -> subprocess.Popen[bytes]:
    """Begin a run in a session of its own, as `hub2ghcr up` begins the engine."""
    log = (stack.folder / "log.txt").open("ab")
    return subprocess.Popen(
        [*command, "--stack", stack.name],
        cwd=stack.folder,
        env={**stack.lab.env, **stack.env, **env},
        stdin=subprocess.DEVNULL,
        stdout=log,
        stderr=log,
        start_new_session=True,
    )


@pytest.mark.slow
@pytest.mark.parametrize("how", [signal.SIGINT, pytest.param(signal.SIGTERM, marks=pytest.mark.slow)])
def test_a_run_that_is_interrupted_leaves_neither_a_lock_nor_the_phase(make: Make, how: signal.Signals) -> None:
    stack = make(f"engine-{how.name.lower()}")
    up(stack, "--phase", "prepare")
    registry_admin.inject(stack.lab.state, "ghcr", Fault("slow", path=f"^/v2/acme/{stack.name}/", seconds=4.0))
    running = begin(stack, "hub2ghcr", "up", "--phase", "cutover", "--yes")
    proving.until(lambda: locks(stack), "the run has begun", PATIENCE)
    running.send_signal(how)
    assert running.wait(PATIENCE) == 1, (stack.folder / "log.txt").read_text()
    assert (phase(stack), locks(stack)) == ("prepare", [])
    assert stack.up().returncode == 0


@pytest.mark.slow
def test_the_lock_of_a_run_that_is_on_stays(make: Make) -> None:
    """Negative control of the recovery: only a dead process gives its lock up."""
    stack = make("engine-alive")
    running = begin(stack, "pulumi", "up", "--yes", "--skip-preview", "--non-interactive")
    proving.until(lambda: locks(stack), "the run has begun", PATIENCE)
    running.send_signal(signal.SIGSTOP)  # it is on for as long as it takes to look
    done = hub2ghcr(stack, "recover")
    assert done.returncode == 1
    assert f"a run is on (root@{os.uname().nodename}, pid {running.pid}" in done.stderr
    assert locks(stack)
    running.send_signal(signal.SIGCONT)
    assert running.wait(PATIENCE) == 0, (stack.folder / "log.txt").read_text()


def secret(stack: Stack) -> bool:
    names = [each["metadata"]["name"] for each in get(stack.lab.env, "secrets", "-n", NAMESPACE)]
    return "hub2ghcr-ghcr" in names


def switched(stack: Stack) -> int:
    return sum(each.startswith("ghcr.io/") for each in proving.images(stack.lab.env, NAMESPACE).values())


def rolling(stack: Stack) -> bool:
    """Whether a Pod runs on GHCR."""
    return any(each.startswith("ghcr.io/") for each in proving.named(stack.lab.env, NAMESPACE))


def slow(stack: Stack, path: str, method: str = "", seconds: float = 45.0) -> None:
    """Let GHCR take its time with what matches, for as long as nobody drops the fault."""
    fault = Fault("slow", path=f"^/v2/acme/{stack.name}/{path}", method=method, count=-1, seconds=seconds)
    registry_admin.inject(stack.lab.state, "ghcr", fault)


def node(stack: Stack, *command: str) -> None:
    (found,) = [each["metadata"]["name"] for each in get(stack.lab.env, "nodes")]
    kubectl(stack.lab.env, *command, found)


def one_of_two_pulls(stack: Stack) -> None:
    """Nodes take the new Pods, of which one gets its image and one has to wait for it."""
    proving.until(lambda: switched(stack), "switched", PATIENCE)
    slow(stack, "acme/worker/manifests/", seconds=20.0)
    node(stack, "uncordon")


@dataclass(frozen=True)
class Moment:
    """When a run is killed: what can be seen of it by then, and what keeps it from getting any further.

    ``held`` begins before the run; ``then`` beside it, where what it needs is not there before.
    """

    seen: Callable[[Stack], object]
    held: Callable[[Stack], object]
    then: Callable[[Stack], object] = lambda _: None


MOMENTS = {
    "lock": Moment(locks, lambda stack: slow(stack, "")),
    "copying": Moment(
        lambda stack: any(stack.name in key[1] for key in registry_admin.transfers(stack.lab.state, "ghcr")),
        lambda stack: slow(stack, ".*/manifests/", "PUT"),  # layers are there, no image is
    ),
    "secret": Moment(secret, lambda stack: slow(stack, ".*/manifests/", "GET")),  # nobody knows yet that it pulls
    "switched": Moment(switched, lambda stack: node(stack, "cordon")),  # no Pod starts
    "rolling": Moment(rolling, lambda stack: node(stack, "cordon"), one_of_two_pulls),
}


def killed(stack: Stack, moment: str, **env: str) -> None:
    """Begin a cutover and kill its engine when something can be seen, and before it can go on."""
    wanted = MOMENTS[moment]
    stack.configure({"hub2ghcr:phase": "cutover"})
    wanted.held(stack)
    running = begin(stack, "pulumi", "up", "--yes", "--skip-preview", "--non-interactive", **env)
    try:
        wanted.then(stack)
        proving.until(lambda: running.poll() is not None or wanted.seen(stack), moment, PATIENCE)
    finally:
        running.kill()
    assert running.wait() == -signal.SIGKILL, f"{moment}: it was over: {(stack.folder / 'log.txt').read_text()}"
    proving.until(lambda: not providers(running.pid), "our providers end with their engine", 30)
    registry_admin.clear_faults(stack.lab.state, "ghcr")
    node(stack, "uncordon")
    refused = stack.up()
    said = refused.stdout + refused.stderr
    assert "locked" in said or "failed to load checkpoint" in said  # negative control: nothing goes on by itself


def providers(session: int) -> list[int]:
    """The processes of our own providers that the engine of a session has begun."""
    found = Machine.this().of_session(session)
    return [each for each in found if "pulumi.dynamic" in command_line(Path("/proc", str(each)))]


def recovered(stack: Stack) -> str:
    done = hub2ghcr(stack, "recover")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "lock taken off" in done.stdout
    assert f"phase {phase(stack)}; the next run applies it, or goes back:" in done.stdout
    assert done.stdout.endswith(f"  hub2ghcr up -s {stack.name}\n  hub2ghcr up -s {stack.name} --phase prepare\n")
    again = hub2ghcr(stack, "recover")
    assert again.returncode == 0, again.stdout + again.stderr
    assert not [each for each in again.stdout.splitlines() if each.startswith(("lock taken off", "settled"))]
    return done.stdout


KILLS = [
    pytest.param(
        moment, way, marks=() if (moment, way) in {("rolling", "on"), ("switched", "back")} else pytest.mark.slow
    )
    for way in ("on", "back")
    for moment in MOMENTS
]


@pytest.mark.slow
@pytest.mark.parametrize(("moment", "way"), KILLS)
def test_a_killed_run_is_recovered(
    make: Make, moment: str, way: str, reports: dict[str, list[tuple[str, ...]]]
) -> None:
    stack = make(f"engine-{way}-{moment}")
    templates = proving.templates(stack.lab.env, NAMESPACE)
    killed(stack, moment)
    said = recovered(stack)
    if way == "on":
        up(stack)
        assert parts(stack) == ("2/2", "2/2", "2/2", "2/2")
        assert parts(stack, CREATED)[2:] == ("1/1", "1/1")
    else:
        up(stack, "--phase", "prepare")
        assert proving.templates(stack.lab.env, NAMESPACE) == templates
    nothing_to_do(stack)
    rows = reports.setdefault("Killed runs, recovered", [("killed when", "then", "settled", "a further run changes")])
    rows.append((moment, f"up {way}", str(said.count("settled:")), "nothing"))


@pytest.mark.slow
@pytest.mark.parametrize("way", ["on", "back"])
def test_without_checkpoints_the_state_is_rebuilt_from_the_cluster(make: Make, way: str) -> None:
    """The state says phase prepare, the cluster is half-way: it knows of no operation, and loses none."""
    stack = make(f"engine-blind-{way}")
    up(stack, "--phase", "prepare")
    templates = proving.templates(stack.lab.env, NAMESPACE)
    killed(stack, "rolling", PULUMI_SKIP_CHECKPOINTS="true")
    recovered(stack)
    if way == "on":
        up(stack)
        assert parts(stack) == ("2/2", "2/2", "2/2", "2/2")
    else:
        up(stack, "--phase", "prepare")
        assert proving.templates(stack.lab.env, NAMESPACE) == templates
    nothing_to_do(stack)


@pytest.mark.slow
def test_the_lock_of_another_machine_needs_a_persons_word(make: Make) -> None:
    stack = make("engine-elsewhere")
    killed(stack, "lock")
    (lock,) = locks(stack)
    lock.write_text(json.dumps({**json.loads(lock.read_text()), "hostname": "elsewhere"}))
    refused = hub2ghcr(stack, "recover")
    assert refused.returncode == 1
    assert "run this on elsewhere, or if no run is on there, add `--lock-is-dead`" in refused.stderr
    assert locks(stack) == [lock]
    assert hub2ghcr(stack, "recover", "--lock-is-dead", "--yes").returncode == 0
    assert locks(stack) == []


@pytest.mark.slow
def test_a_state_whose_description_a_kill_left_empty_is_read_again(make: Make) -> None:
    """Rarely a kill comes in between two steps of the engine's backend; here it always does."""
    stack = make("engine-described")
    (description,) = Path(stack.lab.state, "pulumi/.pulumi/stacks").glob(f"**/{stack.name}.json.attrs")
    description.write_text("")
    refused = stack.up()
    assert refused.returncode != 0 and "failed to load checkpoint" in refused.stdout + refused.stderr
    done = hub2ghcr(stack, "recover")
    assert done.returncode == 0, done.stdout + done.stderr
    assert f"removed: {description.name}, left empty by a kill" in done.stdout
    assert stack.pulumi("stack", "export").returncode == 0


@pytest.mark.slow
def test_no_token_is_on_a_command_line(make: Make) -> None:
    """While a run goes on, with all of its programs, no process of it shows one, nor a key of one."""
    stack = make("engine-hidden")
    slow(stack, ".*/manifests/", "GET", seconds=5.0)
    running = begin(stack, "hub2ghcr", "up", "--yes")
    proving.until(lambda: secret(stack), "a provider is at work", PATIENCE)
    shown = "\n".join(filter(None, map(command_line, Path("/proc").glob("[0-9]*"))))
    assert "show-secrets" not in shown
    assert "pulumi.dynamic" in shown
    assert not any(value in shown for key, value in stack.lab.env.items() if key.startswith("HUB2GHCR_SECRET_"))
    registry_admin.clear_faults(stack.lab.state, "ghcr")
    assert running.wait(PATIENCE) == 0, (stack.folder / "log.txt").read_text()


def command_line(process: Path) -> str:
    try:
        return (process / "cmdline").read_text(errors="replace")
    except OSError:
        return ""  # it has ended
