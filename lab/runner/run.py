"""A workflow's run: each job by act, with the files, the token and the secrets that GitHub would give it."""

from __future__ import annotations

import json
import os
import secrets
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import yaml

from lab import github, github_admin, registries
from lab.errors import LabError
from lab.runner import actions, permissions
from lab.runner.environment_name import environment_name
from lab.runner.event import Event, payload, starts
from lab.toolchain import Toolchain

CHECKOUT = Path(__file__).resolve().parents[2]
GITHUB = "https://github.com"
"""Where a run is told that GitHub is: labels and annotations name it."""

RUNNER = "ubuntu-latest"
BOT = "github-actions[bot]"
Conclusion = Literal["success", "failure", "skipped"]


@dataclass(frozen=True)
class Step:
    """One step that act has run: its name, and how it ended."""

    job: str
    name: str
    conclusion: Conclusion


@dataclass(frozen=True)
class Ran:
    """How a run ended: each job by its key, the steps in their order, and what was said."""

    conclusion: Conclusion
    jobs: Mapping[str, Conclusion]
    steps: tuple[Step, ...]
    log: str


def run(
    state: Path,
    tools: Toolchain,
    repository: str,
    workflow: str,
    event: Event,
    *,
    variables: Mapping[str, str] | None = None,
    environ: Mapping[str, str] | None = None,
) -> Ran:
    """Run a workflow of a repository (``owner/name``) as the event would; one that does not listen is skipped.

    ``workflow`` is the file's path, as it is in the event's commit. The stand-in's newest run of the repository is told
    the conclusion. Every job has a run of act's to itself, with a token of its own. ``variables`` are the repository's,
    ``environ`` what the runner's own machine has in its environment. Raises ``LabError`` for what a lab cannot run.
    """
    owner, _, name = repository.partition("/")
    files = github_admin.files(state, owner, name, event.commit)
    if workflow not in files:
        raise LabError(f"{repository}: no {workflow} in {event.commit}", remedy="name a workflow that is there")
    text: dict[Any, Any] = yaml.safe_load(files[workflow])
    text["on"] = text.pop(True, text.get("on"))  # YAML 1.1 reads the key `on` as true, which act would not know again
    shown = json.dumps(github_admin.repository(state, owner, name))
    told: dict[str, Any] = json.loads(shown.replace(github.endpoint(state), GITHUB))
    if not starts(text, event, str(told["default_branch"])):
        return Ran("skipped", {}, (), "")
    ended: dict[str, Conclusion] = {}
    steps: list[Step] = []
    said: list[str] = []
    for key in _order(text["jobs"]):
        job = text["jobs"][key]
        needed = [ended[one] for one in _needs(job)]
        if any(one != "success" for one in needed) and not _whatever(job):
            ended[key] = "skipped"
            continue
        done = _job(state, tools, told, files, text, key, event, variables or {}, environ or {})
        ended[key] = done.conclusion
        steps += done.steps
        said.append(done.log)
    conclusion: Conclusion = "failure" if "failure" in ended.values() else "success"
    if ended and set(ended.values()) == {"skipped"}:
        conclusion = "skipped"
    failed = next((one.name for one in steps if one.conclusion == "failure"), "")
    if github_admin.runs(state, owner, name):
        github_admin.set_run(state, owner, name, "completed", conclusion, step=failed)
    return Ran(conclusion, ended, tuple(steps), "\n".join(said))


def _job(
    state: Path,
    tools: Toolchain,
    repository: Mapping[str, Any],
    files: Mapping[str, bytes],
    workflow: Mapping[Any, Any],
    key: str,
    event: Event,
    variables: Mapping[str, str],
    environ: Mapping[str, str],
) -> Ran:
    """One job, in a workflow that has no other."""
    _runnable(key, workflow["jobs"][key])
    job = {name: value for name, value in workflow["jobs"][key].items() if name not in ("needs", "environment")}
    named = environment_name(workflow["jobs"][key], event.inputs)
    default = github_admin.workflow_permissions(state, str(repository["owner"]["login"]), str(repository["name"]))
    held = permissions.held(workflow, job, default, fork=bool(event.fork))
    with tempfile.TemporaryDirectory(prefix="hub2ghcr-run-") as folder:
        home = Path(folder)
        work = home / "work"
        for path, content in files.items():
            (work / path).parent.mkdir(parents=True, exist_ok=True)
            (work / path).write_bytes(content)
        alone = {**workflow, "jobs": {key: job}}
        (home / "workflow.yml").write_text(yaml.safe_dump(alone, sort_keys=False))
        (home / "variables").write_text("".join(f"{name}={value}\n" for name, value in variables.items()))
        (home / "inputs").write_text("".join(f"{name}={value}\n" for name, value in event.inputs.items()))
        (home / "event.json").write_text(json.dumps(payload(event, repository)))
        local = actions.place(home / "actions", actions.used(job.get("steps", []), files))
        token = f"ghs_lab{secrets.token_hex(16)}"
        full = str(repository["full_name"])
        kept = {} if event.fork else _secrets(state, full, named, event)
        (home / "secrets.yaml").write_text(json.dumps({**kept, "GITHUB_TOKEN": token}))
        levels = {name.replace("-", "_"): level for name, level in held.items()}
        github_admin.add_token(state, BOT, token, kind="actions", permissions=levels, repositories=[full])
        try:
            more = {"LAB_TOKEN": token, "LAB_STATE": str(state.resolve()), "LAB_RUN": str(event.run), **environ}
            return _act(state, tools, home, key, event, full, held, local, more)
        finally:
            github_admin.revoke_token(state, token)


