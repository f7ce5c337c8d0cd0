"""The engine: ``pulumi`` and what it needs, as ``pulumi about`` tells, and the stack's configuration in plain."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from ..errors import EngineError
from ..token_shapes import without_login
from .finding import Finding

SECONDS: Final = 60.0
"""Seconds that the engine may take: it asks its backend, and runs its language host."""
OLDEST: Final = (3, 254)
"""The oldest engine that runs this program (Pulumi.yaml, requiredPulumiVersion)."""

_INSTALL: Final = "install it, at the version that requirements.txt names: https://www.pulumi.com/docs/install/"

Run = Callable[[Sequence[str]], str]
"""Runs ``pulumi`` with arguments and returns its standard output; raises EngineError."""


def runner(root: Path, environ: Mapping[str, str]) -> Run:
    """Return what runs the ``pulumi`` of PATH in a project's folder."""

    def run(arguments: Sequence[str]) -> str:
        program = shutil.which("pulumi", path=environ.get("PATH"))
        if program is None:
            raise EngineError("pulumi is not on PATH", remedy=_INSTALL)
        command = [program, *arguments, "--non-interactive", "--color", "never"]
        env = {**environ, "PULUMI_SKIP_UPDATE_CHECK": "true"}
        try:
            done = subprocess.run(
                command, cwd=root, env=env, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=SECONDS
            )
        except (OSError, subprocess.TimeoutExpired) as error:
            raise EngineError(f"pulumi cannot be run: {getattr(error, 'strerror', None) or 'no answer'}") from None
        if done.returncode:
            said = without_login(done.stderr).strip().splitlines()
            raise EngineError(said[-1].removeprefix("error: ") if said else f"pulumi ended with {done.returncode}")
        return done.stdout

    return run


def look(run: Run, stack: str) -> list[Finding]:
    """Return how the engine stands: its version, language host, plugins, backend, and whether the stack is there."""
    try:
        about: Mapping[str, Any] = json.loads(run(("about", "--json", "--stack", stack)))
    except (EngineError, ValueError) as error:
        what = error.what if isinstance(error, EngineError) else "pulumi about answered without JSON"
        return [Finding("failure", "engine", "pulumi", what, getattr(error, "remedy", ""))]
    found = [_version(str((about.get("cliAbout") or {}).get("version") or ""))]
    if runtime := about.get("runtime"):
        text = f"{str(runtime.get('version')).strip()}, {runtime.get('executable')}"
        found.append(Finding("ok", "engine", f"language host {runtime.get('language')}", text))
    for each in sorted(about.get("plugins") or (), key=lambda each: str(each.get("name"))):
        found.append(Finding("ok", "engine", f"plugin {each.get('name')}", str(each.get("version") or "installed")))
    if backend := about.get("backend"):
        user = f", as {backend['user']}" if backend.get("user") else ""
        found.append(Finding("ok", "engine", "backend", f"{without_login(str(backend.get('url')))}{user}"))
    found += [_trouble(without_login(str(line)), stack) for line in _distinct(about.get("errors") or ())]
    return found


def secrets(run: Run, stack: str) -> Mapping[str, str]:
    """Return the stack's configuration with its secrets in plain, by full key.

    Raises:
        EngineError: the engine cannot give it.
    """
    try:
        found = json.loads(run(("config", "--json", "--show-secrets", "--stack", stack)))
    except ValueError:
        raise EngineError("pulumi config answered without JSON") from None
    return {str(key): str(each["value"]) for key, each in found.items() if "value" in each}


def _version(version: str) -> Finding:
    numbers = tuple(int(part) for part in version.lstrip("v").split(".")[:2] if part.isdecimal())
    if numbers < OLDEST:
        oldest = ".".join(map(str, OLDEST))
        return Finding("failure", "engine", "pulumi", f"{version or 'unknown'} is older than {oldest}", _INSTALL)
    return Finding("ok", "engine", "pulumi", version)


def _trouble(line: str, stack: str) -> Finding:
    """Return a trouble that the engine tells: no language host, no backend, no such stack."""
    lower = line.lower()
    if "language plugin" in lower:
        return Finding("failure", "engine", "language host", line, _INSTALL)
    if "backend" in lower:
        return Finding("failure", "engine", "backend", line, "pulumi login, or set PULUMI_BACKEND_URL")
    if "current stack" in lower or "no stack named" in lower:
        return Finding("warning", "engine", "stack", line, f"pulumi stack init {stack}")
    return Finding("warning", "engine", "pulumi", line)


def _distinct(lines: Sequence[str]) -> list[str]:
    """Return the lines without those that another one only wraps."""
    return [
        each for each in lines if not any(other != each and each.lower().endswith(other.lower()) for other in lines)
    ]
