"""What a run claims that the change could rewrite, and how little it is taken for."""

from __future__ import annotations

from dataclasses import replace

from hub2ghcr.engine.foreseen import EngineStep
from hub2ghcr.preview import markdown
from hub2ghcr.preview.joining import claimed, joined
from hub2ghcr.preview.nouns import StackPreview

from .samples import preview, stack

LIE = replace(stack("a"), mode="engine", why="", steps=(EngineStep("urn", "same"),), problems=())


def test_a_claim_names_no_engine_and_is_marked_for_what_it_is() -> None:
    (found,) = claimed(preview(LIE)).stacks
    assert (found.mode, found.why, found.steps) == ("claimed", "", ())
    assert found.images == LIE.images
    told = markdown.whole(claimed(preview(LIE)))
    assert "Claimed by the pull request's own run, without the engine; nobody has checked it." in told
    assert "| `a` | claimed |" in told


def test_claims_fill_in_what_was_not_previewed_and_nothing_else() -> None:
    made = preview(replace(stack("a"), mode="engine", images=()), StackPreview("b", mode="none", why="charts"))
    claims = preview(LIE, replace(stack("b"), why="other"), stack("invented"))
    found = joined(made, claims).stacks
    assert [each.stack for each in found] == ["a", "b"]
    assert found[0] == made.stacks[0]
    assert (found[1].mode, found[1].why, found[1].images) == ("claimed", "charts", stack("b").images)


def test_without_what_was_made_all_is_a_claim() -> None:
    assert [each.mode for each in joined(None, preview(LIE, stack("b"))).stacks] == ["claimed", "claimed"]
