"""Diffs that ``git apply`` turns back into the very bytes."""

from __future__ import annotations

import subprocess
import tempfile
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from hub2ghcr.diff import unified

LINES = st.lists(st.sampled_from([b"a", b"b", b"image: nginx", b"", b"  \t", b"x\r", "ü".encode()]), max_size=40)
ENDS = st.sampled_from([b"", b"\n"])


def applied(before: bytes, diff: bytes) -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "a.yaml"
        file.write_bytes(before)
        command = ["git", "apply", "--whitespace=nowarn", "-"]
        subprocess.run(command, input=diff, cwd=folder, check=True, timeout=60, capture_output=True)
        return file.read_bytes()


def test_a_change_is_shown_with_its_context() -> None:
    before = b"".join(b"%d\n" % number for number in range(20))
    assert unified(before, before.replace(b"10\n", b"ten\n"), "a.yaml") == (
        b"--- a/a.yaml\n+++ b/a.yaml\n@@ -8,7 +8,7 @@\n 7\n 8\n 9\n-10\n+ten\n 11\n 12\n 13\n"
    )


def test_a_file_that_stays_has_no_diff() -> None:
    assert unified(b"a\n", b"a\n", "a.yaml") == b""


def test_an_absolute_path_stays_one() -> None:
    assert unified(b"a", b"b", "/x/a.yaml").startswith(b"--- /x/a.yaml\n+++ /x/a.yaml\n")


@given(LINES, ENDS, st.data())
@settings(max_examples=40)
def test_git_applies_what_changes_within_lines(lines: list[bytes], end: bytes, data: st.DataObject) -> None:
    changed = [data.draw(st.sampled_from([line, line, line + b"!"])) for line in lines]
    before, after = b"\n".join(lines) + end, b"\n".join(changed) + end
    if before != after:
        assert applied(before, unified(before, after, "a.yaml")) == after


@given(LINES, LINES, ENDS, ENDS)
@settings(max_examples=40)
def test_git_applies_what_adds_and_removes_lines(one: list[bytes], other: list[bytes], a: bytes, b: bytes) -> None:
    before, after = b"\n".join(one) + a, b"\n".join(other) + b
    if before and after and before != after:
        assert applied(before, unified(before, after, "a.yaml")) == after
