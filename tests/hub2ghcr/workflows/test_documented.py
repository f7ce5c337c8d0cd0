"""What docs/workflows.md shows is what happens."""

from __future__ import annotations

from pathlib import Path

from hub2ghcr.diff import unified
from hub2ghcr.workflows.fields import ACTIONS
from hub2ghcr.workflows.programs import DOCKER, OTHERS

HERE = Path(__file__).parent
PAGE = (HERE.parents[2] / "docs/workflows.md").read_text(encoding="utf-8")


def test_the_diff_is_that_of_the_pair() -> None:
    file = ".github/workflows/publish.yml"
    before, after = ((HERE / side / "publish" / file).read_bytes() for side in ("before", "after"))
    assert f"```diff\n{unified(before, after, file).decode()}```" in PAGE


def test_the_programs_and_the_inputs_of_dockers_actions_are_named() -> None:
    missing = [name for name in OTHERS if name not in PAGE and name != "executor"]  # kaniko's
    missing += [verb for verb in ("build", "tag", "push", "pull", "run") if verb not in DOCKER or verb not in PAGE]
    actions = ("docker/metadata-action", "docker/build-push-action", "docker/bake-action")
    missing += [key for action in actions for key in ACTIONS[action] if f"`{key}`" not in PAGE]
    assert missing == []
