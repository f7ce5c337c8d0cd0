"""A Dockerfile, as far as a tiny image needs one: stages, ``COPY``, ``ADD``, ``RUN`` and what is configured.

``RUN`` is run by this machine's shell, in a folder that holds what the stage has so far: enough for a stage of tests,
and no container. https://docs.docker.com/reference/dockerfile/
"""

from __future__ import annotations

import json
import re
import shlex
import subprocess
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path, PurePosixPath
from typing import Any

from lab.runner.step import StepError

Files = dict[str, bytes]
Base = Callable[[str], "Stage"]

CONFIGURED = ("CMD", "ENTRYPOINT", "ENV", "EXPOSE", "LABEL", "STOPSIGNAL", "USER", "VOLUME", "WORKDIR")


@dataclass(frozen=True)
class Stage:
    """What an instruction has made so far: files of its own, the configuration, and the image that it began with."""

    files: Files = field(default_factory=dict)
    config: Mapping[str, Any] = field(default_factory=dict)
    base: str = ""


def build(text: str, context: Path, arguments: Mapping[str, str], target: str, base: Base) -> Stage:
    """The stage ``target`` of a Dockerfile (the last for none), and only those that it needs, as BuildKit does.

    ``base`` gives the stage that an image in ``FROM`` is. Raises ``StepError`` for what cannot be built.
    """
    given, stages = _stages(text, arguments)
    names = [name for name, _, _ in stages]
    if not stages:
        raise StepError("the Dockerfile has no FROM")
    if target and target.lower() not in names:
        raise StepError(f"target stage {target!r} could not be found")
    made: dict[str, Stage] = {}

    def stage(name: str) -> Stage:
        if name not in made:
            _, source, instructions = stages[names.index(name)]
            found = stage(source.lower()) if source.lower() in names else base(source)
            made[name] = _run(found, instructions, context, dict(given), lambda other: stage(_number(other, names)))
        return made[name]

    return stage(target.lower() or names[-1])


def _stages(text: str, arguments: Mapping[str, str]) -> tuple[dict[str, str], list[tuple[str, str, list[str]]]]:
    """The arguments before the first ``FROM``, and each stage: its name (its number), what it begins with, the rest."""
    given: dict[str, str] = dict(arguments)
    stages: list[tuple[str, str, list[str]]] = []
    for line in _instructions(text):
        word, _, rest = line.partition(" ")
        if word.upper() == "FROM":
            found = re.fullmatch(r"(?:--platform=\S+\s+)?(\S+)(?:\s+[Aa][Ss]\s+(\S+))?", _filled(rest.strip(), given))
            if found is None:
                raise StepError(f"Dockerfile: not understood: {line}")
            stages.append(((found[2] or str(len(stages))).lower(), found[1], []))
        elif stages:
            stages[-1][2].append(line)
        elif word.upper() == "ARG":
            name, _, usual = rest.strip().partition("=")
            given.setdefault(name, usual)
        else:
            raise StepError(f"Dockerfile: {word} before FROM")
    return given, stages


def _instructions(text: str) -> list[str]:
    kept = [line for line in text.splitlines() if not line.lstrip().startswith("#")]
    joined = re.sub(r"\\\s*\n", " ", "\n".join(kept))
    return [line.strip() for line in joined.splitlines() if line.strip()]


def _run(
    stage: Stage, instructions: list[str], context: Path, given: dict[str, str], other: Callable[[str], Stage]
) -> Stage:
    for line in instructions:
        word, _, rest = line.partition(" ")
        word, rest = word.upper(), rest.strip()
        if word == "ARG":
            name, _, usual = rest.partition("=")
            given.setdefault(name, usual)
        elif word in ("COPY", "ADD"):
            stage = _copied(stage, _filled(rest, given), context, other)
        elif word == "RUN":
            stage = replace(stage, files=_shell(stage, rest, given))
        elif word in CONFIGURED:
            stage = replace(stage, config=_configured(stage.config, word, _filled(rest, given)))
        else:
            raise StepError(f"Dockerfile: {word} is not built in a lab: {line}")
    return stage


