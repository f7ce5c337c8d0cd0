"""Fleets on the real engine and cluster: waves, a canary that fails, the way back, a killed run that goes on."""

from __future__ import annotations

import json
import os
import signal
import subprocess
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from lab import postgres, registry_admin
from lab.kubectl import kubectl
from lab.registry_admin import Fault
from tests.e2e import fleet_stacks, proving
from tests.e2e.conftest import Lab
from tests.e2e.fleet_stacks import Fleet, Virtual

pytestmark = [pytest.mark.e2e, pytest.mark.root, pytest.mark.slow]

HUB = {"fleet-one": "nginx:1.27", "fleet-two": "acme/shop:1.4.2", "fleet-three": "nginx:1.27"}
WAVES: list[dict[str, Any]] = [{"name": "canary", "select": {"ring": "canary"}}, {"name": "rest", "rest": True}]
Make = Callable[..., Fleet]


@pytest.fixture
def make(lab: Lab, many_pulls: None, tmp_path: Path) -> Iterator[Make]:
    """Makes a fleet of two canaries and one more; the second canary has an image of its own."""
    made: list[Fleet] = []

    def fleet(name: str, **more: Any) -> Fleet:
        clusters = {
            each: Virtual(image, {} if each == "fleet-three" else {"ring": "canary"}) for each, image in HUB.items()
        }
        made.append(fleet_stacks.create(lab, tmp_path, name, clusters, WAVES, **more))
        return made[-1]

    yield fleet
    registry_admin.clear_faults(lab.state, "ghcr")
    for each in made:
        fleet_stacks.remove(each)


def refuse(fleet: Fleet, name: str) -> None:
    """GHCR refuses whoever reads the second canary's image: what is checked before the workload fails."""
    fault = Fault("status", path=f"^/v2/acme/{name}/acme/shop/manifests", method="GET", count=-1, status=403)
    registry_admin.inject(fleet.lab.state, "ghcr", fault)


def states(fleet: Fleet) -> dict[str, str]:
    return {name: each["state"] for name, each in fleet.status().items()}


def images(fleet: Fleet) -> dict[str, str]:
    return {name: fleet.image(name) for name in HUB}


def moved(fleet: Fleet) -> set[str]:
    """The clusters whose workload names an image of GHCR."""
    return {name for name, image in images(fleet).items() if image.startswith("ghcr.io/")}


def copied(fleet: Fleet) -> int:
    """How often anything was written to GHCR."""
    found = registry_admin.transfers(fleet.lab.state, "ghcr")
    return sum(times for (kind, *_), times in found.items() if kind in ("manifest_put", "upload", "mount"))


def test_a_failing_canary_halts_the_fleet_which_goes_back_and_on(make: Make) -> None:
    name = "fleet-canary"
    fleet = make(name)
    done = fleet.run("up", "--phase", "prepare", "--yes")
    assert done.returncode == 0, done.stdout + done.stderr
    assert moved(fleet) == set()

    refuse(fleet, name)
    halted = fleet.run("up", "--phase", "cutover", "--yes")
    print(halted.stderr)
    assert halted.returncode == 6, halted.stdout + halted.stderr
    assert "halted: 1 of 3 clusters are done, 1 failed (fleet-two), 1 did not begin (fleet-three)" in halted.stderr
    assert moved(fleet) == {"fleet-one"}
    assert states(fleet) == {"fleet-one": "done", "fleet-two": "failed", "fleet-three": "waiting"}
    assert [fleet.phase(each) for each in HUB] == ["cutover", "prepare", "prepare"]
    assert any("403" in line for line in fleet.status()["fleet-two"]["problems"])

    registry_admin.clear_faults(fleet.lab.state, "ghcr")
    before = copied(fleet)
    back = fleet.run("rollback", "--yes")
    print(back.stderr)
    assert back.returncode == 0, back.stdout + back.stderr
    assert images(fleet) == HUB
    assert copied(fleet) == before  # nothing was copied
    assert states(fleet) == {"fleet-one": "back", "fleet-two": "back", "fleet-three": "waiting"}

    on = fleet.run("resume", "--yes")
    print(on.stderr)
    assert on.returncode == 0, on.stdout + on.stderr
    assert moved(fleet) == set(HUB)
    assert set(states(fleet).values()) == {"done"}
    again = fleet.run("resume", "--yes")
    assert (again.returncode, again.stderr) == (0, "nothing is left to do\n")