def _act(
    state: Path,
    tools: Toolchain,
    home: Path,
    key: str,
    event: Event,
    repository: str,
    held: Mapping[str, str],
    local: Mapping[str, Path],
    more: Mapping[str, str],
) -> Ran:
    for folder in ("bin", "docker", "cache"):
        (home / folder).mkdir()
    for name in ("docker", "python"):
        _program(home / "bin" / name, name)
    urls = registries.endpoints(state)
    owner = repository.partition("/")[0]
    told = {
        "GITHUB_REPOSITORY": repository,
        "GITHUB_REPOSITORY_OWNER": owner,
        "GITHUB_REF": event.reference,
        "SHA_REF": event.commit,  # which act reads in place of GITHUB_SHA
        "GITHUB_SHA": event.commit,
        "GITHUB_API_URL": f"{github.endpoint(state)}/api/v3",
    }
    environment = {
        **more,
        "PATH": os.pathsep.join([str(home / "bin"), *filter(None, [more.get("PATH")]), "/usr/local/bin:/usr/bin:/bin"]),
        "HOME": str(home),
        "DOCKER_CONFIG": str(home / "docker"),
        "LAB_PYTHON": sys.executable,
        "LAB_SOURCE": str(home / "work"),
        "LAB_COMMIT": event.commit,
        "LAB_PERMISSIONS": json.dumps(dict(held)),
        "LAB_REGISTRIES": json.dumps({"ghcr.io": urls["ghcr"], "docker.io": urls["hub"]}),
        "PYTHONPATH": str(CHECKOUT),
        "PYTHONDONTWRITEBYTECODE": "1",
        "ACT_DISABLE_VERSION_CHECK": "1",
    }
    nothing = str(home / "nothing")  # else act would read .env and others, which GitHub does not
    command = [
        str(tools.program("act")),
        event.kind,
        *("--directory", str(home / "work"), "--workflows", str(home / "workflow.yml"), "--job", key),
        *("--eventpath", str(home / "event.json"), "--secret-file", str(home / "secrets.yaml")),
        *("--platform", f"{RUNNER}=-self-hosted", "--actor", event.actor, "--json"),
        "--use-gitignore=false",
        *("--action-cache-path", str(home / "cache"), "--no-cache-server"),
        *("--env-file", nothing, "--var-file", str(home / "variables"), "--input-file", str(home / "inputs")),
        *(word for name, value in told.items() for word in ("--env", f"{name}={value}")),
        *(word for used, place in local.items() for word in ("--local-repository", f"{used}={place}")),
    ]
    done = subprocess.run(
        command,
        cwd=home,
        env=environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    return _read(key, done)


def _read(key: str, done: subprocess.CompletedProcess[str]) -> Ran:
    """What act tells, a JSON object a line."""
    steps, said = [], []
    for line in done.stdout.splitlines():
        try:
            told = json.loads(line)
        except ValueError:
            said.append(line)
            continue
        said.append(str(told.get("msg", "")).rstrip())
        outermost = told.get("stage") == "Main" and len(told.get("stepID", ())) == 1
        if outermost and told.get("stepResult") in ("success", "failure", "skipped"):
            steps.append(Step(key, str(told["step"]), told["stepResult"]))
    log = "\n".join([*said, done.stderr])
    conclusion: Conclusion = "failure" if done.returncode else "success" if steps else "skipped"
    return Ran(conclusion, {key: conclusion}, tuple(steps), log)


def _runnable(key: str, job: Mapping[str, Any]) -> None:
    """Refuse what is not run here, rather than run it otherwise than GitHub."""
    beyond = [name for name in ("container", "services", "strategy", "uses") if job.get(name)]
    if "needs." in json.dumps(job):
        beyond.append("outputs of other jobs")
    if job.get("runs-on") != RUNNER:
        beyond.append(f"runs-on: {job.get('runs-on')}")
    if beyond:
        raise LabError(f"job {key}: a lab's runner has no {', '.join(beyond)}", remedy="test it without")


def _secrets(state: Path, repository: str, environment: str, event: Event) -> dict[str, str]:
    owner, _, name = repository.partition("/")
    kind: Literal["actions", "dependabot"] = "dependabot" if event.actor == "dependabot[bot]" else "actions"
    return github_admin.secrets(state, owner, name, environment=environment, kind=kind)


def _program(place: Path, module: str) -> None:
    place.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m lab.runner.{module} "$@"\n')
    place.chmod(0o755)


def _whatever(job: Mapping[str, Any]) -> bool:
    """Whether a job runs though one that it needs has not succeeded."""
    return any(word in str(job.get("if", "")) for word in ("always()", "cancelled()", "failure()"))


def _needs(job: Mapping[str, Any]) -> list[str]:
    found = job.get("needs") or []
    return [found] if isinstance(found, str) else list(found)


def _order(jobs: Mapping[str, Any]) -> list[str]:
    """Jobs after those that they need, else as they are written."""
    found: list[str] = []

    def add(key: str) -> None:
        for needed in _needs(jobs[key]):
            add(needed)
        if key not in found:
            found.append(key)

    for key in jobs:
        add(key)
    return found
