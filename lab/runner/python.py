"""The ``python`` of a lab's runner: the lab's own. Of an environment that it makes, all is installed already.

Nothing is fetched here, so that ``pip install`` in such an environment has nothing to do.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

SCRIPTS = {
    "python": 'exec "{python}" "$@"',
    "pip": "exit 0",
    "hub2ghcr": 'exec "{folder}/hub2ghcr" "$@"',
}
"""What stands in the ``bin`` of an environment."""


def main(arguments: list[str]) -> None:
    """Make an environment where ``-m venv`` asks for one, and be Python for all else."""
    if [each for each in arguments if each != "-I"][:2] != ["-m", "venv"]:
        os.execv(sys.executable, [sys.executable, *arguments])
    folder = Path(arguments[-1]) / "bin"
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in SCRIPTS.items():
        script = text.format(python=sys.executable, folder=Path(sys.executable).parent)
        (folder / name).write_text(f"#!/bin/sh\n{script}\n")
        (folder / name).chmod(0o755)


if __name__ == "__main__":
    main(sys.argv[1:])
