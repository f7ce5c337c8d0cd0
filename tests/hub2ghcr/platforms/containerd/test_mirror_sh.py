"""The program of the DaemonSet's Pods, run by a shell on folders of a test; killed wherever it may be."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path

import pytest

from hub2ghcr.platforms.containerd import mirror

SCRIPT = Path(mirror.__file__).with_name("mirror.sh")
OURS = "# Written by hub2ghcr: one.\n"
THEIRS = 'server = "https://cache.example.org"\n'


@dataclass
class Node:
    """A node: its certs.d, and what it is to have."""

    folder: Path
    wanted: Path
    script: Path = SCRIPT

    def run(self, mode: str, **files: str) -> str:
        """Let it do its work, and end it; return what it said."""
        shutil.rmtree(self.wanted, ignore_errors=True)
        self.wanted.mkdir()
        for name, text in files.items():
            (self.wanted / name.replace("_", ".")).write_text(text)
        done = self.folder.parent / "done"
        env = {"FOLDER": str(self.folder), "WANTED": str(self.wanted), "MODE": mode, "DONE": str(done), "PATH": PATH}
        done.unlink(missing_ok=True)
        said = self.folder.parent / "said"
        with said.open("w") as out:
            program = subprocess.Popen(["sh", str(self.script)], env=env, stdout=out, start_new_session=True)
            end = time.monotonic() + 20
            while not done.exists() and program.poll() is None and time.monotonic() < end:
                time.sleep(0.01)
            if program.poll() is None:
                os.killpg(program.pid, signal.SIGKILL)
            program.wait(20)
        return said.read_text()

    @property
    def all(self) -> dict[str, str]:
        """Every file and folder, as it is now."""
        return {
            str(path.relative_to(self.folder)): path.read_text() if path.is_file() else ""
            for path in sorted(self.folder.rglob("*"))
        }


PATH = "/usr/sbin:/usr/bin:/sbin:/bin"


@pytest.fixture
def node(tmp_path: Path) -> Node:
    """A node with a cache for Docker Hub."""
    (tmp_path / "certs.d" / "docker.io").mkdir(parents=True)
    (tmp_path / "certs.d" / "docker.io" / "hosts.toml").write_text(THEIRS)
    return Node(tmp_path / "certs.d", tmp_path / "wanted")


def test_what_was_there_is_kept_and_comes_back_byte_for_byte(node: Node) -> None:
    before = node.all
    assert node.run("write", docker_io=OURS) == "written: docker.io/hosts.toml\n"
    assert node.all["docker.io/hosts.toml"] == OURS
    assert node.all["docker.io/hosts.toml.hub2ghcr-before"] == THEIRS
    assert node.run("restore") == "restored: docker.io/hosts.toml\n"
    assert node.all == before


def test_where_there_was_nothing_there_is_nothing_again(node: Node) -> None:
    shutil.rmtree(node.folder / "docker.io")
    (node.folder / "quay.io").mkdir()
    before = node.all
    node.run("write", docker_io=OURS, quay_io=OURS)
    assert {key for key, text in node.all.items() if text == OURS} == {"docker.io/hosts.toml", "quay.io/hosts.toml"}
    node.run("restore")
    assert node.all == before


def test_a_second_run_changes_nothing_and_a_new_text_replaces_ours_alone(node: Node) -> None:
    before = node.all
    node.run("write", docker_io=OURS)
    assert node.run("write", docker_io=OURS) == ""
    node.run("write", docker_io=OURS + "new")
    assert node.all["docker.io/hosts.toml.hub2ghcr-before"] == THEIRS
    node.run("restore")
    assert node.all == before


def test_a_registry_that_is_not_wanted_any_more_is_restored(node: Node) -> None:
    before = node.all
    node.run("write", docker_io=OURS, quay_io=OURS)
    assert "restored: docker.io" in node.run("write", quay_io=OURS)
    assert node.all["docker.io/hosts.toml"] == THEIRS
    node.run("restore")
    assert node.all == before


def test_what_somebody_wrote_meanwhile_is_what_comes_back(node: Node) -> None:
    node.run("write", docker_io=OURS)
    (node.folder / "docker.io" / "hosts.toml").write_text("newer\n")
    node.run("write", docker_io=OURS)
    node.run("restore")
    assert node.all == {"docker.io": "", "docker.io/hosts.toml": "newer\n"}


def test_what_somebody_wrote_last_is_left_alone(node: Node) -> None:
    node.run("write", docker_io=OURS)
    (node.folder / "docker.io" / "hosts.toml").write_text("newer\n")
    assert "left alone" in node.run("restore")
    assert node.all == {"docker.io": "", "docker.io/hosts.toml": "newer\n"}


def test_a_file_of_ours_that_people_put_there_comes_back_too(node: Node) -> None:
    """`delivery: files` before, a DaemonSet after it."""
    (node.folder / "docker.io" / "hosts.toml").write_text(OURS + "by hand")
    before = node.all
    node.run("write", docker_io=OURS)
    node.run("restore")
    assert node.all == before


def test_nothing_of_ours_nothing_to_restore(node: Node) -> None:
    before = node.all
    assert node.run("restore") == ""
    assert node.all == before


STEPS = [number for number, line in enumerate(SCRIPT.read_text().splitlines()) if line.startswith("    ")]


@pytest.mark.parametrize(("mode", "there"), [("write", THEIRS), ("restore", OURS + "by hand")])
def test_killed_at_any_line_it_goes_on_where_it_was(node: Node, tmp_path: Path, mode: str, there: str) -> None:
    """Each line of a function ends the program once, as ``kill -9`` would; then it runs whole, there or back."""
    (node.folder / "docker.io" / "hosts.toml").write_text(there)
    lines, before = SCRIPT.read_text().splitlines(), node.all
    for number in STEPS:
        broken = tmp_path / "broken.sh"
        if lines[number].lstrip().startswith(("else", "elif", "fi", "done", "keep)", "back)", "*)", "esac")):
            continue
        broken.write_text("\n".join([*lines[:number], "kill -9 $$", *lines[number:]]))
        for then in ("restore", "write") if mode == "write" else ("restore",):
            if mode == "restore":
                node.run("write", docker_io=OURS, quay_io=OURS)
            Node(node.folder, node.wanted, broken).run(mode, docker_io=OURS, quay_io=OURS)
            assert node.all.get("docker.io/hosts.toml") in (OURS, there), (lines[number], node.all)
            if then == "write":
                node.run("write", docker_io=OURS, quay_io=OURS)
                assert node.all["docker.io/hosts.toml"] == node.all["quay.io/hosts.toml"] == OURS, lines[number]
            node.run("restore")
            assert node.all == before, lines[number]