def test_failures_within_the_budget_do_not_halt_the_fleet(make: Make) -> None:
    name = "fleet-budget"
    fleet = make(name, budget="34%")
    refuse(fleet, name)
    done = fleet.run("up", "--phase", "cutover", "--yes")
    assert done.returncode == 7, done.stdout + done.stderr
    assert moved(fleet) == {"fleet-one", "fleet-three"}
    registry_admin.clear_faults(fleet.lab.state, "ghcr")
    done = fleet.run("resume", "--yes", "--output", "json")
    assert done.returncode == 0, done.stdout + done.stderr
    events = [json.loads(line) for line in done.stdout.splitlines()]
    assert [each["cluster"] for each in events if each["event"] == "clusterBegun"] == ["fleet-two"]
    assert moved(fleet) == set(HUB)


def test_a_wave_that_fails_its_gate_halts_the_fleet(make: Make) -> None:
    """While the canaries soak, somebody gives one an image that nobody has."""
    fleet = make("fleet-gate", gate={"soak": "120s"})
    with running(fleet) as run:
        proving.until(lambda: records(fleet, "gate begun"), "the gate looks", 180)
        assert moved(fleet) == {"fleet-one", "fleet-two"}
        kubectl(fleet.lab.env, "set", "image", "-n", "fleet-one", "deployment/web", "web=ghcr.io/acme/nothing:1")
        assert run.wait(180) == 6, (fleet.folder / "log.txt").read_text()
    print((fleet.folder / "log.txt").read_text())
    (gate,) = records(fleet, "gate ended")
    assert list(gate["failed"]) == ["fleet-one"] and "ghcr.io/acme/nothing:1" in gate["failed"]["fleet-one"][0]
    assert states(fleet) == {"fleet-one": "failed", "fleet-two": "done", "fleet-three": "waiting"}
    back = fleet.run("rollback", "--yes", "--cluster", "fleet-one")
    assert back.returncode == 0, back.stdout + back.stderr
    assert images(fleet) == {**HUB, "fleet-two": fleet.image("fleet-two")}
    assert moved(fleet) == {"fleet-two"}


def test_ctrl_c_ends_the_clusters_under_way_in_order(make: Make) -> None:
    """As a terminal sends it: to the run, and to every process of its group."""
    name = "fleet-interrupted"
    fleet = make(name)
    slow = Fault("slow", path=f"^/v2/acme/{name}/.*/manifests/", method="PUT", count=-1, seconds=5.0)
    registry_admin.inject(fleet.lab.state, "ghcr", slow)
    with running(fleet) as run:
        proving.until(lambda: len(locks(fleet)) == 2, "two engines are at work", 120)
        os.killpg(run.pid, signal.SIGINT)
        assert run.wait(120) == 130, (fleet.folder / "log.txt").read_text()
    assert not locks(fleet)
    assert {each["ending"] for each in records(fleet, "cluster ended")} == {"failed"}
    assert [fleet.phase(each) for each in HUB] == ["prepare"] * 3
    assert moved(fleet) == set()
    registry_admin.clear_faults(fleet.lab.state, "ghcr")
    assert fleet.run("resume", "--yes").returncode == 0
    assert moved(fleet) == set(HUB)


def test_stacks_of_a_template_are_written_begun_and_brought_up(make: Make) -> None:
    """The first cluster's stack file, with the name taken out of it, is the template of all others."""
    fleet = make("fleet-template", template="stacks/cluster.yaml")
    first, *others = HUB
    text = fleet.stacks[first].file.read_text()
    (fleet.folder / "stacks/cluster.yaml").write_text(text.replace(first, "{cluster}"))
    for other in others:
        assert fleet.stacks[other].pulumi("stack", "rm", "--yes").returncode == 0
        fleet.stacks[other].file.unlink(missing_ok=True)
    done = fleet.run("stacks", "--init")
    assert done.returncode == 0, done.stdout + done.stderr
    assert [line for line in done.stdout.splitlines() if line.startswith("begun: ")] == [
        f"begun: {each}" for each in sorted(others)
    ]
    done = fleet.run("plan", "--phase", "cutover", "--output", "json")
    assert done.returncode == 0, done.stdout + done.stderr
    assert json.loads(done.stdout)["images"] == 2
    done = fleet.run("up", "--phase", "cutover", "--yes")
    assert done.returncode == 0, done.stdout + done.stderr
    assert moved(fleet) == set(HUB)
    assert fleet.run("stacks", "--init", "--update").stdout == ""  # nothing differs, nothing is missing


