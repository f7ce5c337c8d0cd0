"""The commands of a fleet, as a user runs them, as far as they need no engine."""

from __future__ import annotations

import io
import json
from pathlib import Path

import pytest
from rich.console import Console

from hub2ghcr.cli.fleet_lines import line
from hub2ghcr.cli.fleet_shown import data
from hub2ghcr.cli.fleet_table import Table
from hub2ghcr.engine import Said, Step
from hub2ghcr.fleet.gates import Gate, Health
from hub2ghcr.fleet.intents import Intent
from hub2ghcr.fleet.itinerary import Leg
from hub2ghcr.fleet.ledger import Ledger
from hub2ghcr.fleet.progress import (
    ClusterBegun,
    ClusterEnded,
    ClusterSaid,
    GateBegun,
    GateEnded,
    GateLooked,
    Progress,
    RunBegun,
    RunEnded,
    WaveBegun,
)
from hub2ghcr.fleet.tally import Tally
from hub2ghcr.fleet.turn import Planned, Turn
from tests.hub2ghcr.cli.running import hub2ghcr, lines

FLEET = """
template: stacks/cluster.yaml
clusters:
  a: {labels: {ring: canary}}
  b: {}
waves:
  - {name: canary, select: {ring: canary}}
  - {name: rest, rest: true}
"""
PLANNABLE = """
config:
  pulumi:disable-default-providers: [kubernetes, github]
  hub2ghcr:phase: prepare
  hub2ghcr:clusters: [{kubeconfig: kubeconfig, context: "{cluster}"}]
"""
GATE = Gate(soak=90.0)
TURNS = {each: Turn(each, Path(), "cutover") for each in "ab"}
STORY: tuple[Progress, ...] = (
    RunBegun(Intent("up", "", "cutover", (Leg("canary", {"a": "a", "b": "b"}, TURNS, 2, GATE),), 0)),
    WaveBegun("canary", ("a", "b"), 2),
    ClusterBegun("a", "canary", "prepare"),
    ClusterBegun("b", "canary", "prepare"),
    ClusterSaid("a", Planned("cutover", 3, 1, 4)),
    ClusterSaid("a", Step("begun", "update", "WorkloadPatch", "one/shop/web", "urn")),
    ClusterSaid("a", Said("warning", "look\n at this", "urn")),
    ClusterEnded("a", "canary", "done", "cutover", (), 61.0),
    ClusterEnded("b", "canary", "killed", "", ("its process ended",), 2.0),
    GateBegun("canary", GATE, ("a",)),
    GateLooked("canary", 30.0, {"a": Health(1, 2, ("x",))}),
    GateEnded("canary", {"a": ("1 of 2",)}),
    RunEnded("halted", ("b", "a"), ()),
)


@pytest.fixture
def project(tmp_path: Path) -> Path:
    (tmp_path / "stacks").mkdir()
    (tmp_path / "stacks/fleet.yaml").write_text(FLEET)
    (tmp_path / "stacks/cluster.yaml").write_text("config: {hub2ghcr:phase: prepare}\n")
    (tmp_path / "images.lock.yaml").write_text("version: 1\nimages: []\n")
    return tmp_path


def test_a_run_is_told_in_lines() -> None:
    tally = Tally()
    told: list[str] = []
    for each in STORY:
        tally(each, 0.0)
        told += line(each, tally, 0.0)
    assert told == [
        "wave canary: a, b (2 at once)",
        "a: begins in phase prepare",
        "b: begins in phase prepare",
        "a: phase cutover: 3 images, 1 namespace, 4 workloads",
        "a: warning: look at this",
        "a: done after 1 min 1 s; its phase is cutover (1 of 2 done, about 2 min 31 s left)",
        "error: b: its process ended",
        "b: killed and not recovered after 2 s (1 of 2 done, 1 failed, about 1 min 30 s left)",
        "gate of canary: 1 cluster, 100% available and at most 0 pull errors each, for 1 min 30 s",
        "gate of canary: 30 s left; 50% available at least, 1 pull error",
        "error: gate of canary: a: 1 of 2",
        "gate of canary: does not let through a",
        "halted: 1 of 2 clusters are done, 2 failed (b, a)",
        "mend it and go on: hub2ghcr fleet resume; or go back: hub2ghcr fleet rollback",
    ]


def test_a_run_is_told_as_json() -> None:
    told = [json.loads(json.dumps(data(each))) for each in STORY]
    assert told[0] == {
        "event": "runBegun",
        "command": "up",
        "phase": "cutover",
        "budget": 0,
        "waves": {"canary": ["a", "b"]},
    }
    assert told[4]["event"] == "clusterSaid" and told[4]["what"] == "Planned" and told[4]["images"] == 3
    assert told[-1] == {"event": "runEnded", "ending": "halted", "failed": ["b", "a"], "waiting": []}


