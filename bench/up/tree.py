"""What a command costs with everything it starts: the engine, its language host, the program and the providers."""

from __future__ import annotations

import os
import subprocess
import threading
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

from bench.measuring import Cost
from lab.errors import LabError

EVERY = 0.2
"""Seconds between two looks at the processes."""

_TICKS = os.sysconf("SC_CLK_TCK")
_PAGE = os.sysconf("SC_PAGE_SIZE")


def measure(command: Sequence[str], folder: Path, env: Mapping[str, str], *, timeout: float) -> Cost:
    """Run a command in a folder and return what it and all its descendants took.

    The peak is the largest sum of what they held at one time (pages that several hold are counted for each). A
    provider that the engine kills is not waited for, so processor time is read while the processes live: at most the
    last ``EVERY`` seconds of one are missed.

    Args:
        command: the program and its arguments; what it says goes to ``said.txt`` in the folder.
        folder: where it runs.
        env: its whole environment.
        timeout: seconds after which it is killed.

    Raises:
        LabError: it failed or took longer; with the end of what it said.
    """
    said = folder / "said.txt"
    with said.open("w") as sink:
        begun = time.perf_counter()
        process = subprocess.Popen(
            command, cwd=folder, env=env, stdin=subprocess.DEVNULL, stdout=sink, stderr=subprocess.STDOUT
        )
        watch = _Watch(process.pid)
        try:
            code = process.wait(timeout)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
            raise LabError(f"{command[0]} did not end within {timeout:.0f} s") from None
        finally:
            watch.end()
        wall = time.perf_counter() - begun
    if code:
        raise LabError(
            f"{' '.join(command[:4])} … ended with {code}", details=tuple(said.read_text().splitlines()[-12:])
        )
    return Cost(wall, watch.cpu, watch.peak)


class _Watch:
    """Looks at a process and its descendants until it is ended."""

    def __init__(self, root: int) -> None:
        self.cpu = self.peak = 0.0
        self._root = root
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def end(self) -> None:
        self._over.set()
        self._thread.join()

    def _run(self) -> None:
        while True:
            cpu, held = _spent(self._root)
            self.cpu, self.peak = max(self.cpu, cpu), max(self.peak, held)
            if self._over.wait(EVERY):
                return


def _spent(root: int) -> tuple[float, float]:
    """Seconds of processor time so far, of children that have ended too, and mebibytes held now."""
    found = {int(each): fields for each in os.listdir("/proc") if each.isdigit() and (fields := _fields(each))}
    tree = {root} & found.keys()
    while grown := {pid for pid, fields in found.items() if int(fields[1]) in tree} - tree:
        tree |= grown
    ticks = sum(int(field) for pid in tree for field in found[pid][11:15])
    return ticks / _TICKS, sum(int(found[pid][21]) for pid in tree) * _PAGE / 2**20


def _fields(pid: str) -> list[str]:
    """The fields of ``/proc/PID/stat`` after the name (proc(5)): state, parent, …; none once it has ended."""
    try:
        return Path("/proc", pid, "stat").read_text().rpartition(")")[2].split()
    except OSError:
        return []