@contextmanager
def running(fleet: Fleet) -> Iterator[subprocess.Popen[bytes]]:
    """A cutover of the fleet that goes on beside the test, in a process group of its own."""
    with (fleet.folder / "log.txt").open("w") as log:
        run = subprocess.Popen(
            ["hub2ghcr", "fleet", "up", "--phase", "cutover", "--yes"],
            cwd=fleet.folder,
            env={**fleet.lab.env, **fleet.env},
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
        try:
            yield run
        finally:
            if run.poll() is None:
                os.killpg(run.pid, signal.SIGKILL)
                run.wait()


def records(fleet: Fleet, record: str) -> list[dict[str, Any]]:
    """The ledger's records of one sort; none before it begins."""
    try:
        return [each for each in fleet.ledger() if each["record"] == record]
    except (FileNotFoundError, json.JSONDecodeError):
        return []


@pytest.mark.parametrize("who", ["all", "the run"])
def test_a_killed_run_is_resumed(make: Make, who: str) -> None:
    """Killed are the run and its processes, or the run alone: its processes end by themselves then."""
    name = f"fleet-killed-{len(who)}"
    fleet = make(name)
    slow = Fault("slow", path=f"^/v2/acme/{name}/.*/manifests/", method="PUT", count=-1, seconds=30.0)
    registry_admin.inject(fleet.lab.state, "ghcr", slow)
    with running(fleet) as run:
        proving.until(lambda: len(records(fleet, "cluster begun")) == 2, "both canaries have begun", 120)
        proving.until(lambda: locks(fleet), "an engine is at work", 120)
        if who == "the run":
            run.kill()
            run.wait()
    registry_admin.clear_faults(fleet.lab.state, "ghcr")
    assert len(records(fleet, "cluster ended")) < 2
    assert moved(fleet) < set(HUB)
    done = fleet.run("resume", "--yes")
    print(done.stderr)
    assert done.returncode == 0, done.stdout + done.stderr
    assert moved(fleet) == set(HUB)
    assert {name: each["phase"] for name, each in fleet.status().items()} == dict.fromkeys(HUB, "cutover")
    assert not locks(fleet)
    for stack in fleet.stacks.values():
        nothing = stack.up("--expect-no-changes")
        assert nothing.returncode == 0, nothing.stdout + nothing.stderr


def test_a_killed_run_whose_state_is_in_postgresql_goes_on_by_a_persons_word(
    lab: Lab, many_pulls: None, tmp_path: Path
) -> None:
    """Nobody here can prove that its process is dead: that is said as often as asked, until a person says it."""
    name = "fleet-postgres"
    database = postgres.up(lab.state)
    there = Lab(lab.state, lab.tools, {**lab.env, **database})
    fleet = fleet_stacks.create(there, tmp_path, name, {name: Virtual()}, [{"name": "all", "rest": True}])
    try:
        slow = Fault("slow", path=f"^/v2/acme/{name}/.*/manifests/", method="PUT", count=-1, seconds=30.0)
        registry_admin.inject(lab.state, "ghcr", slow)
        asked = f"SELECT key FROM pulumi_state WHERE key LIKE '%/locks/%/{name}/%'"
        with running(fleet) as run:
            proving.until(lambda: postgres.query(lab.state, asked), "the engine has its lock", 120)
            for group in (run.pid, *proving.engines(fleet.folder)):
                os.killpg(group, signal.SIGKILL)
        registry_admin.clear_faults(lab.state, "ghcr")

        for _ in range(2):
            refused = fleet.run("resume", "--yes", "--report", "fleet.md")
            assert refused.returncode == 6, refused.stdout + refused.stderr
            (line,) = [each for each in refused.stderr.splitlines() if each.startswith("error:")]
            assert "locks of this backend cannot be judged from here" in line and "add `--lock-is-dead`" in line
            assert states(fleet) == {name: "begun"}
        assert "cannot be judged" in (fleet.folder / "fleet.md").read_text()
        print(refused.stderr)

        done = fleet.run("resume", "--yes", "--lock-is-dead")
        print(done.stderr)
        assert done.returncode == 0, done.stdout + done.stderr
        assert fleet.image(name).startswith("ghcr.io/")
        assert postgres.query(lab.state, asked) == ""
        assert postgres.PASSWORD not in refused.stdout + refused.stderr + done.stdout + done.stderr
    finally:
        registry_admin.clear_faults(lab.state, "ghcr")
        fleet_stacks.remove(fleet)
        postgres.down(lab.state)


def locks(fleet: Fleet) -> Mapping[str, Path]:
    folder = Path(fleet.lab.state, "pulumi/.pulumi/locks")
    return {each.parent.name: each for each in folder.glob("**/*.json") if each.parent.name in fleet.stacks}
