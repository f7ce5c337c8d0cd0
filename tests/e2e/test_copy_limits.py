"""Copies under limits of the machine: little memory, and no room for what is kept between runs."""

from __future__ import annotations

import os
import subprocess
import sys
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest

from hub2ghcr.copying import Copier, Job
from lab import cgroups, large_image, registry_admin
from lab.errors import LabError
from tests.e2e.sample_copies import GHCR, SampleCopies, finish, start

MEBIBYTE = 1 << 20
MEMORY = 200 * MEBIBYTE
SIZE = 2_000_000_000

COPY = """
import os, resource, sys
from hub2ghcr.copying import Copier, Job
from hub2ghcr.credentials import Credential
from hub2ghcr.registry import Access, Registries
hub, ghcr, user, *job = sys.argv[1:]
accesses = [Access("docker.io", hub), Access("ghcr.io", ghcr, push=Credential(user, os.environ["SECRET"]))]
with Registries(accesses) as registries, Copier(registries) as copier:
    print(copier.copy(Job(*job)).size)
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
"""
"""A process of its own, for its memory: bytes uploaded, and kibibytes at the peak."""

pytestmark = [pytest.mark.e2e, pytest.mark.slow]


@pytest.fixture
def group() -> Iterator[Path]:
    """The list of processes of a control group with 200 MiB of memory."""
    name = f"hub2ghcr-test-{uuid.uuid4().hex[:8]}"
    try:
        yield cgroups.limit_memory(name, MEMORY)
    except (LabError, PermissionError) as error:
        pytest.skip(f"memory cannot be limited here: {error}")
    finally:
        cgroups.remove(name)


def inside(group: Path, *command: str) -> subprocess.CompletedProcess[str]:
    """Run a command as a member of a control group from its first instruction on."""
    enter = ["sh", "-c", 'echo $$ >"$0" && exec "$@"', str(group)]
    env = {**os.environ, "SECRET": GHCR.secret}
    return subprocess.run([*enter, *command], env=env, capture_output=True, text=True, timeout=300, check=False)


@pytest.mark.slow
def test_a_blob_of_2_gb_is_copied_under_200_mb_of_memory(
    copies: SampleCopies, group: Path, reports: dict[str, list[tuple[str, ...]]]
) -> None:
    digest = large_image.push(copies.state, "acme/large", "1", SIZE)
    job = ("docker.io/acme/large:1", f"ghcr.io/{copies.folder}/large:1", digest)
    arguments = (copies.urls["hub"], copies.urls["ghcr"], GHCR.username, *job)
    done = inside(group, sys.executable, "-c", COPY, *arguments)
    assert done.returncode == 0, done.stderr
    uploaded, peak = map(int, done.stdout.split())
    assert uploaded >= SIZE
    assert peak < MEMORY / 1024
    with copies.open() as registries, Copier(registries) as copier:
        again = copier.copy(Job(*job))
    assert (again.outcome, again.uploaded) == ("present", 0)
    rows = reports.setdefault("Memory", [("copy", "limit", "peak")])
    rows.append((f"one blob of {SIZE / 1e9:.0f} GB", f"{MEMORY // MEBIBYTE} MiB", f"{peak / 1024:.0f} MiB"))


@pytest.fixture
def full(tmp_path: Path) -> Iterator[Path]:
    """A folder on a file system of its own without any room left."""
    folder = tmp_path / "full"
    folder.mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", str(folder)], capture_output=True)
    if mounted.returncode:
        pytest.skip("no file system can be mounted here")
    try:
        with open(folder / "filler", "wb", buffering=0) as file, pytest.raises(OSError, match="No space left"):
            while True:
                file.write(bytes(4096))
        yield folder
    finally:
        subprocess.run(["umount", str(folder)], check=True)


def test_without_room_for_what_is_kept_a_copy_works_and_asks_the_source_again(
    copies: SampleCopies, copies_project: Path, full: Path
) -> None:
    env = {"XDG_CACHE_HOME": str(full)}
    finish(start(copies_project, "lock", "-s", "t", **env))
    before = registry_admin.counters(copies.state, "hub").get("manifest_get", 0)
    finish(start(copies_project, **env))
    assert registry_admin.counters(copies.state, "hub")["manifest_get"] > before
    assert copies.wrong() == []
    assert [path.name for path in full.rglob("*") if path.is_file() and path.stat().st_size] == ["filler"]


def test_with_room_the_source_is_not_asked_again(copies: SampleCopies, copies_project: Path) -> None:
    """Negative control: what a lock has read, a copy does not."""
    finish(start(copies_project))
    assert "manifest_get" not in registry_admin.counters(copies.state, "hub")
    assert copies.wrong() == []
