"""Two sides, stack by stack."""

from __future__ import annotations

import json
from pathlib import Path
from shutil import copytree
from typing import Any

import pytest
import yaml

from hub2ghcr.lock import Lock
from hub2ghcr.preview import Change
from hub2ghcr.preview.head import overlay
from hub2ghcr.preview.previewing import NO_BASE, Sides, preview
from hub2ghcr.preview.side import Side

from ..conftest import Project


@pytest.fixture
def base(project: Project, tmp_path: Path) -> Side:
    """The base: the project as it is before a test changes it."""
    return Side(copytree(project.save().root, tmp_path / "base", ignore=lambda *_: ["base"]))


def sides(project: Project, base: Side | None = None) -> Sides:
    project.save()
    return Sides(Side(project.root), "head", base, "base" if base else NO_BASE)


def test_a_broken_stack_keeps_no_other_from_being_shown(project: Project, base: Side) -> None:
    project.change(lambda config: config.update(phase="prepare"))
    project.write("stacks/Pulumi.broken.yaml", "config: {'hub2ghcr:phse': prepare}\n")
    found = preview(sides(project, base), ("test", "broken"))
    broken, test = found.stacks
    assert (broken.stack, test.stack) == ("broken", "test")
    assert any("hub2ghcr:phse" in each or "phse" in each for each in broken.problems)
    assert found.broken and not test.problems
    assert Change("stack", "test", "changed", "phase cutover → prepare") in test.workloads


def test_a_base_that_is_broken_is_told_and_all_is_shown_as_new(project: Project, base: Side) -> None:
    (base.root / "shop.yaml").write_text("{")
    (found,) = preview(sides(project, base), ("test",)).stacks
    assert any(
        each.startswith("the base cannot be planned, so that all is shown as new: shop.yaml") for each in found.warnings
    )
    assert Change("namespace", "one/shop", "added", "phase cutover") in found.workloads


def test_a_stack_that_is_gone_or_new_is_told(project: Project, base: Side) -> None:
    project.save()
    (project.root / "stacks/Pulumi.test.yaml").rename(project.root / "stacks/Pulumi.new.yaml")
    both = Sides(Side(project.root), "head", base, "base")
    assert both.stacks == ("new", "test")
    new, gone = preview(both, both.stacks).stacks
    assert new.images and "the stack's file is gone" in gone.warnings[0]
    assert gone.why == "the change removes it", "so that the engine is not asked about what is not there"
    assert not new.copies, "the base's other stack copied them"


def test_a_stack_that_nobody_has_is_a_problem_of_its_own(project: Project, base: Side) -> None:
    (found,) = preview(sides(project, base), ("tset",)).stacks
    assert "no such stack" in found.problems[0] and "test" in found.problems[0]


def test_a_new_encrypted_value_is_told_and_never_shown(project: Project, base: Side) -> None:
    project.change(lambda config: config.update(pullToken={"secure": "v1:new:ciphertext"}))
    (found,) = preview(sides(project, base), ("test",)).stacks
    assert found.secrets == (Change("secret value", "hub2ghcr:pullToken", "changed", "encrypted anew"),)
    assert "ciphertext" not in repr(found)


def test_a_lock_that_many_stacks_share_is_read_once_a_side(
    project: Project, base: Side, monkeypatch: pytest.MonkeyPatch
) -> None:
    config = yaml.safe_dump({"config": project.config})
    for name in ("a", "b", "c"):
        project.write(f"stacks/Pulumi.{name}.yaml", config)
    read: list[Path] = []
    load = Lock.load.__func__  # type: ignore[attr-defined]

    def counted(path: Path, place: str = "") -> Lock:
        read.append(path)
        return load(Lock, path, place)  # type: ignore[no-any-return]

    monkeypatch.setattr(Lock, "load", counted)
    project.save()
    both = Sides(Side(project.root), "head", Side(base.root), "base")
    read.clear()
    preview(both, both.stacks)
    assert len(read) == 2


def test_what_looks_like_a_token_is_taken_out_of_every_text(project: Project) -> None:
    token = "ghp_" + "a" * 36
    project.write("stacks/Pulumi.leak.yaml", yaml.safe_dump({"config": {f"hub2ghcr:{token}": 1}}))
    found = preview(sides(project), ("leak",))
    assert found.broken and token not in repr(found)


def test_progress_counts_both_sides(project: Project, base: Side) -> None:
    told: list[tuple[int, int]] = []
    preview(sides(project, base), ("test",), lambda done, of: told.append((done, of)))
    assert told == [(0, 2), (1, 2)]


HOSTILE: dict[str, dict[str, Any]] = {
    "json without end": {"hub2ghcr:registries": "[" * 100_000 + "]" * 100_000},
    "deep json": {"hub2ghcr:registries": '{"a":' * 600 + "1" + "}" * 600},
    "deep yaml": {"hub2ghcr:registries": [json.loads("[" * 250 + "]" * 250)]},
    "deep list of providers": {"pulumi:disable-default-providers": "[" * 100_000},
    "long base file": {"hub2ghcr:extends": "a" * 5000},
    "long lock": {"hub2ghcr:images": {"lock": "a" * 5000}},
    "lock of no file": {"hub2ghcr:images": {"lock": "a\0b"}},
    "base file of no file": {"hub2ghcr:extends": "a\0b"},
    "archive of no file": {"hub2ghcr:images": {"archives": ["a" * 5000, "a\0b"]}},
}


@pytest.mark.parametrize("kind", HOSTILE)
def test_what_a_stranger_writes_into_one_stack_hides_no_other(project: Project, tmp_path: Path, kind: str) -> None:
    project.save()
    config = {**project.config, **HOSTILE[kind]}
    head = Path(copytree(project.root, tmp_path / "head", ignore=lambda *_: ["head", "target"]))
    (head / "stacks/Pulumi.more.yaml").write_text(yaml.safe_dump({"config": config}))
    (tmp_path / "target").mkdir()
    laid = overlay(project.root, head, tmp_path / "target")
    more, test = preview(Sides(Side(laid.root, {}), "head"), ("test", "more")).stacks
    assert (bool(more.problems), test.problems) == (kind != "archive of no file", ())
    assert all(len(each) < 1001 for each in more.problems)
