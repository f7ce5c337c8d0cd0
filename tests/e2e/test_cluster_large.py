"""A large stack: its state is saved once a run, and a run that is killed loses nothing."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import yaml

from bench.up.cluster_set import ClusterSet, deployment, project
from hub2ghcr.engine.large import LARGE, SAVED
from lab import registry_admin
from lab.accounts import HUB_READER
from lab.kubectl import get, kubectl
from lab.registry_admin import Fault
from tests.e2e import proving
from tests.e2e import stack as stacks
from tests.e2e.conftest import Lab
from tests.e2e.stack import CREATED, EXISTING, Stack

pytestmark = [pytest.mark.e2e, pytest.mark.slow]

OURS = "app.kubernetes.io/managed-by=hub2ghcr"
LAST = "busybox:1.36"
"""The image of one workload alone."""


@dataclass
class Large(Stack):
    """A stack of as many workloads as make it large: they are there already, without replicas.

    ``owned`` are two namespaces more, which it creates with a workload each.
    """

    patched: ClusterSet = field(default_factory=lambda: ClusterSet("large", LARGE // 4))

    @property
    def owned(self) -> tuple[str, str]:
        return f"{self.name}-own-a", f"{self.name}-own-b"

    @property
    def workloads(self) -> int:
        return self.patched.workloads + len(self.owned)


@pytest.fixture
def stack(lab: Lab, many_pulls: None, tmp_path: Path) -> Iterator[Large]:
    """The stack, its images in GHCR; the workloads that it switches run on Docker Hub's."""
    patched = ClusterSet(f"large{uuid.uuid4().hex[:4]}", LARGE // 4)
    kubectl(lab.env, "apply", "-f", str(patched.write(tmp_path / "objects.yaml")))
    folder = project(tmp_path / "program", patched, "patch")
    made = Large(lab, folder, name=patched.name, patched=patched)
    config = yaml.safe_load(made.file.read_text())
    cluster = config["config"]["hub2ghcr:clusters"][0]
    cluster["pull"] = {"ghcr.io": "ghcr-cluster-demo", "docker.io": "hub-pull"}  # the way back needs both
    for name, image in zip(made.owned, (LAST, "nginx:1.27"), strict=True):
        file = Path("stacks", f"{name}.yaml")
        (folder / file).write_text(yaml.safe_dump(deployment(name, "web", image)))
        new = {"create": True, "delivery": "own", "manifests": [str(file)]}
        cluster["namespaces"][name] = new
    made.file.write_text(yaml.safe_dump(config, sort_keys=False))
    for command in ("lock", "copy"):
        done = hub2ghcr(made, command, HUB2GHCR_SECRET_HUB_PULL_TOKEN=HUB_READER.token)
        assert done.returncode == 0, done.stderr
    assert made.pulumi("stack", "init").returncode == 0
    yield made
    registry_admin.clear_faults(lab.state, "ghcr")
    made.pulumi("stack", "rm", "--yes", "--force", "--preserve-config")
    kubectl(lab.env, "delete", "namespace", *patched.names, *made.owned, "--ignore-not-found", "--wait=false")
    shutil.rmtree(folder)


def hub2ghcr(stack: Large, *command: str, **env: str) -> subprocess.CompletedProcess[str]:
    argv = ("hub2ghcr", *command, "-s", stack.name)
    return stack.lab.run(*argv, cwd=stack.folder, timeout=900, **{**stack.env, **env})


def up(stack: Large) -> None:
    done = hub2ghcr(stack, "up", "--yes")
    assert done.returncode == 0, done.stdout + done.stderr


def moved(stack: Large) -> dict[str, bool]:
    """Whether each workload of the set is on GHCR, by ``NAMESPACE/NAME``."""
    found: dict[str, bool] = {}
    for each in get(stack.lab.env, "deployments", "-A"):
        if each["metadata"]["namespace"] in (*stack.patched.names, *stack.owned):
            image = each["spec"]["template"]["spec"]["containers"][0]["image"]
            found[f"{each['metadata']['namespace']}/{each['metadata']['name']}"] = image.startswith("ghcr.io/")
    return found


def created(stack: Large) -> list[str]:
    return [each["metadata"]["name"] for each in get(stack.lab.env, "namespaces", "-l", OURS)]


def killed(stack: Large) -> int:
    """Begin a run, and kill it with its engine when a third of the workloads has moved; return how many had.

    It cannot end before: one waits for the proof that its image can be pulled, and the registry takes its time.
    """
    slow = Fault("slow", path="^/v2/acme/mirror/busybox/manifests/", method="GET", count=-1, seconds=45.0)
    registry_admin.inject(stack.lab.state, "ghcr", slow)
    running = subprocess.Popen(
        ["hub2ghcr", "up", "--yes", "-s", stack.name],
        cwd=stack.folder,
        env={**stack.lab.env, **stack.env},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )

    def third() -> bool:
        assert running.poll() is None, "it was over before it could be killed"
        return sum(moved(stack).values()) > stack.workloads // 3 and set(stack.owned) <= set(created(stack))

    try:
        proving.until(third, "a third of the workloads on GHCR", 600)
    finally:
        running.kill()
        running.wait()
        for lock in Path(stack.lab.state, "pulumi/.pulumi/locks").glob(f"**/{stack.name}/*.json"):
            os.kill(json.loads(lock.read_text())["pid"], signal.SIGKILL)
    registry_admin.clear_faults(stack.lab.state, "ghcr")
    return sum(moved(stack).values())


def known(stack: Stack) -> list[dict[str, Any]]:
    """The resources that the state has."""
    found: list[dict[str, Any]] = (stack.state().get("deployment") or {}).get("resources") or []
    return found


def nothing_to_do(stack: Large) -> None:
    done = stack.up("--expect-no-changes", PULUMI_SKIP_CHECKPOINTS="true")
    assert done.returncode == 0, done.stdout + done.stderr


def test_a_large_run_that_is_killed_loses_nothing(stack: Large) -> None:
    done = killed(stack)
    assert stack.workloads // 3 < done < stack.workloads
    assert known(stack) == []  # negative control: of all that was done the state knows nothing
    said = hub2ghcr(stack, "recover")
    assert said.returncode == 0, said.stdout + said.stderr
    assert "lock taken off" in said.stdout
    assert f"cluster bench: Namespace {stack.owned[0]}; the next run takes it in" in said.stdout
    up(stack)
    found = moved(stack)
    assert len(found) == stack.workloads
    assert all(found.values())
    kinds = [each["type"].rpartition(":")[2] for each in known(stack)]
    assert kinds.count("WorkloadPatch") == stack.patched.workloads
    assert kinds.count("Deployment") == len(stack.owned)
    nothing_to_do(stack)


def test_what_the_settings_dropped_after_a_kill_is_named(stack: Large) -> None:
    """Nobody declares it any more and no state knows it: nothing but the cluster can tell."""
    killed(stack)
    config = yaml.safe_load(stack.file.read_text())
    del config["config"]["hub2ghcr:clusters"][0]["namespaces"][stack.owned[1]]
    stack.file.write_text(yaml.safe_dump(config, sort_keys=False))
    said = hub2ghcr(stack, "recover")
    assert said.returncode == 0, said.stdout + said.stderr
    orphan = (
        f"cluster bench: Namespace {stack.owned[1]}; the settings do not name it any more: put it back, or delete it"
    )
    assert orphan in said.stdout


def test_a_killed_run_can_go_back(stack: Large) -> None:
    """Without copying: what had moved goes back to Docker Hub, what had not is not touched."""
    killed(stack)
    assert hub2ghcr(stack, "recover").returncode == 0
    stack.configure({"hub2ghcr:phase": "prepare"})
    up(stack)
    found = moved(stack)
    assert len(found) == stack.workloads
    assert not any(found.values())
    nothing_to_do(stack)


def test_what_is_saved_at_every_step_is_github_and_the_copies_that_it_waits_for(lab: Lab, tmp_path: Path) -> None:
    """The first of the two runs of a large stack: patterns of URNs, which the engine has to understand."""
    kubectl(lab.env, "create", "namespace", EXISTING)
    kubectl(lab.env, "apply", "-f", "-", stdin=json.dumps(stacks.WEB))
    small = stacks.create(lab, tmp_path)
    try:
        done = small.up(*(flag for each in SAVED for flag in ("--target", each)))
        assert done.returncode == 0, done.stdout + done.stderr
        kinds = {each["type"].rpartition(":")[2] for each in known(small) if each.get("custom")} - {"Stack"}
        assert {"ActionsSecret", "DeliveredFiles", "ImageCopy"} <= kinds
        assert not kinds & {"Namespace", "Secret", "PullCheck", "WorkloadPatch", "RollOut", "Guard"}
        done = small.up()
        assert done.returncode == 0, done.stdout + done.stderr
        assert {"WorkloadPatch", "RollOut"} <= {each["type"].rpartition(":")[2] for each in known(small)}
        done = small.up("--expect-no-changes")
        assert done.returncode == 0, done.stdout + done.stderr
    finally:
        small.pulumi("destroy", "--yes", "--skip-preview")
        small.pulumi("stack", "rm", "--yes", "--force")
        kubectl(lab.env, "delete", "namespace", EXISTING, CREATED, "--ignore-not-found", "--wait=false")
