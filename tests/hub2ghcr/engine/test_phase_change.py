"""A change of phase: written, applied, and put back where it failed."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

import pytest
import yaml

from hub2ghcr.engine import Change, Failed, RunOptions, Said, State, Step, change
from hub2ghcr.errors import Hub2GhcrError, SettingsError
from tests.hub2ghcr.conftest import Config, Project

WEB = "one/shop/Deployment/web"
SMOKE = "one/new/Pod/smoke"


def step(name: str, moment: str, kind: str = "WorkloadPatch") -> Step:
    return Step(moment, "update", kind, name, f"urn::{name}")  # type: ignore[arg-type]


class Engine:
    """Plays runs: each is what it says, and the problems it ends with."""

    def __init__(self, *runs: tuple[Sequence[Step | Said], Sequence[str]], phase: str = "", project: Project) -> None:
        self.runs = list(runs)
        self.phase = phase
        self.project = project
        self.applied: list[str] = []
        self.options: list[RunOptions] = []
        self.meanwhile: Callable[[], object] = lambda: None

    def up(self, options: RunOptions, told: Callable[[Step | Said], object]) -> None:
        self.applied.append(phase(self.project))
        self.options.append(options)
        said, problems = self.runs.pop(0)
        for each in said:
            told(each)
        self.meanwhile()
        if problems:
            raise Failed(problems)

    def state(self) -> State:
        return State((), (), self.phase)


def phase(project: Project, namespace: str = "") -> str:
    config = yaml.safe_load((project.root / "stacks/Pulumi.test.yaml").read_text())["config"]
    own = config["hub2ghcr:clusters"][0]["namespaces"].get(namespace, {}) if namespace else {}
    return str(own.get("phase") or config["hub2ghcr:phase"])


def at(project: Project, wanted: str) -> Project:
    return project.change(lambda config: config.update(phase=wanted)).save()


def test_a_phase_is_written_and_applied(project: Project) -> None:
    at(project, "prepare")
    engine = Engine(([step(WEB, "done"), step(SMOKE, "done")], ()), project=project)
    told: list[Step | Said] = []
    outcome = change(Change("test", "cutover"), project.root, engine, told.append)
    assert outcome is not None
    assert (outcome.ending, outcome.phase, engine.applied) == ("done", "cutover", ["cutover"])
    assert phase(project) == "cutover"
    assert len(told) == 2


def test_a_failure_puts_the_very_bytes_back(project: Project) -> None:
    before = (at(project, "prepare").root / "stacks/Pulumi.test.yaml").read_bytes()
    engine = Engine(([step(WEB, "failed"), step(SMOKE, "done")], ["no access"]), project=project)
    outcome = change(Change("test", "cutover"), project.root, engine, lambda _: None)
    assert outcome is not None
    assert (outcome.ending, outcome.phase, outcome.written_back) == ("failed", "prepare", True)
    assert outcome.problems == ("no access",)
    assert outcome.not_moved == (WEB,)
    assert (project.root / "stacks/Pulumi.test.yaml").read_bytes() == before


@pytest.mark.parametrize(("problems", "ending"), [((), "rolled back"), (("worse",), "stranded")])
def test_a_rollback_applies_the_phase_that_was_there(project: Project, problems: tuple[str, ...], ending: str) -> None:
    at(project, "prepare")
    engine = Engine(((), ["bad"]), ((), problems), project=project)
    outcome = change(Change("test", "cutover", rollback=True), project.root, engine, lambda _: None)
    assert outcome is not None
    assert outcome.ending == ending
    assert engine.applied == ["cutover", "prepare"]
    assert outcome.problems == ("bad", *(f"going back: {each}" for each in problems))


def test_one_namespace_changes_its_phase_alone(project: Project) -> None:
    at(project, "prepare")
    engine = Engine(((), ()), project=project)
    outcome = change(Change("test", "cutover", ("shop",)), project.root, engine, lambda _: None)
    assert outcome is not None
    assert (phase(project), phase(project, "shop"), phase(project, "new")) == ("prepare", "cutover", "prepare")


def test_what_was_edited_while_it_ran_stays(project: Project) -> None:
    path = at(project, "prepare").root / "stacks/Pulumi.test.yaml"
    engine = Engine(((), ["bad"]), project=project)
    engine.meanwhile = lambda: path.write_text(path.read_text() + "# kept\n")
    change(Change("test", "cutover"), project.root, engine, lambda _: None)
    assert phase(project) == "prepare"
    assert path.read_text().endswith("# kept\n")


def test_a_phase_written_by_hand_goes_back_to_the_last_run(project: Project) -> None:
    at(project, "cutover")
    engine = Engine(((), ["bad"]), phase="prepare", project=project)
    outcome = change(Change("test"), project.root, engine, lambda _: None)
    assert outcome is not None
    assert (outcome.phase, outcome.written_back, phase(project)) == ("prepare", True, "prepare")


def test_a_phase_that_a_killed_run_has_written_goes_back_to_the_last_run(project: Project) -> None:
    at(project, "cutover")
    engine = Engine(((), ["bad"]), ((), ()), phase="prepare", project=project)
    outcome = change(Change("test", "cutover", rollback=True), project.root, engine, lambda _: None)
    assert outcome is not None
    assert (outcome.ending, outcome.phase, phase(project)) == ("rolled back", "prepare", "prepare")
    assert engine.applied == ["cutover", "prepare"]


def test_a_state_that_somebody_has_just_read_is_not_read_again(project: Project) -> None:
    at(project, "cutover")
    engine = Engine(([step(WEB, "failed")], ["no access"]), phase="seal", project=project)
    outcome = change(Change("test"), project.root, engine, lambda _: None, known=State((), (), "prepare"))
    assert outcome is not None and (outcome.phase, phase(project)) == ("prepare", "prepare")


def test_nothing_is_written_back_where_the_phase_did_not_change(project: Project) -> None:
    at(project, "cutover")
    engine = Engine(((), ["bad"]), phase="cutover", project=project)
    outcome = change(Change("test", rollback=True), project.root, engine, lambda _: None)
    assert outcome is not None
    assert (outcome.ending, outcome.written_back, engine.applied) == ("failed", False, ["cutover"])


def skipping(config: Config) -> None:
    config["phase"] = "prepare"
    config["clusters"][0]["namespaces"]["shop"]["onUnready"] = "skip"


def test_what_may_be_skipped_goes_on_and_keeps_the_phase(project: Project) -> None:
    project.change(skipping).save()
    engine = Engine(([step(WEB, "failed"), step(SMOKE, "done")], ["not there"]), project=project)
    outcome = change(Change("test", "cutover", rollback=True), project.root, engine, lambda _: None)
    assert outcome is not None
    assert engine.options == [RunOptions(continue_on_error=True)]
    assert (outcome.ending, outcome.written_back, phase(project)) == ("failed", False, "cutover")
    assert outcome.not_moved == (WEB,)


def test_what_was_skipped_is_told_after_all_else_and_keeps_the_phase(project: Project) -> None:
    project.change(skipping).save()
    said = Said(
        "error", "did not move", "urn:pulumi:test::hub2ghcr::pulumi-python:dynamic/hub2ghcr:AllMoved::hub2ghcr-test"
    )
    kept = replace(step(WEB, "done"), back=True)
    failed = step("hub2ghcr-test", "failed", "AllMoved")
    engine = Engine(([kept, step(SMOKE, "done"), said, failed], ["did not move"]), project=project)
    outcome = change(Change("test", "cutover", rollback=True), project.root, engine, lambda _: None)
    assert outcome is not None
    assert (outcome.ending, outcome.written_back, phase(project)) == ("failed", False, "cutover")
    assert outcome.not_moved == (WEB,)


def test_a_failure_elsewhere_is_one_all_the_same(project: Project) -> None:
    """Negative control of the skipping: what holds, or nobody knows where it failed, goes back."""
    project.change(skipping).save()
    for failed in ([step(SMOKE, "failed")], []):
        engine = Engine((failed, ["bad"]), project=project)
        outcome = change(Change("test", "cutover"), project.root, engine, lambda _: None)
        assert outcome is not None
        assert (outcome.written_back, phase(project)) == (True, "prepare")


def test_what_does_not_make_a_plan_is_refused_before_anything_runs(project: Project) -> None:
    before = (at(project, "prepare").root / "stacks/Pulumi.test.yaml").read_bytes()
    (project.root / "shop.yaml").unlink()
    engine = Engine(project=project)
    with pytest.raises(Hub2GhcrError):
        change(Change("test", "cutover"), project.root, engine, lambda _: None)
    assert (project.root / "stacks/Pulumi.test.yaml").read_bytes() == before


def test_a_phase_that_a_person_wrote_stays_where_nothing_ran(project: Project) -> None:
    """The last run was in another phase; a file that does not make a plan, or a no, is no reason to change it."""
    before = (at(project, "cutover").root / "stacks/Pulumi.test.yaml").read_bytes()
    engine = Engine(phase="prepare", project=project)
    assert change(Change("test"), project.root, engine, lambda _: None, lambda *_: False) is None
    (project.root / "shop.yaml").unlink()
    with pytest.raises(Hub2GhcrError):
        change(Change("test"), project.root, engine, lambda _: None)
    assert (project.root / "stacks/Pulumi.test.yaml").read_bytes() == before


def test_a_namespace_without_a_phase_comes_from_that_of_the_stack(project: Project) -> None:
    at(project, "cutover")
    engine = Engine(((), ["bad"]), project=project)
    outcome = change(Change("test", "prepare", ("shop",)), project.root, engine, lambda _: None)
    assert outcome is not None
    assert (outcome.phase, outcome.written_back, phase(project, "shop")) == ("cutover", True, "cutover")


def test_an_unknown_namespace_is_refused(project: Project) -> None:
    at(project, "prepare")
    with pytest.raises(SettingsError, match="no such namespace"):
        change(Change("test", "cutover", ("nope",)), project.root, Engine(project=project), lambda _: None)


def test_without_consent_nothing_runs_and_nothing_stays(project: Project) -> None:
    at(project, "prepare")
    asked: list[tuple[str, str]] = []

    def agreed(_: object, before: str, after: str) -> bool:
        asked.append((before, after))
        return False

    assert change(Change("test", "cutover"), project.root, Engine(project=project), lambda _: None, agreed) is None
    assert asked == [("prepare", "cutover")]
    assert phase(project) == "prepare"


def test_whatever_else_ends_a_run_puts_the_phase_back(project: Project) -> None:
    at(project, "prepare")
    engine = Engine(((), ()), project=project)

    def broken() -> None:
        raise RuntimeError

    engine.meanwhile = broken
    with pytest.raises(RuntimeError):
        change(Change("test", "cutover"), project.root, engine, lambda _: None)
    assert phase(project) == "prepare"
