"""Which files are read, and what becomes of links, loops and what cannot be read."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from hub2ghcr.walking import can_hold_images, printable, walk

ROOT = Path(__file__).parents[2]


@pytest.fixture
def tree(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    root = tmp_path / "tree"
    root.mkdir()
    monkeypatch.chdir(root)
    return root


def put(*paths: str) -> None:
    for path in paths:
        Path(path).parent.mkdir(parents=True, exist_ok=True)
        Path(path).write_text("a: 1\n")


def found(*paths: str) -> list[str]:
    return [each.place for each in walk(paths).inputs]


def test_a_folder_gives_the_files_that_can_hold_images_sorted(tree: Path) -> None:
    put("b.yaml", "a/z.yml", "a/b.json", "Dockerfile", "x/Dockerfile.dev", "x/web.dockerfile", "README.md", "x/a.py")
    put("docker-compose.yml", "x/Dockerfile.dockerignore")
    expected = ["Dockerfile", "a/b.json", "a/z.yml", "b.yaml", "docker-compose.yml", "x/Dockerfile.dev"]
    assert found(".") == [*expected, "x/web.dockerfile"]
    assert found("a") == ["a/b.json", "a/z.yml"]
    assert found(str(tree / "a")) == [f"{tree}/a/b.json", f"{tree}/a/z.yml"]


def test_hidden_folders_and_node_modules_are_passed_over_but_not_those_of_workflows(tree: Path) -> None:
    put(".git/a.yaml", ".venv/a.yaml", "x/node_modules/a/b.yaml", ".github/workflows/ci.yml", "x/.hidden.yaml")
    assert found(".") == [".github/workflows/ci.yml", "x/.hidden.yaml"]


def test_a_file_that_is_named_is_read_whatever_its_name(tree: Path) -> None:
    put("notes.txt", ".git/x.yaml")
    assert found("notes.txt", ".git/x.yaml", "-") == ["-", ".git/x.yaml", "notes.txt"]


def test_what_several_paths_lead_to_is_read_once(tree: Path) -> None:
    put("a/b.yaml")
    os.symlink("b.yaml", "a/c.yaml")
    os.symlink("a", "again")
    assert found(".", "a", "a/b.yaml", "a/c.yaml") == ["a/b.yaml"]


def test_a_link_to_a_hidden_folder_of_the_tree_is_followed_under_its_own_name(tree: Path) -> None:
    put(".releases/5/web.yaml")
    os.symlink(".releases/5", "current")
    assert found(".") == ["current/web.yaml"]


def test_links_out_of_the_tree_are_not_followed_and_are_noted(tree: Path, tmp_path: Path) -> None:
    (tmp_path / "outside").mkdir()
    (tmp_path / "outside" / "x.yaml").write_text("a: 1\n")
    put("a/x.yaml")
    os.symlink(tmp_path / "outside", "a/folder")
    os.symlink(tmp_path / "outside" / "x.yaml", "a/link.yaml")
    walked = walk(["a"])
    assert [each.place for each in walked.inputs] == ["a/x.yaml"]
    assert walked.notes == (
        "a/folder: a symbolic link out of the tree, not followed",
        "a/link.yaml: a symbolic link out of the tree, not followed",
    )
    named = walk(["a/link.yaml"])
    assert not named.inputs
    assert [str(each) for each in named.problems] == [
        f"a/link.yaml: a symbolic link out of the tree; name {tmp_path}/outside/x.yaml itself"
    ]


def test_loops_of_links_end_and_what_leads_nowhere_is_a_problem(tree: Path) -> None:
    put("a/x.yaml")
    os.symlink("..", "a/up")
    os.symlink("loop.yaml", "a/loop.yaml")
    os.symlink("gone", "a/dangling.yaml")
    os.symlink("gone", "a/dangling.txt")
    walked = walk(["."])
    assert [each.place for each in walked.inputs] == ["a/x.yaml"]
    assert [str(each) for each in walked.problems] == [
        "a/dangling.yaml: cannot be read: No such file or directory",
        "a/loop.yaml: cannot be read: Too many levels of symbolic links",
    ]


def test_what_is_missing_or_no_file_is_a_problem_and_the_rest_is_read(tree: Path) -> None:
    put("a.yaml")
    os.mkfifo("pipe.yaml")
    walked = walk(["a.yaml", "missing", "pipe.yaml", "nul\0.yaml"])
    assert [each.place for each in walked.inputs] == ["a.yaml"]
    assert [str(each) for each in walked.problems] == [
        "missing: cannot be read: No such file or directory",
        "pipe.yaml: not a file; send a stream to `-`",
        "nul\\x00.yaml: cannot be read: embedded null byte",
    ]
    assert found(".") == ["a.yaml"]


_FORBIDDEN = """
import os, sys
from hub2ghcr.walking import walk
os.chdir(sys.argv[1])
os.setuid(65534)
walked = walk(["."])
print([each.place for each in walked.inputs], *walked.problems)
"""


@pytest.mark.skipif(os.geteuid() != 0, reason="becomes another user")
def test_a_folder_without_permission_is_a_problem(monkeypatch: pytest.MonkeyPatch) -> None:
    with tempfile.TemporaryDirectory() as folder:  # the folders of tmp_path are root's alone
        os.chmod(folder, 0o755)
        monkeypatch.chdir(folder)
        put("a/x.yaml", "b/x.yaml")
        os.chmod("a", 0o700)
        command = [sys.executable, "-c", _FORBIDDEN, folder]
        environ = {**os.environ, "PYTHONPATH": str(ROOT)}
        done = subprocess.run(command, capture_output=True, text=True, timeout=60, env=environ)
        monkeypatch.undo()
    assert done.stdout == "['b/x.yaml'] a: cannot be read: Permission denied\n", done.stderr


def test_names_that_no_terminal_shows_are_escaped(tree: Path) -> None:
    Path(os.fsdecode(b"a\xff\n\x1b[1m.yaml")).write_text("a: 1\n")
    assert found(".") == ["a\\udcff\\n\\x1b[1m.yaml"]
    assert printable("plain.yaml") == "plain.yaml"


@pytest.mark.parametrize(
    "name", ["a.YAML", "Containerfile", "dockerfile-prod", "DOCKERFILE", "x.json", "Kustomization", "a.yaml.j2"]
)
def test_names_that_can_hold_images(name: str) -> None:
    assert can_hold_images(name)


@pytest.mark.parametrize(
    "name",
    [
        "a.yamlx",
        "dockerfiles",
        "Dockerfile.dockerignore",
        "dockerfile.py",
        "dockerfile.cpython-311.pyc",
        "a.md",
        "yaml",
        "images.lock.yaml",
    ],
)
def test_names_that_cannot_hold_images(name: str) -> None:
    assert not can_hold_images(name)
