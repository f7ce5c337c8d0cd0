"""``python -m tests``: all tests but the slow ones. The end-to-end ones wait more than they compute, so the others run
beside them; what those say is shown when they are done. The last line counts all.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tempfile
from typing import Final

PYTEST: Final = (sys.executable, "-m", "pytest", "-m", "not slow")
COUNTS: Final = ("passed", "failed", "skipped")
_COUNTED: Final = re.compile(rb"^(\d+) passed, (\d+) failed, (\d+) skipped$", re.MULTILINE)
"""The last line of a run, from ``conftest.py``."""


def counted(*said: bytes) -> str:
    """Return one line of counts for several runs; one that broke off before it counted adds nothing."""
    found = [match for each in said for match in _COUNTED.findall(each)[-1:]]
    return ", ".join(f"{sum(int(each[at]) for each in found)} {name}" for at, name in enumerate(COUNTS))


def main() -> int:
    """Run both; the exit code of the first that failed."""
    with tempfile.TemporaryFile() as kept:
        others = subprocess.Popen([*PYTEST, "--ignore=tests/e2e"], stdout=kept, stderr=subprocess.STDOUT)
        try:
            code, first = _shown([*PYTEST, "tests/e2e"])
            others.wait()
        except BaseException:
            others.terminate()
            raise
        kept.seek(0)
        second = kept.read()
    sys.stdout.buffer.write(second)
    sys.stdout.buffer.flush()
    print(counted(first, second), flush=True)
    return code or others.returncode


def _shown(command: list[str]) -> tuple[int, bytes]:
    """Run a command, show what it says while it says it, and return its exit code and all that it said."""
    said = bytearray()
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT) as process:
        assert process.stdout is not None
        while chunk := os.read(process.stdout.fileno(), 1 << 16):
            said += chunk
            sys.stdout.buffer.write(chunk)
            sys.stdout.buffer.flush()
    return process.returncode, bytes(said)


if __name__ == "__main__":
    sys.exit(main())
