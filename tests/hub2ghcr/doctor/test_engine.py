from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from hub2ghcr.doctor.engine import look, runner, secrets
from hub2ghcr.errors import EngineError

WELL: dict[str, Any] = {
    "cliAbout": {"version": "3.256.0"},
    "runtime": {"language": "python", "version": "3.11.2\n", "executable": "/x/.venv/bin/python"},
    "plugins": [{"name": "kubernetes", "version": "4.32.0"}, {"name": "github"}],
    "backend": {"name": "vm", "url": "postgres://user:secret@db.example/state", "user": "root"},
    "errors": None,
}
WRAPPED = "no language plugin 'pulumi-language-python' found in the workspace or on your $PATH"


def told(about: dict[str, Any]) -> list[str]:
    def run(arguments: Sequence[str]) -> str:
        assert tuple(arguments) == ("about", "--json", "--stack", "t")
        return json.dumps(about)

    return [f"{each.state} {each.name}: {each.text}" for each in look(run, "t")]


def test_version_language_host_plugins_and_backend_are_told_and_no_login_of_a_url() -> None:
    assert told(WELL) == [
        "ok pulumi: 3.256.0",
        "ok language host python: 3.11.2, /x/.venv/bin/python",
        "ok plugin github: installed",
        "ok plugin kubernetes: 4.32.0",
        "ok backend: postgres://db.example/state, as root",
    ]


@pytest.mark.parametrize(
    ("change", "line"),
    [
        ({"cliAbout": {"version": "v3.200.1"}}, "failure pulumi: v3.200.1 is older than 3.254"),
        ({"cliAbout": None}, "failure pulumi: unknown is older than 3.254"),
        ({"errors": [f"Failed to load language plugin python: {WRAPPED}"]}, "failure language host: Failed to load"),
        ({"errors": ["Could not access the backend: no such directory"]}, "failure backend: Could not access"),
        ({"errors": ["Failed to get information about the current stack: x"]}, "warning stack: Failed to get"),
        ({"errors": ["something else"]}, "warning pulumi: something else"),
    ],
)
def test_what_the_engine_lacks_is_told(change: dict[str, Any], line: str) -> None:
    assert any(each.startswith(line) for each in told({**WELL, **change}))


@pytest.mark.parametrize("url", ["postgres://user:{}@db.example/state", "postgres://db.example/state?a=b&password={}"])
def test_a_login_of_the_backend_is_in_no_trouble_that_the_engine_tells(tmp_path: Path, url: str) -> None:
    said = f"could not open the backend {url.format('p/4s@w:d')}: connection refused"
    found = told({**WELL, "backend": {"url": url.format("p/4s@w:d")}, "errors": [said]})
    assert not [line for line in found if "4s" in line or "w:d" in line]
    assert any("postgres://db.example/state" in line and line.endswith("connection refused") for line in found)
    environ = program(tmp_path, f"echo 'error: {said}' >&2; exit 255")
    (failed,) = look(runner(tmp_path, environ), "t")
    assert "4s" not in failed.text and failed.text.endswith("connection refused")


def test_a_trouble_that_another_line_wraps_is_told_once() -> None:
    found = told(
        {"cliAbout": {"version": "3.256.0"}, "errors": [f"Failed to get: Failed: {WRAPPED}", f"Failed: {WRAPPED}"]}
    )
    assert found == ["ok pulumi: 3.256.0", f"failure language host: Failed: {WRAPPED}"]


def test_an_engine_that_cannot_be_run_is_a_failure(tmp_path: Path) -> None:
    (found,) = look(runner(tmp_path, {"PATH": str(tmp_path)}), "t")
    assert (found.state, found.text) == ("failure", "pulumi is not on PATH")
    assert "install it" in found.remedy
    (found,) = look(lambda _: "<html>", "t")
    assert found.text == "pulumi about answered without JSON"


def program(folder: Path, text: str) -> dict[str, str]:
    file = folder / "pulumi"
    file.write_text(f"#!/bin/sh\n{text}\n")
    file.chmod(0o700)
    return {"PATH": f"{folder}:/usr/bin:/bin"}


def test_secrets_come_from_the_stacks_configuration(tmp_path: Path) -> None:
    answer = json.dumps({"hub2ghcr:pushToken": {"value": "v", "secret": True}, "hub2ghcr:x": {"objectValue": {}}})
    environ = program(tmp_path, f"echo \"$@\" >> asked; echo '{answer}'")
    assert secrets(runner(tmp_path, environ), "t") == {"hub2ghcr:pushToken": "v"}
    asked = (tmp_path / "asked").read_text()
    assert asked == "config --json --show-secrets --stack t --non-interactive --color never\n"


def test_an_engine_that_fails_is_told_by_its_last_line(tmp_path: Path) -> None:
    environ = program(tmp_path, "echo warning: x >&2; echo error: incorrect passphrase >&2; exit 255")
    with pytest.raises(EngineError, match=r"^incorrect passphrase$"):
        secrets(runner(tmp_path, environ), "t")
    with pytest.raises(EngineError, match="ended with 3"):
        secrets(runner(tmp_path, program(tmp_path, "exit 3")), "t")
    with pytest.raises(EngineError, match="without JSON"):
        secrets(runner(tmp_path, program(tmp_path, "echo x")), "t")


def test_a_program_that_cannot_be_executed_is_told(tmp_path: Path) -> None:
    environ = program(tmp_path, "")
    (tmp_path / "pulumi").write_bytes(b"\x7fELF")
    with pytest.raises(EngineError, match="cannot be run"):
        secrets(runner(tmp_path, environ), "t")
