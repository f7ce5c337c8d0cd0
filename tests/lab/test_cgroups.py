"""A control group that limits memory, where the machine gives one."""

from __future__ import annotations

import subprocess
import sys
import uuid

import pytest

from lab import cgroups
from lab.errors import LabError

GROW = "import sys; print(len(bytes(int(sys.argv[1])).replace(b'\\0', b'1')))"
ENTER = 'echo $$ >"$0" && exec "$@"'


def test_a_group_holds_its_limit_and_goes_again() -> None:
    name = f"hub2ghcr-test-{uuid.uuid4().hex[:8]}"
    try:
        procs = cgroups.limit_memory(name, 100 << 20)
    except (LabError, OSError) as error:
        pytest.skip(f"memory cannot be limited here: {error}")
    ended = {}
    for mebibytes in (20, 200):
        command = ["sh", "-c", ENTER, str(procs), sys.executable, "-c", GROW, str(mebibytes << 20)]
        ended[mebibytes] = subprocess.run(command, capture_output=True, timeout=30, check=False).returncode
    assert ended == {20: 0, 200: -9}
    assert cgroups.remove(name) == []
    assert not procs.exists()