def _copied(stage: Stage, rest: str, context: Path, other: Callable[[str], Stage]) -> Stage:
    words = json.loads(rest) if rest.startswith("[") else shlex.split(rest)
    flags = dict(word[2:].partition("=")[::2] for word in words if word.startswith("--"))
    *sources, target = [word for word in words if not word.startswith("--")]
    here = PurePosixPath(stage.config.get("WorkingDir") or "/") / target
    files = dict(stage.files)
    for source in sources:
        found = _below(other(flags["from"]).files, source) if "from" in flags else _context(context, source)
        if not found:
            raise StepError(f"failed to compute cache key: {source!r}: not found")
        single = "" in found
        itself = single and len(sources) == 1 and not target.endswith("/") and target not in (".", "./")
        for name, content in found.items():
            place = here if itself else here / (name or PurePosixPath(source).name)
            files[str(place).lstrip("/")] = content
    return replace(stage, files=files)


def _context(context: Path, source: str) -> Files:
    """Files of the build's context: path below the source to content, the empty path for a file itself."""
    place = context / source.lstrip("/")
    if not place.resolve().is_relative_to(context.resolve()):
        raise StepError(f"forbidden path outside the build context: {source}")
    if place.is_file():
        return {"": place.read_bytes()}
    found = sorted(one for one in place.rglob("*") if one.is_file() and ".git" not in one.relative_to(context).parts)
    return {str(one.relative_to(place)): one.read_bytes() for one in found}


def _below(files: Files, source: str) -> Files:
    top = source.strip("/")
    if top in files:
        return {"": files[top]}
    return {name.removeprefix(f"{top}/"): text for name, text in files.items() if not top or name.startswith(f"{top}/")}


def _shell(stage: Stage, command: str, given: Mapping[str, str]) -> Files:
    with tempfile.TemporaryDirectory(prefix="stage-") as name:
        root = Path(name)
        for path, content in stage.files.items():
            (root / path).parent.mkdir(parents=True, exist_ok=True)
            (root / path).write_bytes(content)
            (root / path).chmod(0o755)
        here = root / str(stage.config.get("WorkingDir") or "").lstrip("/")
        here.mkdir(parents=True, exist_ok=True)
        argv = json.loads(command) if command.startswith("[") else ["/bin/sh", "-c", command]
        done = subprocess.run(
            argv,
            cwd=here,
            env={"PATH": "/usr/bin:/bin", **given},
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        print(done.stdout + done.stderr, end="")
        if done.returncode:
            raise StepError(f'process "{command}" did not complete successfully: exit code: {done.returncode}')
        return {str(one.relative_to(root)): one.read_bytes() for one in sorted(root.rglob("*")) if one.is_file()}


def _configured(config: Mapping[str, Any], word: str, rest: str) -> dict[str, Any]:
    found = dict(config)
    if word == "LABEL":
        found["Labels"] = {**found.get("Labels", {}), **_pairs(rest)}
    elif word == "ENV":
        kept = [one for one in found.get("Env", []) if one.partition("=")[0] not in _pairs(rest)]
        found["Env"] = [*kept, *(f"{name}={value}" for name, value in _pairs(rest).items())]
    elif word in ("CMD", "ENTRYPOINT"):
        found[word.capitalize()] = json.loads(rest) if rest.startswith("[") else ["/bin/sh", "-c", rest]
    elif word in ("EXPOSE", "VOLUME"):
        key = "ExposedPorts" if word == "EXPOSE" else "Volumes"
        found[key] = {**found.get(key, {}), **{one: {} for one in rest.split()}}
    elif word == "WORKDIR":
        found["WorkingDir"] = str(PurePosixPath(found.get("WorkingDir") or "/") / rest)
    else:
        found["User" if word == "USER" else "StopSignal"] = rest
    return found


def _pairs(rest: str) -> dict[str, str]:
    words = shlex.split(rest)
    if words and "=" not in words[0]:
        return {words[0]: " ".join(words[1:])}
    return dict(word.partition("=")[::2] for word in words)


def _filled(text: str, given: Mapping[str, str]) -> str:
    return re.sub(r"\$(?:\{(\w+)\}|(\w+))", lambda found: given.get(found[1] or found[2], found[0]), text)


def _number(name: str, names: list[str]) -> str:
    if name.lower() in names:
        return name.lower()
    if name.isdigit() and int(name) < len(names):
        return names[int(name)]
    raise StepError(f"no such stage: {name}")
