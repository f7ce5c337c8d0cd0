"""Reading with a bound, and replacing in one step."""

from __future__ import annotations

import os
import resource
import stat
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from hub2ghcr import files
from hub2ghcr.errors import ManifestError


@contextmanager
def full_disk(size: int) -> Iterator[None]:
    """Let no file grow beyond ``size`` bytes, as on a disk that is full."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


@pytest.mark.parametrize("mode", [0o600, 0o644, 0o755, 0o664])
def test_a_file_is_replaced_with_its_mode(tmp_path: Path, mode: int) -> None:
    path = tmp_path / "a.yaml"
    path.write_bytes(b"old")
    path.chmod(mode)
    before = path.stat().st_ino
    files.replace(str(path), b"new", "a.yaml")
    assert path.read_bytes() == b"new"
    assert stat.S_IMODE(path.stat().st_mode) == mode
    assert path.stat().st_ino != before, "written in place: who reads meanwhile sees a half"
    assert os.listdir(tmp_path) == ["a.yaml"]


@pytest.mark.skipif(os.geteuid() != 0, reason="only root gives files away")
def test_a_file_keeps_its_owner(tmp_path: Path) -> None:
    path = tmp_path / "a.yaml"
    path.write_bytes(b"old")
    os.chown(path, 1234, 2345)
    files.replace(str(path), b"new", "a.yaml")
    assert (path.stat().st_uid, path.stat().st_gid) == (1234, 2345)


def test_on_a_full_disk_the_original_is_untouched_and_nothing_is_left_behind(tmp_path: Path) -> None:
    path = tmp_path / "a.yaml"
    path.write_bytes(b"old")
    with full_disk(1000), pytest.raises(ManifestError, match=r"^a.yaml: cannot be written: File too large; left as it"):
        files.replace(str(path), b"x" * 5000, "a.yaml")
    assert path.read_bytes() == b"old"
    assert os.listdir(tmp_path) == ["a.yaml"]
    files.replace(str(path), b"x" * 5000, "a.yaml")  # the control: with room it is written
    assert len(path.read_bytes()) == 5000


_READ_ONLY = """
import os, sys
from hub2ghcr import files
os.chdir(sys.argv[1])  # the folders above are root's alone
os.setuid(65534)
try:
    files.replace("a.yaml", b"new", "a.yaml")
except Exception as error:
    print(error)
"""


@pytest.mark.skipif(os.geteuid() != 0, reason="becomes another user")
def test_a_file_that_may_not_be_written_is_left_although_its_folder_may(tmp_path: Path) -> None:
    tmp_path.chmod(0o777)
    path = tmp_path / "a.yaml"
    path.write_bytes(b"old")
    path.chmod(0o644)
    command = [sys.executable, "-c", _READ_ONLY, str(tmp_path)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60)
    assert done.stdout == "a.yaml: cannot be written: Permission denied; left as it was\n", done.stderr
    assert path.read_bytes() == b"old"


def test_a_file_beyond_the_bound_is_refused_without_reading_it(tmp_path: Path) -> None:
    path = tmp_path / "big.yaml"
    with open(path, "wb") as file:
        file.truncate(files.MAX_SIZE + 1)
    with pytest.raises(ManifestError, match=r"^big.yaml: larger than 256 MiB; split it$"):
        files.read(str(path), "big.yaml")


def test_a_folder_is_no_file(tmp_path: Path) -> None:
    with pytest.raises(ManifestError, match=r"^x: cannot be read: Is a directory$"):
        files.read(str(tmp_path), "x")
