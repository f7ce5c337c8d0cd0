"""A provider's process beside its engine: it does not outlive one that is killed."""

from __future__ import annotations

import os
import subprocess
import sys
from importlib.machinery import ModuleSpec
from pathlib import Path
from types import ModuleType

import pytest
from pulumi.dynamic import ConfigureRequest
from pulumi.dynamic.config import Config

from components import provider_process
from components.roll_out import RollOutProvider
from hub2ghcr.errors import Problems

ROOT = Path(__file__).resolve().parent.parent.parent
BUSY = """
import sys, threading, time
from components.provider_process import end_with
threading.Thread(target=time.sleep, args=(60,)).start()
{}
print("begun", flush=True)
"""
"""A process that has begun something that takes a minute."""


@pytest.fixture(params=["end_with(0)", ""], ids=["with the engine", "alone"])
def provider(request: pytest.FixtureRequest) -> tuple[subprocess.Popen[str], bool]:
    """A process whose input this test holds, and whether it is to end with it."""
    argv = [sys.executable, "-c", BUSY.format(request.param)]
    pipe = subprocess.PIPE
    found = subprocess.Popen(argv, cwd=ROOT, stdin=pipe, stdout=pipe, stderr=pipe, text=True)
    assert found.stdout is not None
    assert found.stdout.readline() == "begun\n"
    return found, bool(request.param)


def test_a_provider_ends_with_its_engine_whatever_it_does(provider: tuple[subprocess.Popen[str], bool]) -> None:
    """Negative control: without it, what it has begun goes on."""
    process, ends = provider
    assert process.stdin is not None
    with pytest.raises(subprocess.TimeoutExpired):
        process.wait(0.2)
    process.stdin.close()  # as the kernel does for an engine that is killed
    try:
        assert process.wait(2) == 1
        assert ends
    except subprocess.TimeoutExpired:
        assert not ends
        process.kill()
        process.wait()
    for stream in (process.stdout, process.stderr):
        if stream is not None:
            stream.close()


@pytest.mark.parametrize(
    ("program", "piped", "watched"),
    [
        ("pulumi.dynamic.__main__", True, [0]),
        ("pulumi.dynamic.__main__", False, []),
        ("pytest.__main__", True, []),
        (None, True, []),
    ],
    ids=["the engine's process", "without a pipe", "a test", "a script"],
)
def test_only_a_process_of_the_engine_minds_its_input_and_once(
    monkeypatch: pytest.MonkeyPatch, program: str | None, piped: bool, watched: list[int]
) -> None:
    """In a preview's program, or in a test, the input is nobody's business."""
    main = ModuleType("__main__")
    main.__spec__ = ModuleSpec(program, None) if program else None
    seen: list[int] = []
    reading, writing = os.pipe()
    with monkeypatch.context() as patched:
        patched.setattr(provider_process, "end_with", seen.append)
        patched.setattr(provider_process, "_ends", False)
        patched.setattr(provider_process, "_is_pipe", lambda _: piped)
        patched.setitem(sys.modules, "__main__", main)
        for _ in range(2):
            RollOutProvider().configure(ConfigureRequest(Config({}, "p")))
    assert provider_process._is_pipe(reading)
    with open(os.devnull) as nothing:
        assert not provider_process._is_pipe(nothing.fileno())
    os.close(reading)
    os.close(writing)
    assert seen == watched


def test_the_configuration_of_a_provider_lies_over_its_base_files(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The engine hands on the stack's own file alone. Without the base, here the control, the section is not there."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "base.yaml").write_text(
        "config:\n"
        "  hub2ghcr:registries: {ghcr.io: {endpoint: 'https://base', pull: cluster}}\n"
        "  hub2ghcr:clusterDefaults: {context: lab}\n"
    )
    own = {"hub2ghcr:registries": '{"ghcr.io":{"push":"own"}}', "hub2ghcr:clusters": '[{"name":"one"}]'}
    try:
        provider_process.know({**own, "hub2ghcr:token": "s3cret"})
        assert provider_process.section("registries") == {"ghcr.io": {"push": "own"}}
        provider_process.know({**own, "hub2ghcr:extends": "base.yaml", "hub2ghcr:token": "s3cret"})
        assert provider_process.section("registries") == {
            "ghcr.io": {"endpoint": "https://base", "pull": "cluster", "push": "own"}
        }
        assert provider_process.section("clusters") == [{"context": "lab", "name": "one"}]
        assert provider_process.section("images") is None
        assert provider_process.configuration()["hub2ghcr:token"] == "s3cret"
    finally:
        provider_process.know({})


def test_a_base_file_is_asked_for_only_where_something_is_asked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    try:
        provider_process.know({"hub2ghcr:extends": "gone.yaml"})
        with pytest.raises(Problems, match=r"^the stack's configuration: extends: no such base file: 'gone\.yaml'"):
            provider_process.section("registries")
    finally:
        provider_process.know({})
