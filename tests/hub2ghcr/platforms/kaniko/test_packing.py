from __future__ import annotations

import io
import os
import tarfile
from pathlib import Path

import pytest

from hub2ghcr.errors import SettingsError
from hub2ghcr.platforms.kaniko.packing import digest_of, pack


def names(folder: Path, dockerfile: str = "Dockerfile") -> list[str]:
    sink = io.BytesIO()
    pack(folder, dockerfile, sink)
    sink.seek(0)
    with tarfile.open(fileobj=sink, mode="r:gz") as archive:
        return archive.getnames()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name in ("Dockerfile", "web/index.html", "web/Dockerfile", "node_modules/x/keep", "node_modules/x/large"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(name)
    return tmp_path


def test_a_folder_is_packed_the_same_whatever_its_times_owners_and_permissions_are(folder: Path) -> None:
    first, second = io.BytesIO(), io.BytesIO()
    digest = pack(folder, "Dockerfile", first)
    os.utime(folder / "Dockerfile", (1, 1))
    (folder / "Dockerfile").chmod(0o600)
    assert pack(folder, "Dockerfile", second) == digest == pack(folder, "Dockerfile")
    assert first.getvalue() == second.getvalue()
    (folder / "Dockerfile").chmod(0o755)
    assert pack(folder, "Dockerfile") != digest, "what can be executed stays so"


def test_what_is_ignored_stays_out_but_for_the_dockerfile(folder: Path) -> None:
    (folder / ".dockerignore").write_text("node_modules\nDockerfile\nweb\n")
    assert names(folder) == [".dockerignore", "Dockerfile"]
    assert names(folder, "web/Dockerfile") == [".dockerignore", "web/Dockerfile"]


def test_what_is_let_in_again_is_found_below_what_is_ignored(folder: Path) -> None:
    (folder / ".dockerignore").write_text("node_modules\n!node_modules/x/keep\n")
    assert "node_modules/x/keep" in names(folder)
    assert "node_modules/x/large" not in names(folder)


def test_the_ignore_file_beside_the_dockerfile_goes_first(folder: Path) -> None:
    (folder / ".dockerignore").write_text("web\n")
    (folder / "Dockerfile.dockerignore").write_text("node_modules\n")
    assert "web/index.html" in names(folder) and "node_modules" not in names(folder)


def test_links_stay_links_and_what_else_there_is_stays_out(folder: Path) -> None:
    (folder / "link").symlink_to("web")
    os.link(folder / "Dockerfile", folder / "hard")
    os.mkfifo(folder / "pipe")
    sink = io.BytesIO()
    pack(folder, "Dockerfile", sink)
    sink.seek(0)
    with tarfile.open(fileobj=sink, mode="r:gz") as archive:
        found = {each.name: each for each in archive}
    assert found["link"].issym() and found["hard"].isreg() and found["hard"].size == len("Dockerfile")
    assert "pipe" not in found and "link/index.html" not in found


def test_what_cannot_be_read_is_told(folder: Path) -> None:
    with pytest.raises(SettingsError, match="cannot be read"):
        pack(folder / "none", "Dockerfile")
    with pytest.raises(SettingsError, match="cannot be read"):
        digest_of(folder / "none")
    (folder / ".dockerignore").write_bytes(b"\xff")
    with pytest.raises(SettingsError, match="not UTF-8"):
        pack(folder, "Dockerfile")


def test_an_archive_is_known_by_its_bytes(folder: Path) -> None:
    assert digest_of(folder / "Dockerfile").startswith("sha256:")
