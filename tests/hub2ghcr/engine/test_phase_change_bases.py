"""A change of phase that a base file says: the base stays, the stack's own file says otherwise and follows it again."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import yaml

from hub2ghcr.engine import Change, Failed, RunOptions, Said, State, Step, change
from hub2ghcr.errors import Hub2GhcrError
from hub2ghcr.settings import load
from tests.hub2ghcr.conftest import Config, Project

BASE, STACK = "stacks/base.yaml", "stacks/Pulumi.test.yaml"


class Engine:
    """Plays one run; keeps the phases that applied in it, of the stack and of its namespace ``shop``."""

    def __init__(self, project: Project, *problems: str, phase: str = "") -> None:
        self.project, self.problems, self.phase = project, problems, phase
        self.applied: list[tuple[str, str | None]] = []
        self.meanwhile: Callable[[], object] = lambda: None

    def up(self, options: RunOptions, told: Callable[[Step | Said], object]) -> None:
        found = load("test", self.project.root, {})
        self.applied.append((found.phase, found.clusters[0].namespaces["shop"].phase))
        self.meanwhile()
        if self.problems:
            raise Failed(self.problems)

    def state(self) -> State:
        return State((), (), self.phase)


@pytest.fixture
def inheriting(project: Project) -> Project:
    """A project whose phase stands in a base, and so does that of its namespace ``shop``."""

    def without(config: Config) -> None:
        del config["phase"]
        config["extends"] = BASE

    write_base(project, "cutover")
    return project.change(without).save()


def write_base(project: Project, phase: str) -> None:
    defaults = {"namespaces": {"shop": {"phase": "prepare"}}}
    project.write(BASE, yaml.safe_dump({"config": {"hub2ghcr:phase": phase, "hub2ghcr:clusterDefaults": defaults}}))


def text(project: Project, name: str = STACK) -> str:
    return (project.root / name).read_text()


def test_a_phase_is_written_over_the_base_and_never_into_it(inheriting: Project) -> None:
    base, before, engine = text(inheriting, BASE), text(inheriting), Engine(inheriting)
    asked: list[tuple[str, str]] = []

    def agreed(_: object, came: str, stands: str) -> bool:
        asked.append((came, stands))
        return True

    outcome = change(Change("test", "seal"), inheriting.root, engine, lambda _: None, agreed)
    assert outcome is not None and (outcome.ending, outcome.phase) == ("done", "seal")
    assert asked == [("cutover", "seal")]
    assert engine.applied == [("seal", "prepare")]
    assert text(inheriting, BASE) == base
    assert text(inheriting) == before.replace("config:\n", "config:\n  hub2ghcr:phase: seal\n")


@pytest.mark.parametrize(("namespaces", "came"), [((), "cutover"), (("shop",), "prepare")])
def test_a_failure_has_the_stack_follow_its_base_again(
    inheriting: Project, namespaces: tuple[str, ...], came: str
) -> None:
    before, engine = text(inheriting), Engine(inheriting, "bad")
    outcome = change(Change("test", "seal", namespaces), inheriting.root, engine, lambda _: None)
    assert outcome is not None
    assert (outcome.ending, outcome.phase, outcome.written_back) == ("failed", came, True)
    assert engine.applied == [("cutover", "seal") if namespaces else ("seal", "prepare")]
    assert text(inheriting) == before


def test_so_it_does_where_the_file_was_edited_meanwhile(inheriting: Project) -> None:
    before, engine = text(inheriting), Engine(inheriting, "bad")
    engine.meanwhile = lambda: inheriting.write(STACK, text(inheriting) + "# kept\n")
    change(Change("test", "seal"), inheriting.root, engine, lambda _: None)
    assert text(inheriting) == before + "# kept\n"


def test_a_base_that_somebody_moved_on_is_held_back_in_the_stack_whose_run_failed(inheriting: Project) -> None:
    """Else the next plain run would try the same again; the other stacks of the base are not meant."""
    base = text(inheriting, BASE)
    outcome = change(Change("test"), inheriting.root, Engine(inheriting, "bad", phase="prepare"), lambda _: None)
    assert outcome is not None and (outcome.phase, outcome.written_back) == ("prepare", True)
    assert load("test", inheriting.root, {}).phase == "prepare"
    assert text(inheriting, BASE) == base


def test_nothing_is_written_where_the_base_says_what_ran_before(inheriting: Project) -> None:
    before, engine = text(inheriting), Engine(inheriting, "bad", phase="cutover")
    outcome = change(Change("test"), inheriting.root, engine, lambda _: None)
    assert outcome is not None and (outcome.phase, outcome.written_back) == ("cutover", False)
    assert text(inheriting) == before


def test_a_base_that_cannot_be_read_is_told_before_anything_is_written(inheriting: Project) -> None:
    (inheriting.root / BASE).unlink()
    before = text(inheriting)
    with pytest.raises(Hub2GhcrError, match=f"^{STACK}: extends: no such base file"):
        change(Change("test", "seal"), inheriting.root, Engine(inheriting), lambda _: None)
    assert text(inheriting) == before
