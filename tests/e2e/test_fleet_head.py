"""A pull request's data beside the base's program, with the real engine: what it is asked, and who is never reached."""

from __future__ import annotations

import json
import shutil
import sys
import threading
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from subprocess import CompletedProcess
from typing import Any

import pytest
import yaml

from lab import toolchain
from lab.kubectl import kubectl
from tests.e2e import stack as stacks
from tests.e2e.conftest import ROOT, Lab
from tests.e2e.stack import CREATED, EXISTING, Stack

pytestmark = [pytest.mark.e2e, pytest.mark.slow]

CODE = ("__main__.py", "components/__init__.py", "hub2ghcr/__init__.py", "sitecustomize.py")
"""Where a head plants a program, in its root and in ``stacks/``."""
CHART, KUBECONFIG, SHARED = "stacks/chart", "stacks/lab.kubeconfig", "stacks/shared.yaml"
REGISTRIES, GITHUB = "hub2ghcr:registries", "hub2ghcr:github"
UNJUDGED = """
from hub2ghcr.cli import main
from hub2ghcr.preview.judging import Judge
Judge.reasons = lambda self, stack: ("", "")
main()
"""
"""The command with its judge taken away: the control."""


@dataclass
class Listener:
    """Somebody's server on loopback: which paths it was asked for, and who said who they are."""

    url: str = ""
    asked: list[str] = field(default_factory=list)
    authorized: list[str] = field(default_factory=list)


@pytest.fixture
def listener() -> Iterator[Listener]:
    heard = Listener()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            heard.asked.append(self.path)
            heard.authorized += [self.headers["Authorization"]] if "Authorization" in self.headers else []
            self.send_response(404)
            self.send_header("Content-Length", "0")
            self.end_headers()

        do_HEAD = do_POST = do_PUT = do_PATCH = do_GET

        def log_message(self, *_: Any) -> None:
            """Tell nobody."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    heard.url = f"http://127.0.0.1:{server.server_port}"
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield heard
    server.shutdown()
    server.server_close()


@pytest.fixture(scope="module")
def begun(lab: Lab, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """A stack that has never been applied: endpoints in a base file, a namespace from a chart."""
    kubectl(lab.env, "create", "namespace", EXISTING)
    kubectl(lab.env, "apply", "-f", "-", stdin=json.dumps(stacks.WEB))
    made = stacks.create(lab, tmp_path_factory.mktemp("reviewed"))
    config = yaml.safe_load(made.file.read_text())
    own = config["config"]
    shared = {"config": {REGISTRIES: own.pop(REGISTRIES), GITHUB: {"endpoint": own[GITHUB].pop("endpoint")}}}
    (made.folder / SHARED).write_text(yaml.safe_dump(shared))
    own.update({"hub2ghcr:extends": SHARED, "hub2ghcr:phase": "prepare"})
    own["hub2ghcr:clusters"][0]["namespaces"][CREATED]["manifests"] = [{"helm": CHART, "release": "new"}]
    made.file.write_text(yaml.safe_dump(config, sort_keys=False))
    (made.folder / CHART / "templates").mkdir(parents=True)
    (made.folder / CHART / "Chart.yaml").write_text("apiVersion: v2\nname: new\nversion: 1.0.0\n")
    (made.folder / "stacks/new.yaml").rename(made.folder / CHART / "templates/pod.yaml")
    yield made
    made.pulumi("stack", "rm", "--yes", "--force", "--preserve-config")
    kubectl(lab.env, "delete", "namespace", EXISTING, "--wait=false")


@dataclass
class Change:
    """A base as it was reviewed, a head with programs planted in it, and a file that is there once one of them ran."""

    stack: Stack
    base: Path
    head: Path
    listener: Listener
    fired: Path

    def edit(self, path: str, change: Callable[[Any], object], *, folder: Path | None = None) -> None:
        """Change a YAML file, of the head unless told."""
        file = (folder or self.head) / path
        data = yaml.safe_load(file.read_text())
        change(data["config"])
        file.write_text(yaml.safe_dump(data, sort_keys=False))

    @property
    def file(self) -> str:
        return f"stacks/{self.stack.file.name}"

    @property
    def reached(self) -> set[str]:
        """Whatever has run of what was planted, and the listener where somebody has said to it who they are."""
        ran = set(self.fired.read_text().split()) if self.fired.exists() else set()
        return ran | ({"listener"} if self.listener.authorized else set())

    def preview(self, *before: str) -> CompletedProcess[str]:
        """Run the command in the base's folder; ``before`` is what runs it."""
        argv = (*(before or ("hub2ghcr",)), "preview", "--head", str(self.head), "--output", "json")
        return self.run(*argv, cwd=self.base)

    def run(self, *argv: str, cwd: Path) -> CompletedProcess[str]:
        """Run a program; helm tells when it is asked to render what was planted."""
        path = f"{self.fired.parent / 'bin'}:{self.stack.lab.env['PATH']}"
        return self.stack.lab.run(*argv, cwd=cwd, timeout=240, **{**self.stack.env, "PATH": path})

    def part(self, done: CompletedProcess[str]) -> dict[str, Any]:
        assert "Traceback" not in done.stderr, done.stderr
        (found,) = (each for each in json.loads(done.stdout)["stacks"] if each["stack"] == self.stack.name)
        return dict(found)


