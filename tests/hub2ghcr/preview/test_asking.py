"""Asking the engine, where it may be asked and can be."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from hub2ghcr.engine import EngineStep, Foreseen, foreseen
from hub2ghcr.errors import EngineError
from hub2ghcr.preview.asking import with_engine, without_engine

from .samples import preview, stack

STEP = EngineStep("urn:pulumi:a::hub2ghcr::a:b:Secret::one/shop/x", "create")
SAME = EngineStep("urn:pulumi:a::hub2ghcr::a:b:Secret::one/shop/y", "same")


@pytest.fixture
def answers(monkeypatch: pytest.MonkeyPatch) -> dict[str, Foreseen | EngineError]:
    """What the engine says of each stack; tests fill it in."""
    found: dict[str, Foreseen | EngineError] = {}

    def foresee(name: str, _: Path) -> Foreseen:
        answer = found[name]
        if isinstance(answer, EngineError):
            raise answer
        return answer

    monkeypatch.setattr(foreseen, "foresee", foresee)
    return found


def test_what_the_engine_will_do_stands_beside_what_plans_tell(
    answers: dict[str, Foreseen | EngineError], tmp_path: Path
) -> None:
    answers["a"] = Foreseen((STEP, SAME), ("known 0", "from a provider"))
    (found,) = with_engine(preview(stack("a", text="w")), tmp_path, {}).stacks
    assert (found.mode, found.steps) == ("engine", (STEP,))
    assert found.images and found.warnings == ("from a provider", "w0")


def test_where_nothing_opens_the_stack_it_stays_with_its_plan_and_says_why(
    answers: dict[str, Foreseen | EngineError], tmp_path: Path
) -> None:
    line = "the stack's secrets cannot be opened; set PULUMI_CONFIG_PASSPHRASE, or whatever its secrets provider needs"
    answers["a"] = Foreseen((), (), (line,))
    answers["b"] = EngineError("pulumi cannot be run", "PATH", "No such file", "install it")
    found = with_engine(preview(stack("a"), stack("b")), tmp_path, {}).stacks
    assert [each.mode for each in found] == ["plan", "plan"]
    assert found[0].why == line and "pulumi cannot be run" in found[1].why
    assert not any(each.problems for each in found)


def test_what_the_engine_fails_at_is_a_problem_of_the_stack(
    answers: dict[str, Foreseen | EngineError], tmp_path: Path
) -> None:
    answers["a"] = Foreseen((), (), ("one/shop/web: the cluster refuses it",))
    answers["b"] = Foreseen((STEP,))
    broken, other = with_engine(preview(stack("a"), stack("b")), tmp_path, {}).stacks
    assert (broken.mode, broken.problems) == ("engine", ("one/shop/web: the cluster refuses it",))
    assert other.steps == (STEP,)


def test_the_engine_is_not_asked_of_what_is_broken_or_refused(
    answers: dict[str, Foreseen | EngineError], tmp_path: Path
) -> None:
    broken = replace(stack("broken"), problems=("x",))
    gone = replace(stack("gone"), why="the change removes it")
    asked = preview(replace(stack("a"), why=""), broken, gone)
    found = with_engine(asked, tmp_path, {"a": "the head names another cluster"}).stacks
    assert [each.mode for each in found] == ["plan"] * 3
    assert [found[0].why, found[2].why] == ["the head names another cluster", "the change removes it"]


def test_what_the_engine_says_is_tidied_too(answers: dict[str, Foreseen | EngineError], tmp_path: Path) -> None:
    token = "ghp_" + "a" * 36
    answers["a"] = Foreseen((replace(STEP, urn=STEP.urn + token),), (token,), ())
    assert token not in repr(with_engine(preview(stack("a")), tmp_path, {}))


def test_without_the_engine_each_stack_says_that_it_was_asked_for() -> None:
    assert without_engine(preview(stack("a"))).stacks[0].why == "it was asked for (--plan-only)"