def test_a_table_shows_waves_and_what_is_under_way() -> None:
    console = Console(file=io.StringIO(), width=120, force_terminal=True, color_system=None)
    table = Table(console)
    for each in STORY[:7]:
        table(each)
    drawn = Console(file=io.StringIO(), width=120)
    drawn.print(table.drawn())
    text = drawn.file.getvalue()  # type: ignore[attr-defined]
    assert "0 of 2 done" in text
    assert "switched: WorkloadPatch one/shop/web" in text
    assert [each.split()[0] for each in text.splitlines() if each[:2] in ("a ", "b ")] == ["a", "b"]
    for each in STORY[7:]:
        table(each)
    said = console.file.getvalue()  # type: ignore[attr-defined]
    assert "a: done after 1 min 1 s" in said and "gate of canary: does not let through a" in said


def test_missing_stack_files_are_named_then_written_then_checked(project: Path) -> None:
    refused = hub2ghcr(project, "fleet", "plan")
    assert refused.returncode == 1 and b"there is no stacks/Pulumi.a.yaml" in refused.stderr
    checked = hub2ghcr(project, "fleet", "stacks", "--check")
    assert (checked.returncode, lines(checked.stdout)) == (
        1,
        ["missing: stacks/Pulumi.a.yaml", "missing: stacks/Pulumi.b.yaml"],
    )
    assert not (project / "stacks/Pulumi.a.yaml").exists()
    assert hub2ghcr(project, "fleet", "stacks").returncode == 0
    assert hub2ghcr(project, "fleet", "stacks", "--check").returncode == 0
    (project / "stacks/cluster.yaml").write_text("config: {hub2ghcr:phase: cutover, hub2ghcr:rollback: forced}\n")
    checked = hub2ghcr(project, "fleet", "stacks", "--check")
    assert lines(checked.stdout) == [f"differs: stacks/Pulumi.{each}.yaml: hub2ghcr:rollback" for each in "ab"]
    assert hub2ghcr(project, "fleet", "stacks").returncode == 0
    assert hub2ghcr(project, "fleet", "stacks", "--check").returncode == 1  # only --update touches what is there
    assert hub2ghcr(project, "fleet", "stacks", "--update").returncode == 0
    assert hub2ghcr(project, "fleet", "stacks", "--check").returncode == 0


def test_no_stack_file_is_written_anew_beside_a_run(project: Path) -> None:
    hub2ghcr(project, "fleet", "stacks")
    (project / "stacks/cluster.yaml").write_text("config: {hub2ghcr:phase: cutover, hub2ghcr:rollback: forced}\n")
    before = (project / "stacks/Pulumi.a.yaml").read_bytes()
    with Ledger(project):
        refused = hub2ghcr(project, "fleet", "stacks", "--update")
        assert refused.returncode == 1 and b"a run of the fleet is on" in refused.stderr
        assert (project / "stacks/Pulumi.a.yaml").read_bytes() == before
        assert hub2ghcr(project, "fleet", "stacks", "--check").returncode == 1  # it reads, and needs no turn
    assert hub2ghcr(project, "fleet", "stacks", "--update").returncode == 0


def test_a_plan_lists_waves_clusters_and_gates(project: Path) -> None:
    (project / "stacks/cluster.yaml").write_text(PLANNABLE)
    hub2ghcr(project, "fleet", "stacks")
    done = hub2ghcr(project, "fleet", "plan", "--phase", "cutover", "--output", "json")
    found = json.loads(done.stdout)
    assert done.returncode == 0
    assert {
        (each["phase"], each["after"], *each["problems"]) for wave in found["waves"] for each in wave["clusters"]
    } == {("prepare", "cutover")}
    assert [(wave["wave"], [each["cluster"] for each in wave["clusters"]]) for wave in found["waves"]] == [
        ("canary", ["a"]),
        ("rest", ["b"]),
    ]
    assert found["waves"][0]["gate"] == {"availability": 1.0, "pullErrors": 0, "soakSeconds": 600.0}
    narrow = hub2ghcr(project, "fleet", "plan", "--wave", "nobody")
    assert narrow.returncode == 1 and b"no such wave: 'nobody'" in narrow.stderr


