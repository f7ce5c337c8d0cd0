"""Official releases: files whose published SHA-256 is checked before anything of them is kept.

None of it can be tried on a machine that reaches package registries only; the tests hold what is fetched and how it is
checked. Pulumi and its plugins come through their vendor's own installers, which choose and check the files.
"""

from __future__ import annotations

import hashlib
import io
import os
import shutil
import subprocess
import tarfile
import urllib.request
from collections.abc import Callable
from pathlib import Path

from lab.toolchain.program import Program, architecture

PROBE = "https://dl.k8s.io/"
PROBE_TIMEOUT = 3.0
"""Seconds in which one host must answer, for any release to be tried: an offline machine loses no more than that."""

DOWNLOAD_TIMEOUT = 60.0
INSTALL_TIMEOUT = 600.0

Fetch = Callable[[str, float], bytes]
"""URL and seconds to the bytes there; raises ``OSError``."""


class ReleaseError(Exception):
    """A release that cannot be had, or is not what its publisher says; the build from modules is still open."""


def fetch(url: str, timeout: float) -> bytes:
    """The bytes at ``url``; raises ``OSError`` for anything but an answer of 200."""
    with urllib.request.urlopen(url, timeout=timeout) as answer:
        body: bytes = answer.read()
    return body


def reachable(fetch: Fetch = fetch) -> bool:
    """Whether download sites answer from here."""
    try:
        fetch(PROBE, PROBE_TIMEOUT)
    except OSError:
        return False
    return True


def install(program: Program, folder: Path, pulumi: Path | None = None, fetch: Fetch = fetch) -> None:
    """Put the released binaries of ``program`` into ``folder/bin``.

    ``pulumi`` is the engine that fetches its plugins. Raises ``ReleaseError``.
    """
    binaries = folder / "bin"
    binaries.mkdir()
    try:
        if program.installer == "pulumi":
            _pulumi(program, folder, binaries)
        elif program.installer == "pulumi plugin" and pulumi:
            _plugin(program, folder, binaries, pulumi)
        elif program.release:
            _files(program, binaries, fetch)
        else:
            raise ReleaseError("no release with published checksums")
    except (OSError, subprocess.SubprocessError, tarfile.TarError) as error:
        raise ReleaseError(str(error)) from error


def _files(program: Program, binaries: Path, fetch: Fetch) -> None:
    for binary in program.binaries:
        url = program.release.format(arch=architecture(), binary=binary)
        body = fetch(url, DOWNLOAD_TIMEOUT)
        published = fetch(program.checksums.format(arch=architecture(), binary=binary), DOWNLOAD_TIMEOUT).decode()
        _check(url, body, published)
        content = _member(body, binary) if url.endswith(".tar.gz") else body
        (binaries / binary).write_bytes(content)
        (binaries / binary).chmod(0o755)


def _check(url: str, body: bytes, published: str) -> None:
    """Hold a file to its publisher's list: lines of ``<sha256>  <file name>``, or the digest alone."""
    name = url.rpartition("/")[2]
    digests = [
        words[0]
        for words in map(str.split, published.splitlines())
        if words and words[-1].lstrip("*") in (name, words[0])
    ]
    actual = hashlib.sha256(body).hexdigest()
    if actual not in digests:
        stated = " or ".join(digests) or "nothing"
        raise ReleaseError(f"{url} has SHA-256 {actual}, its publisher states {stated}: refused")


def _member(archive: bytes, binary: str) -> bytes:
    with tarfile.open(fileobj=io.BytesIO(archive)) as opened:
        for member in opened:
            if member.isfile() and member.name.rpartition("/")[2] == binary:
                handle = opened.extractfile(member)
                if handle:
                    return handle.read()
    raise ReleaseError(f"the archive holds no {binary}")


def _pulumi(program: Program, folder: Path, binaries: Path) -> None:
    from pulumi.automation import PulumiCommand
    from semver import VersionInfo

    PulumiCommand.install(root=str(folder / "installed"), version=VersionInfo.parse(program.version.removeprefix("v")))
    for binary in program.binaries:
        shutil.move(folder / "installed" / "bin" / binary, binaries / binary)
    shutil.rmtree(folder / "installed")


def _plugin(program: Program, folder: Path, binaries: Path, pulumi: Path) -> None:
    home = folder / "home"
    name = program.name.removeprefix("pulumi-resource-")
    subprocess.run(
        [pulumi, "plugin", "install", "resource", name, program.version],
        env={**os.environ, "PULUMI_HOME": str(home), "PULUMI_SKIP_UPDATE_CHECK": "1"},
        check=True,
        capture_output=True,
        stdin=subprocess.DEVNULL,
        timeout=INSTALL_TIMEOUT,
    )
    shutil.move(home / "plugins" / f"resource-{name}-{program.version}" / program.name, binaries / program.name)
    shutil.rmtree(home)
