"""What a shell is offered at Tab, asked as a shell asks."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import click
import pytest

from hub2ghcr.cli import completing

from .running import ROOT, hub2ghcr
from .tree import COMMANDS

STACKS = {"STACK"}
FILES = {"FILE", "[FILE]", "[FILE.html|FILE.json|FILE.md]...", "[FILE|-|NAME]", "PATH", "[PATH...]", "[PATH...|-]"}
FOLDERS = {"DIR", "FOLDER"}
OTHER = {
    ("hub2ghcr build", "dockerfile"): "inside the folder that is built",
    ("hub2ghcr build", "sub_path"): "inside the folder that is built",
    ("hub2ghcr fleet export", "folder"): "inside its repository",
    ("hub2ghcr init", "stack"): "a name that is not there yet",
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "stacks").mkdir()
    for name in ("Pulumi.prod.yaml", "Pulumi.prod-eu.yaml", "Pulumi.dev.yaml", "base.yaml", "prod.inventory.yaml"):
        (tmp_path / "stacks" / name).touch()
    return tmp_path


def offered(folder: Path, line: str) -> list[tuple[str, str]]:
    """Return kind and text of what is offered for the last word of a line."""
    word = str(len(line.split(" ")) - 1)
    done = hub2ghcr(folder, _HUB2GHCR_COMPLETE="bash_complete", COMP_WORDS=line, COMP_CWORD=word)
    assert done.stderr == b""
    pairs = [each.partition(",") for each in done.stdout.decode().splitlines() if each]
    return [(kind, text) for kind, _, text in pairs]


def texts(folder: Path, line: str) -> list[str]:
    return [text for _, text in offered(folder, line)]


def test_commands_and_their_commands_are_offered(folder: Path) -> None:
    assert set(texts(folder, "hub2ghcr ")) == {name.split(" ")[1] for name in COMMANDS if name.count(" ") == 1}
    assert texts(folder, "hub2ghcr rec") == ["recover"]
    assert texts(folder, "hub2ghcr secret m") == ["make"]


def test_options_and_their_choices_are_offered(folder: Path) -> None:
    assert texts(folder, "hub2ghcr --c") == ["--cwd"]
    assert texts(folder, "hub2ghcr up --rollback") == ["--rollback-on-failure"]
    assert texts(folder, "hub2ghcr up --phase ") == ["prepare", "cutover", "seal"]
    assert texts(folder, "hub2ghcr completion ") == ["bash", "zsh", "fish"]


def test_stacks_are_offered_those_of_the_folder_that_cwd_names(folder: Path, tmp_path: Path) -> None:
    assert texts(folder, "hub2ghcr plan -s ") == ["dev", "prod", "prod-eu"]
    assert texts(folder, "hub2ghcr plan --stack p") == ["prod", "prod-eu"]
    assert texts(folder / "stacks", "hub2ghcr plan -s ") == []
    assert texts(folder / "stacks", f"hub2ghcr -C {folder} plan -s d") == ["dev"]


def test_files_are_left_to_the_shell(folder: Path) -> None:
    assert offered(folder, "hub2ghcr scan de") == [("file", "de")]
    assert offered(folder, "hub2ghcr build x") == [("dir", "x")]


@pytest.mark.parametrize("name", sorted(COMMANDS))
def test_whatever_is_called_a_stack_a_file_or_a_folder_is_completed(name: str) -> None:
    command = COMMANDS[name]
    context = click.Context(command)
    for each in command.params:
        wanted = {"stack": STACKS, "file": FILES, "dir": FOLDERS}
        kind = next((kind for kind, named in wanted.items() if each.metavar in named), "")
        if not kind or (name, each.name) in OTHER:
            continue
        found = each.shell_complete(context, "")
        if kind == "stack":
            there = [item.value for item in completing.stacks(context, each, "")]
            assert there and [item.value for item in found] == there, f"{name}: {each.name}"
        else:
            assert [item.type for item in found] in (["file"], ["dir"]), f"{name}: {each.name}"


def test_completing_loads_nothing_heavy(folder: Path) -> None:
    code = (
        "import os, sys\n"
        "from hub2ghcr.cli import main\n"
        "try: main()\n"
        "except SystemExit: pass\n"
        "heavy = {'pydantic', 'httpx', 'yaml', 'rich', 'urllib3', 'jinja2', 'hub2ghcr.settings', 'hub2ghcr.plan'}\n"
        "assert not heavy & set(sys.modules), heavy & set(sys.modules)\n"
    )
    environ = {"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT), "_HUB2GHCR_COMPLETE": "bash_complete"}
    for line in ("hub2ghcr ", "hub2ghcr plan -s ", "hub2ghcr secret "):
        words = {"COMP_WORDS": line, "COMP_CWORD": str(len(line.split(" ")) - 1)}
        subprocess.run([sys.executable, "-c", code], env={**environ, **words}, cwd=folder, check=True, timeout=60)


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_the_script_is_that_of_the_shell_and_asks_the_command(folder: Path, shell: str) -> None:
    done = hub2ghcr(folder, "completion", shell)
    assert done.returncode == 0
    assert f"_HUB2GHCR_COMPLETE={shell}_complete" in done.stdout.decode()


@pytest.mark.skipif(shutil.which("bash") is None, reason="no bash")
def test_bash_completes_with_the_script(folder: Path) -> None:
    (folder / "bin").mkdir()
    (folder / "bin/hub2ghcr").write_text(f'#!/bin/sh\nPYTHONPATH={ROOT} exec {sys.executable} -m hub2ghcr "$@"\n')
    (folder / "bin/hub2ghcr").chmod(0o755)
    script = (
        'eval "$(hub2ghcr completion bash)"\n'
        "complete -p hub2ghcr >&2\n"
        "COMP_WORDS=(hub2ghcr plan -s pr) COMP_CWORD=3\n"
        "_hub2ghcr_completion hub2ghcr pr -s\n"
        'echo "${COMPREPLY[@]}"\n'
    )
    environ = {"PATH": f"{folder}/bin:{os.environ['PATH']}"}
    done = subprocess.run(["bash", "-c", script], env=environ, cwd=folder, capture_output=True, text=True, timeout=60)
    assert done.stdout == "prod prod-eu\n", done.stderr
    assert "-F _hub2ghcr_completion hub2ghcr" in done.stderr