def test_a_plan_with_a_stack_that_makes_none_ends_with_1_and_tells_why(project: Path) -> None:
    (project / "stacks/cluster.yaml").write_text(PLANNABLE)
    hub2ghcr(project, "fleet", "stacks")
    (project / "stacks/Pulumi.b.yaml").write_text("config: {hub2ghcr:clustrs: []}\n")
    done = hub2ghcr(project, "fleet", "plan", "--output", "json")
    assert done.returncode == 1
    (a,), (b,) = (wave["clusters"] for wave in json.loads(done.stdout)["waves"])
    assert a["problems"] == [] and "unknown key: 'clustrs'" in b["problems"][0]


def test_status_tells_what_the_ledger_knows(project: Path) -> None:
    hub2ghcr(project, "fleet", "stacks")
    with Ledger(project) as ledger:
        waves = {"canary": ["a"], "rest": ["b"]}
        ledger.run_begun("up", "", "cutover", "sha256:1", 0, waves, commit="0123456789abcdef", dirty=True)
        ledger.cluster_begun("a", "canary", "a", "prepare")
        ledger.cluster_ended("a", "failed", "prepare", ["no access"])
        ledger.run_ended("halted")
    done = hub2ghcr(project, "fleet", "status", "--no-engine", "--output", "json")
    found = json.loads(done.stdout)
    assert (found["run"]["ending"], found["run"]["commit"]) == ("halted", "0123456789abcdef")
    assert [(each["cluster"], each["state"], each["before"]) for each in found["clusters"]] == [
        ("a", "failed", "prepare"),
        ("b", "waiting", ""),
    ]
    narrow = json.loads(
        hub2ghcr(project, "fleet", "status", "--no-engine", "--wave", "canary", "--output", "json").stdout
    )
    assert [each["cluster"] for each in narrow["clusters"]] == ["a"]
    refused = hub2ghcr(project, "fleet", "status", "--no-engine", "--cluster", "x*")
    assert refused.returncode == 1 and b"no cluster has such a name: 'x*'" in refused.stderr
    table = hub2ghcr(project, "fleet", "status", "--no-engine")
    assert b"at 0123456789ab and changes: halted" in table.stdout and b"a: no access" in table.stdout


def test_nobody_is_asked_where_nobody_can_be(project: Path) -> None:
    for command in ("up", "resume", "rollback"):
        done = hub2ghcr(project, "fleet", command)
        assert done.returncode == 2 and b"give --yes" in done.stderr


@pytest.mark.parametrize(
    ("file", "words"),
    [("fleet.txt", b"ends in .html, .json, .md"), ("no-such-folder/fleet.html", b"its folder is not there")],
)
def test_a_report_that_could_not_be_written_is_told_before_anything_runs(
    project: Path, file: str, words: bytes
) -> None:
    hub2ghcr(project, "fleet", "stacks")
    for command in ("up", "resume", "rollback"):
        done = hub2ghcr(project, "fleet", command, "--yes", "--report", file)
        assert done.returncode == 2 and words in done.stderr
    assert not (project / ".hub2ghcr").exists()


def test_where_nothing_is_left_to_do_the_report_says_what_was(project: Path) -> None:
    hub2ghcr(project, "fleet", "stacks")
    with Ledger(project) as ledger:
        ledger.run_begun("up", "", "cutover", "sha256:1", 0, {"canary": ["a"]}, commit="", dirty=False)
        ledger.cluster_begun("a", "canary", "a", "prepare")
        ledger.cluster_ended("a", "done", "cutover", [])
        ledger.gate_begun("canary", ["a"])
        ledger.gate_ended("canary", {})
        ledger.run_ended("done")
    done = hub2ghcr(project, "fleet", "resume", "--yes", "--report", "fleet.json")
    assert (done.returncode, lines(done.stderr)) == (0, ["nothing is left to do", "fleet.json is written"])
    found = json.loads((project / "fleet.json").read_text())
    assert [(each["cluster"], each["stands"]) for each in found["clusters"]] == [("a", "done"), ("b", None)]


def test_without_a_run_nothing_goes_on(project: Path) -> None:
    hub2ghcr(project, "fleet", "stacks")
    for command in ("resume", "rollback"):
        done = hub2ghcr(project, "fleet", command, "--yes")
        assert done.returncode == 1 and b"nothing has run here; begin with `hub2ghcr fleet up`" in done.stderr


def test_a_run_without_pulumi_ends_before_it_begins(project: Path) -> None:
    hub2ghcr(project, "fleet", "stacks")
    done = hub2ghcr(project, "fleet", "up", "--yes", PATH="/nowhere")
    assert done.returncode == 1 and b"pulumi cannot be run" in done.stderr
    assert (project / ".hub2ghcr/fleet.jsonl").read_text() == ""
