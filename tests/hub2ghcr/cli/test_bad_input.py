"""Whatever a file holds: a line, bounded time and memory, and the file as it was."""

from __future__ import annotations

import os
import resource
import subprocess
import sys
from pathlib import Path

import pytest

from .running import ROOT, hub2ghcr, lines

ACME = ("--map", "docker.io/*=ghcr.io/acme/*")
MEMORY = 1 << 30
"""Bytes of address space that a command may take for a small file."""

POD = b"apiVersion: v1\nkind: Pod\nspec:\n  containers:\n  - image: nginx\n"
BOMB = b"a: &a [x,x,x,x,x,x,x,x,x,x]\n" + b"".join(
    b"%c: &%c [%s]\n" % (name, name, b",".join([b"*%c" % (name - 1)] * 10)) for name in range(ord("b"), ord("k"))
)

BAD = {
    "aliases without measure": (BOMB + POD, "nodes"),
    "an alias that contains itself": (b"a: &a [*a]\n" + POD, "an alias contains itself"),
    "deep nesting in flow style": (b"image: " + b"[" * 10_000, "levels deep"),
    "deep nesting in maps": (b"{image: " * 10_000, "levels deep"),
    "deep nesting in lists": (b"image:\n" + b"- " * 10_000 + b"x\n", "levels deep"),
    "a NUL byte": (POD + b"x: a\0b\n", "not valid YAML"),
    "UTF-16": (POD.decode().encode("utf-16"), "UTF-16"),
    "UTF-32": (POD.decode().encode("utf-32-be"), "UTF-16 or UTF-32"),
    "Latin-1": (POD + "# \xfc\n".encode("latin-1"), "not UTF-8 at byte"),
    "a key that stands twice": (POD + b"    image: redis\n", "a key stands twice"),
    "a tab as indentation": (b"kind: Pod\nspec:\n\tcontainers:\n\t- image: nginx\n", "indent with spaces"),
    "a bracket that does not close": (b"kind: Pod\nspec: {containers: [{image: nginx}\n", "not valid YAML"),
}


def _limited() -> None:
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))


@pytest.mark.parametrize("what", sorted(BAD))
def test_bad_input_is_a_line_and_the_others_are_done(tmp_path: Path, what: str) -> None:
    data, said = BAD[what]
    (tmp_path / "bad.yaml").write_bytes(data)
    (tmp_path / "good.yaml").write_bytes(POD)
    command = [sys.executable, "-m", "hub2ghcr", "rewrite", "--in-place", *ACME]
    environ = {"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        command, cwd=tmp_path, env=environ, capture_output=True, timeout=30, preexec_fn=_limited, text=True
    )
    assert done.returncode == 2
    (line,) = [line for line in done.stderr.splitlines() if line.startswith("error: ")]
    assert line.startswith("error: bad.yaml") and said in line
    assert "Traceback" not in done.stderr
    assert (tmp_path / "bad.yaml").read_bytes() == data
    assert b"ghcr.io/acme/library/nginx" in (tmp_path / "good.yaml").read_bytes()
    scanned = hub2ghcr(tmp_path, "scan", "bad.yaml")
    assert (scanned.returncode, lines(scanned.stderr)) == (2, [line])


def test_on_a_full_disk_every_file_is_as_it_was_and_each_is_told(tmp_path: Path) -> None:
    big = POD + b"".join(b"# %d\n" % number for number in range(2000))
    (tmp_path / "big.yaml").write_bytes(big)
    (tmp_path / "small.yaml").write_bytes(POD)

    def full() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (5000, 5000))

    command = [sys.executable, "-m", "hub2ghcr", "rewrite", "--in-place", *ACME]
    environ = {"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT), "PYTHONDONTWRITEBYTECODE": "1"}
    done = subprocess.run(command, cwd=tmp_path, env=environ, capture_output=True, timeout=30, preexec_fn=full)
    assert done.returncode == 2
    assert lines(done.stderr) == ["error: big.yaml: cannot be written: File too large; left as it was"]
    assert lines(done.stdout) == ["changed: small.yaml (1 image)"]
    assert (tmp_path / "big.yaml").read_bytes() == big
    assert sorted(os.listdir(tmp_path)) == ["big.yaml", "small.yaml"]


def test_a_disk_that_is_full_for_standard_output_is_told(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_bytes(POD * 1)
    environ = {"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT)}
    with open("/dev/full", "wb") as full:
        command = [sys.executable, "-m", "hub2ghcr", "rewrite", "a.yaml", *ACME]
        done = subprocess.run(command, cwd=tmp_path, env=environ, stdout=full, stderr=subprocess.PIPE, timeout=30)
    assert done.returncode == 2
    assert lines(done.stderr) == [
        "error: standard output: cannot be written: No space left on device; write it elsewhere"
    ]


def test_a_reader_that_leaves_ends_the_command_in_silence(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_bytes(POD + b"# filler\n" * 100_000)
    environ = {"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-m", "hub2ghcr", "rewrite", "a.yaml", *ACME]
    with subprocess.Popen(
        command, cwd=tmp_path, env=environ, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as process:
        assert process.stdout is not None and process.stderr is not None
        process.stdout.read(10)
        process.stdout.close()
        said = process.stderr.read()
        process.wait(timeout=30)
    assert said == b""
