from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from hub2ghcr import files
from hub2ghcr.errors import Hub2GhcrError, ManifestError
from hub2ghcr.rendering import folder

ONE = {"web.yaml": b"web: 1\n", "db/db.yaml": b"db: 1\n"}
TWO = {"web.yaml": b"web: 2\n", "queue/queue.yaml": b"queue: 2\n"}


def render(root: Path, wanted: dict[str, bytes]) -> list[str]:
    changes = folder.differences(root, "out", wanted)
    folder.write(root, "out", wanted, changes)
    return [each.path for each in changes]


def found(root: Path) -> dict[str, bytes]:
    out = root / "out"
    return {
        str(file.relative_to(out)): file.read_bytes()
        for file in sorted(out.rglob("*"))
        if file.is_file() and file.name != folder.LIST
    }


def test_what_is_ours_is_written_replaced_and_removed(tmp_path: Path) -> None:
    assert render(tmp_path, ONE) == ["db/db.yaml", "web.yaml"]
    assert found(tmp_path) == ONE
    assert render(tmp_path, ONE) == []
    assert render(tmp_path, TWO) == ["db/db.yaml", "queue/queue.yaml", "web.yaml"]
    assert found(tmp_path) == TWO and not (tmp_path / "out" / "db").exists()


def test_the_list_is_one_that_sha256sum_reads(tmp_path: Path) -> None:
    render(tmp_path, ONE)
    checked = subprocess.run(["sha256sum", "--check", "--strict", folder.LIST], cwd=tmp_path / "out", check=False)
    assert checked.returncode == 0


def test_files_of_others_are_neither_overwritten_nor_removed(tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "web.yaml").write_text("mine\n")
    (tmp_path / "out" / "README.md").write_text("mine\n")
    with pytest.raises(Hub2GhcrError, match=r"out/web.yaml: was not written by hub2ghcr; write to another folder"):
        render(tmp_path, ONE)
    assert found(tmp_path) == {"README.md": b"mine\n", "web.yaml": b"mine\n"}
    (tmp_path / "out" / "web.yaml").unlink()
    render(tmp_path, ONE)
    assert found(tmp_path) == {**ONE, "README.md": b"mine\n"}


def test_what_was_changed_by_hand_is_left_and_every_such_file_named(tmp_path: Path) -> None:
    render(tmp_path, ONE)
    for name in ONE:
        (tmp_path / "out" / name).write_text("mine\n")
    with pytest.raises(Hub2GhcrError) as caught:
        render(tmp_path, TWO)
    assert [line.partition(":")[0] for line in caught.value.lines] == ["out/db/db.yaml", "out/web.yaml"]
    assert set(found(tmp_path).values()) == {b"mine\n"}


def test_a_deleted_file_comes_back(tmp_path: Path) -> None:
    render(tmp_path, ONE)
    (tmp_path / "out" / "web.yaml").unlink()
    assert render(tmp_path, ONE) == ["web.yaml"]


@pytest.mark.parametrize("at", range(1, 5))
@pytest.mark.parametrize("then", [ONE, TWO], ids=["back", "on"])
def test_cut_off_anywhere_the_next_run_goes_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, at: int, then: dict[str, bytes]
) -> None:
    render(tmp_path, ONE)
    times = 0
    replace = files.replace

    def cut(path: str, data: bytes, place: str) -> None:
        nonlocal times
        times += 1
        if times == at:
            raise KeyboardInterrupt
        replace(path, data, place)

    monkeypatch.setattr(files, "replace", cut)
    with pytest.raises(KeyboardInterrupt):
        render(tmp_path, TWO)
    monkeypatch.undo()
    render(tmp_path, then)
    assert found(tmp_path) == then


def test_a_folder_outside_the_project_is_refused(tmp_path: Path) -> None:
    root = tmp_path / "project"
    root.mkdir()
    (root / "out").symlink_to(tmp_path)
    with pytest.raises(ManifestError, match="a symbolic link out of the project's folder"):
        render(root, ONE)


def test_a_list_that_names_files_elsewhere_removes_none(tmp_path: Path) -> None:
    render(tmp_path, ONE)
    (tmp_path / "kept").write_bytes(b"x")
    with (tmp_path / "out" / folder.LIST).open("a") as listed:
        listed.write(f"2d711642b726b04401627ca9fbac32f5c8530fb1903cc4db02258717921a4881  ../kept\n{'0' * 64}  /etc/x\n")
    render(tmp_path, {})
    assert (tmp_path / "kept").exists() and found(tmp_path) == {}
