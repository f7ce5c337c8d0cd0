"""Run one command and write what it cost: a program of its own, because a child's peak is never below its parent's.

Linux counts towards a process's peak what its parent held when it was forked; this parent holds next to nothing.
Usage: launcher.py RESULT COMMAND…; what the command says on stderr stays on stderr.
"""

import json
import os
import sys
import time


def launch(result: str, command: list[str]) -> int:
    """Run a command; write wall and CPU seconds and mebibytes at the peak; return its exit code."""
    begun = time.perf_counter()
    pid = os.posix_spawnp(command[0], command, os.environ)
    _, status, usage = os.wait4(pid, 0)
    wall = time.perf_counter() - begun
    with open(result, "w") as file:
        json.dump([wall, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024], file)
    return os.waitstatus_to_exitcode(status)


if __name__ == "__main__":
    sys.exit(launch(sys.argv[1], sys.argv[2:]))