@pytest.fixture
def change(begun: Stack, tmp_path: Path, listener: Listener) -> Change:
    """A change that changes nothing yet but for what it plants."""
    code = (".venv", "__main__.py", "components", "hub2ghcr")
    base, head, fired = tmp_path / "base", tmp_path / "head", tmp_path / "fired"
    shutil.copytree(begun.folder, base, symlinks=True)
    shutil.copytree(begun.folder, head, symlinks=True, ignore=shutil.ignore_patterns(*code))  # links into this checkout
    for path in (f"{folder}{each}" for folder in ("", "stacks/") for each in CODE):
        (head / path).parent.mkdir(exist_ok=True)
        (head / path).write_text(f"open({str(fired)!r}, 'a').write({path!r} + '\\n')\n")
    (tmp_path / "bin").mkdir()
    helm = tmp_path / "bin/helm"
    real = toolchain.resolve(["helm"], quiet=True).program("helm")
    helm.write_text(f'#!/bin/sh\ngrep -rqs PLANTED stacks && echo helm >> "{fired}"\nexec "{real}" "$@"\n')
    helm.chmod(0o755)
    return Change(begun, base, head, listener, fired)


def move_github(change: Change) -> None:
    change.edit(change.file, lambda config: config[GITHUB].update(endpoint=change.listener.url))


def move_endpoints_of_the_base_file(change: Change) -> None:
    change.edit(SHARED, lambda config: config[REGISTRIES]["ghcr.io"].update(endpoint=change.listener.url))
    change.edit(SHARED, lambda config: config[GITHUB].update(endpoint=change.listener.url))


def change_the_chart(change: Change) -> None:
    with (change.head / CHART / "templates/pod.yaml").open("a") as file:
        file.write("# PLANTED\n")


def connect(config: Any) -> None:
    config["hub2ghcr:clusters"][0]["kubeconfig"] = KUBECONFIG


def run_a_program_by_the_kubeconfig(change: Change) -> None:
    """The base's connection lies where a change may write; the change's asks a program for its token."""
    real = yaml.safe_load(Path(change.stack.env["E2E_KUBECONFIG"]).read_text())
    for folder in (change.base, change.head):
        change.edit(change.file, connect, folder=folder)
        (folder / KUBECONFIG).write_text(yaml.safe_dump(real))
    script = f'echo kubeconfig >> "{change.fired}"; exit 1'
    asked = {"apiVersion": "client.authentication.k8s.io/v1", "command": "sh", "args": ["-c", script]}
    for each in real["users"]:
        each["user"] = {"exec": {**asked, "interactiveMode": "Never"}}
    (change.head / KUBECONFIG).write_text(yaml.safe_dump(real))


HOSTILE: Mapping[str, tuple[Callable[[Change], None], str, str, str]] = {
    "an endpoint": (move_github, "plan", "github.endpoint", "listener"),
    "endpoints in a base file": (move_endpoints_of_the_base_file, "plan", "registries.ghcr.io.endpoint", "listener"),
    "a chart": (change_the_chart, "none", CHART, "helm"),
    "a kubeconfig": (run_a_program_by_the_kubeconfig, "plan", KUBECONFIG, "kubeconfig"),
}
"""What a change does, how its stack is previewed all the same, what the reason names, and what would be reached."""


def test_of_a_harmless_change_the_engine_is_asked_and_no_program_of_its_head_runs(change: Change) -> None:
    change.edit(change.file, lambda config: config.update({"hub2ghcr:phase": "cutover"}))
    done = change.preview()
    found = change.part(done)
    assert (found["mode"], found["why"], found["problems"]) == ("engine", "", []), done.stderr
    assert any(each["operation"] == "create" for each in found["steps"])
    assert not change.fired.exists() and change.listener.asked == []
    # the control: where the head is the program's folder, what it plants is run
    (change.head / ".venv").symlink_to(ROOT / ".venv")
    change.run("hub2ghcr", "preview", "--stack", change.stack.name, cwd=change.head)
    assert "__main__.py" in change.reached


@pytest.mark.parametrize("case", HOSTILE)
def test_of_a_hostile_change_the_engine_is_not_asked_and_nobody_is_reached(change: Change, case: str) -> None:
    hurt, mode, named, reached = HOSTILE[case]
    hurt(change)
    found = change.part(change.preview())
    assert (found["mode"], found["problems"], found["steps"]) == (mode, [], []), found
    assert named in found["why"]
    assert not change.fired.exists() and change.listener.asked == []
    # the control: without the judge it is reached, by credentials, too; but no program of the head runs even then
    done = change.preview(sys.executable, "-c", UNJUDGED)
    assert change.reached == {reached}, done.stdout + done.stderr
