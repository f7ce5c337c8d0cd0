from __future__ import annotations

import tarfile
from pathlib import Path

import pytest

from hub2ghcr.errors import Hub2GhcrError
from hub2ghcr.platforms.kaniko.build import Build, Context
from hub2ghcr.platforms.kaniko.local import ready


def build(kind: str, where: str, **more: str) -> Build:
    return Build("b", Context(kind, where), "ghcr.io/acme/b", ("1",), **more)  # type: ignore[arg-type]


@pytest.fixture
def root(tmp_path: Path) -> Path:
    (tmp_path / "app").mkdir()
    (tmp_path / "app" / "Dockerfile").write_text("FROM scratch\nCOPY word /word\n")
    (tmp_path / "app" / "word").write_text("word")
    return tmp_path


def test_a_folder_is_packed_and_what_was_packed_goes(root: Path) -> None:
    with ready(build("folder", "app"), root) as made:
        assert made.archive is not None and made.build.content.startswith("sha256:")
        with tarfile.open(made.archive) as archive:
            assert archive.getnames() == ["Dockerfile", "word"]
    assert not made.archive.exists()


def test_an_archive_is_handed_over_as_it_is(root: Path) -> None:
    with tarfile.open(root / "c.tar.gz", "w:gz") as archive:
        archive.add(root / "app", ".")
    with ready(build("archive", "c.tar.gz"), root) as made:
        assert made.archive == root / "c.tar.gz" and made.build.content


def test_what_the_executor_fetches_is_not_looked_into(root: Path) -> None:
    with ready(build("url", "https://example.org/c.tar.gz"), root) as made:
        assert made.archive is None and made.build.content == ""


@pytest.mark.parametrize(
    ("wanted", "told"),
    [
        (build("folder", "none"), "none: the context is no folder"),
        (build("archive", "none.tar.gz"), "none.tar.gz: the context cannot be read"),
        (build("archive", "app/word"), "no compressed tar"),
        (build("folder", "app", dockerfile="Containerfile"), "Containerfile is not in the context"),
        (build("folder", "app", dockerfile="../Dockerfile"), "dockerfile: leads out of the context: ../Dockerfile"),
        (build("folder", "app", sub_path="web"), "is not in the context: web"),
    ],
)
def test_what_cannot_be_built_is_told_before_anything_starts(root: Path, wanted: Build, told: str) -> None:
    with pytest.raises(Hub2GhcrError, match=told), ready(wanted, root):
        pass


@pytest.mark.parametrize(
    ("sub_path", "dockerfile"), [("", "./Dockerfile"), ("", "/Dockerfile"), ("./web/", "Dockerfile")]
)
def test_a_dockerfile_is_packed_however_it_is_named_and_whatever_is_ignored(
    root: Path, sub_path: str, dockerfile: str
) -> None:
    (root / "app" / "web").mkdir()
    (root / "app" / "web" / "Dockerfile").write_text("FROM scratch\n")
    (root / "app" / ".dockerignore").write_text("**/Dockerfile\n")
    with ready(build("folder", "app", sub_path=sub_path, dockerfile=dockerfile), root) as made:
        assert made.notes == ()


@pytest.mark.parametrize(
    "dockerfile", ["FROM scratch\nRUN <<EOF\ntrue\nEOF\n", "FROM scratch\nCOPY <<EOF /word\nword\nEOF\n"]
)
def test_what_the_maintained_fork_can_do_does_not_stop_it(root: Path, dockerfile: str) -> None:
    (root / "app" / "Dockerfile").write_text(dockerfile)
    with pytest.raises(Hub2GhcrError, match="the archived kaniko"), ready(build("folder", "app"), root):
        pass
    with ready(build("folder", "app", executor="ghcr.io/osscontainertools/kaniko:v1.26.4-debug"), root) as made:
        assert len(made.notes) == 1
