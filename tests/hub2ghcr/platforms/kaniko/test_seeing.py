"""A context on this machine: a folder, or a compressed tar."""

from __future__ import annotations

import tarfile
from pathlib import Path

import pytest

from hub2ghcr.errors import SettingsError
from hub2ghcr.platforms.kaniko import seeing
from hub2ghcr.platforms.kaniko.checking import check
from hub2ghcr.platforms.kaniko.context import dockerfile_names
from hub2ghcr.platforms.kaniko.seeing import seen


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "c" / "app").mkdir(parents=True)
    (tmp_path / "c" / "app" / "Dockerfile").write_text("FROM a\nCOPY main.go missing /\n")
    (tmp_path / "c" / "app" / "main.go").write_text("")
    return tmp_path / "c"


@pytest.mark.parametrize("packed", [False, True])
def test_a_folder_and_its_archive_are_seen_alike(folder: Path, packed: bool) -> None:
    names = dockerfile_names("dir:///src", "app")
    place = folder
    if packed:
        place = folder.parent / "context.tar.gz"
        with tarfile.open(place, "w:gz") as archive:
            archive.add(folder, ".")
    found = seen(place, names)
    (told,) = check("dir:///src", "app", seen=found)
    assert str(told).startswith("app/Dockerfile:2: COPY missing: it is not in the context")
    assert {"app", "app/main.go", "."} <= found.every


def test_an_archive_that_kaniko_cannot_unpack_is_refused(folder: Path) -> None:
    plain = folder.parent / "context.tar"
    with tarfile.open(plain, "w") as archive:
        archive.add(folder, ".")
    with pytest.raises(SettingsError, match="no folder and no compressed tar; make one with tar -C"):
        seen(plain, ())


def test_a_missing_context_is_told_by_its_path(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="nowhere: the context cannot be read"):
        seen(tmp_path / "nowhere", ())


def test_a_context_has_its_limits(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(seeing, "MAX_NAMES", 1)
    with pytest.raises(SettingsError, match="more than 1 files"):
        seen(folder, ())
