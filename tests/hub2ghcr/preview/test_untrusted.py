"""What of a stranger's folder is copied: text in regular files, and nothing else."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from hub2ghcr.preview import untrusted
from hub2ghcr.preview.untrusted import Untrusted

PICTURE = b"\x89PNG\r\n\x1a\n\xff"


@pytest.fixture
def places(tmp_path: Path) -> tuple[Path, Path, Path]:
    """Return a head, its base, and an empty target."""
    for name in ("head/stacks/shop", "base/stacks", "target"):
        (tmp_path / name).mkdir(parents=True)
    return tmp_path / "head", tmp_path / "base", tmp_path / "target"


def copied(places: tuple[Path, Path, Path]) -> tuple[list[str], list[str]]:
    """Copy the folder; return what is there then, and what was refused."""
    data = Untrusted(*places)
    data.folder("stacks")
    there = [str(each.relative_to(places[2])) for each in sorted(places[2].rglob("*")) if each.is_file()]
    return there, [str(each) for each in data.problems]


def test_text_is_copied_and_cannot_be_run(places: tuple[Path, Path, Path]) -> None:
    script = places[0] / "stacks" / "shop" / "run.sh"
    script.write_text("#!/bin/sh\n")
    script.chmod(0o755)
    assert copied(places) == (["stacks/shop/run.sh"], [])
    assert not os.access(places[2] / "stacks" / "shop" / "run.sh", os.X_OK)


def test_links_devices_and_what_is_no_text_are_refused_all_at_once(places: tuple[Path, Path, Path]) -> None:
    folder = places[0] / "stacks"
    (folder / "file").symlink_to("/etc/passwd")
    (folder / "folder").symlink_to("/etc")
    (folder / "inside").symlink_to("shop")
    os.mkfifo(folder / "pipe")
    (folder / "picture.png").write_bytes(PICTURE)
    (folder / "good.yaml").write_text("a: 1\n")
    there, problems = copied(places)
    assert there == ["stacks/good.yaml"]
    named = sorted(each.partition(": ")[2].partition(": ")[0] for each in problems)
    assert named == [f"stacks/{each}" for each in ("file", "folder", "inside", "picture.png", "pipe")], problems


def test_a_folder_or_a_lock_that_is_a_link_is_refused(tmp_path: Path) -> None:
    for name in ("head", "base", "target"):
        (tmp_path / name).mkdir()
    (tmp_path / "head" / "stacks").symlink_to("/etc")
    (tmp_path / "head" / "images.lock.yaml").symlink_to("/etc/passwd")
    data = Untrusted(tmp_path / "head", tmp_path / "base", tmp_path / "target")
    data.folder("stacks")
    data.file("images.lock.yaml")
    data.file("absent.yaml")
    assert len(data.problems) == 2 and not list((tmp_path / "target").iterdir())


def test_what_is_no_text_stays_where_the_base_has_the_same(places: tuple[Path, Path, Path]) -> None:
    for root, name in ((0, "same.bin"), (1, "same.bin"), (0, "new.tgz")):
        (places[root] / "stacks" / name).write_bytes(PICTURE)
    assert copied(places) == (["stacks/same.bin"], [])  # a chart's archive is left out, and what it renders with it


def test_sizes_and_numbers_are_bounded(places: tuple[Path, Path, Path], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(untrusted, "LARGEST", 10)
    monkeypatch.setattr(untrusted, "FILES", 3)
    for number in range(6):
        (places[0] / "stacks" / f"{number}.yaml").write_text("a" * (11 if number == 0 else 1))
    there, problems = copied(places)
    assert len(there) <= 4
    assert [each.partition(": ")[2].partition(": ")[2][:4] for each in problems] == ["larg", "more"], problems
