"""Debian packages that a real kubelet needs (containerd, runc, CNI plugins): installed when missing, as root only."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Sequence

from lab.errors import LabError
from lab.toolchain.progress import say, step

TIMEOUT = 900.0
SERVICES = {"containerd": "containerd.service"}
"""Services that a package would start. The lab runs its own, so one that came with our installation is turned off."""


def missing(packages: Sequence[str]) -> list[str]:
    """Those of ``packages`` that are not installed; all of them where there is no dpkg."""
    if not shutil.which("dpkg-query"):
        return list(packages)
    told = subprocess.run(
        ["dpkg-query", "--show", "--showformat=${Package}\t${db:Status-Status}\n", *packages],
        capture_output=True,
        text=True,
        timeout=30,
    ).stdout
    installed = {
        name for name, _, status in (line.partition("\t") for line in told.splitlines()) if status == "installed"
    }
    return [package for package in packages if package not in installed]


def ensure(packages: Sequence[str]) -> None:
    """Install what is missing; raises ``LabError`` without root, without apt-get, or when apt-get fails."""
    needed = missing(packages)
    if not needed:
        return
    names = " ".join(needed)
    if os.geteuid() != 0:
        raise LabError(f"lab: not installed: {names}", remedy=f"as root: apt-get install {names}; or use --nodes kwok")
    if not shutil.which("apt-get"):
        raise LabError(
            f"lab: not installed: {names}, and there is no apt-get here", remedy="install them, or use --nodes kwok"
        )
    with step(f"Debian packages: {names}"):
        _apt(["update"], names)
        _apt(["install", "--yes", "--no-install-recommends", *needed], names)
    for package in needed:
        if package in SERVICES:
            _quiet(SERVICES[package])


def _apt(arguments: Sequence[str], names: str) -> None:
    command = ["apt-get", "--quiet", "-o", "DPkg::Lock::Timeout=120", *arguments]
    try:
        done = subprocess.run(
            command,
            env={**os.environ, "DEBIAN_FRONTEND": "noninteractive", "LC_ALL": "C"},
            capture_output=True,
            text=True,
            stdin=subprocess.DEVNULL,
            timeout=TIMEOUT,
        )
    except subprocess.TimeoutExpired as error:
        raise LabError(
            f"lab: `{' '.join(command)}` took over {TIMEOUT:.0f} s", remedy="see whether apt's mirrors answer"
        ) from error
    if done.returncode:
        raise LabError(
            f"lab: apt-get could not install {names}",
            remedy="see whether apt's mirrors answer and the disk has room; or use --nodes kwok",
            details=tuple((done.stdout + done.stderr).strip().splitlines()[-8:]),
        )


def _quiet(service: str) -> None:
    # A container has no systemd: nothing was started there.
    if not os.path.isdir("/run/systemd/system"):
        return
    subprocess.run(["systemctl", "disable", "--now", service], capture_output=True, timeout=60, check=False)
    say(f"{service} came with its package and was stopped: the lab runs its own")
