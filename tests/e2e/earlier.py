"""States that earlier versions left, as files: how one is made, and how it comes into a lab.

``python -m tests.e2e.earlier VERSION=COMMIT…`` runs the program of each commit on a lab, with the commit's own lock,
and writes what it left to ``states/VERSION.json`` and ``states/VERSION.lock.yaml``. What differs from lab to lab is
written as ``@NAME@``; secrets are encrypted.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import yaml

from lab import github_admin, registry_admin, stage, toolchain
from lab.kubectl import kubectl
from tests.e2e import stack as stacks
from tests.e2e.conftest import ROOT, STATE, Lab
from tests.e2e.stack import CREATED, EXISTING, Stack

STATES: Final = Path(__file__).parent / "states"
PROGRAM: Final = ("__main__.py", "components", "hub2ghcr", "requirements.txt")
_ENDPOINTS: Final = ("KUBECONFIG", "LAB_GHCR_URL", "LAB_GITHUB_URL", "LAB_HUB_URL")
_WHERE: Final = frozenset({"created", "modified", "sourcePosition", "stackTrace"})
"""Of a resource, when and where it was declared: no part of what the engine compares."""


def versions() -> list[str]:
    """The names of the states that are kept, the oldest first."""
    return sorted(path.stem for path in STATES.glob("*.json"))


def bring(stack: Stack, version: str) -> None:
    """Put an earlier version's state and lock in the place of a stack's own."""
    text = (STATES / f"{version}.json").read_text()
    for name in _ENDPOINTS:
        text = text.replace(f"@{name}@", stack.lab.env[name])
    shutil.copy(STATES / f"{version}.lock.yaml", stack.folder / "images.lock.yaml")
    put(stack, text)


def put(stack: Stack, state: str) -> None:
    """Put a state in the place of a stack's own."""
    file = stack.folder / "state.json"
    file.write_text(state)
    done = stack.pulumi("stack", "import", "--file", str(file))
    assert done.returncode == 0, done.stderr


def application(env: Mapping[str, str]) -> None:
    """Deploy the application anew, as it is before any run."""
    for namespace in (EXISTING, CREATED):
        kubectl(env, "delete", "namespace", namespace, "--ignore-not-found")
    kubectl(env, "create", "namespace", EXISTING)
    kubectl(env, "apply", "-f", "-", stdin=json.dumps(stacks.WEB))


def _portable(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _portable(below) for key, below in value.items() if key not in _WHERE}
    return [_portable(each) for each in value] if isinstance(value, list) else value


def _made(lab: Lab, folder: Path, version: str, commit: str) -> None:
    application(lab.env)
    stack = stacks.create(lab, folder)
    for name in PROGRAM:
        (folder / name).unlink()
    archive = subprocess.run(["git", "archive", commit, *PROGRAM], cwd=ROOT, capture_output=True, check=True).stdout
    subprocess.run(["tar", "-x", "-C", str(folder)], input=archive, check=True)
    if "delivering" not in {path.name for path in (folder / "hub2ghcr").iterdir()}:
        settings = yaml.safe_load(stack.file.read_text())
        del settings["config"]["hub2ghcr:github"]["delivery"]  # a key that it does not know
        stack.file.write_text(yaml.safe_dump(settings, sort_keys=False))
    (folder / "images.lock.yaml").unlink()
    argv = (sys.executable, "-m", "hub2ghcr", "lock", "-s", stack.name)
    for done in (lab.run(*argv, cwd=folder, PYTHONPATH=str(folder)), stack.up()):
        assert done.returncode == 0, done.stdout + done.stderr
    text = json.dumps(_portable(stack.state()), indent=1, sort_keys=True)
    for name in _ENDPOINTS:
        text = text.replace(lab.env[name], f"@{name}@")
    STATES.mkdir(exist_ok=True)
    removed = stack.pulumi("stack", "rm", "--yes", "--force", "--preserve-config")
    assert removed.returncode == 0, removed.stderr
    (STATES / f"{version}.json").write_text(text + "\n")
    shutil.copy(folder / "images.lock.yaml", STATES / f"{version}.lock.yaml")


def main(wanted: Sequence[str]) -> None:
    """Make them."""
    shutil.rmtree(STATE, ignore_errors=True)
    STATE.mkdir(parents=True)
    tools = toolchain.resolve()
    try:
        lab = Lab(STATE, tools, stage.up(STATE, tools))
        registry_admin.set_limit(STATE, "hub", anonymous=1000, account=1000, window=3600)
        for version, _, commit in (each.partition("=") for each in wanted):
            folder = STATE / version
            folder.mkdir()
            github_admin.reset(STATE)
            _made(lab, folder, version, commit)
    finally:
        stage.down(STATE)


if __name__ == "__main__":
    main(sys.argv[1:])
