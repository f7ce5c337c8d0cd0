"""``make bench-fleet``: a fleet of stacks, previewed and applied by us, by a shell loop of ``pulumi``, by ``xargs``.

The clusters are namespaces of the lab's, whose nodes only pretend: what is measured is what a fleet adds, not a
cluster. Everybody runs the same program, on stacks and namespaces of the own; the images are in GHCR already. Then what
one stack costs, and what many would.
"""

from __future__ import annotations

import argparse
import os
import shutil
import sys
import tempfile
import time
import venv
from pathlib import Path

from bench.fleet import showing
from bench.fleet.fleet_set import ROOT, FleetSet, project
from bench.fleet.runs import DEADLINE, Runs
from bench.up.tree import measure
from hub2ghcr.worker import processors
from lab import stage, toolchain
from lab.errors import LabError


def fresh_machine(folder: Path) -> float:
    """Return the seconds until a fresh machine has what the program needs: a virtual environment and its packages."""
    begun = time.perf_counter()
    venv.create(folder / "fresh", with_pip=True)
    requirements = str(ROOT / "requirements.txt")
    pip = [str(folder / "fresh" / "bin" / "python"), "-m", "pip", "install", "--quiet", "--requirement", requirements]
    measure(pip, folder, os.environ, timeout=DEADLINE)
    return time.perf_counter() - begun


def main(argv: list[str] | None = None) -> int:
    """Compare; 0, or 1 with one clear line."""
    parser = argparse.ArgumentParser(prog="python -m bench.fleet", description=__doc__)
    parser.add_argument("--small", action="store_true", help="6 stacks instead of 50")
    parser.add_argument("--stacks", type=int, help="how many")
    parser.add_argument("--dir", type=Path, help="the lab's state, kept (default: a temporary folder)")
    options = parser.parse_args(argv)
    folder = Path(tempfile.mkdtemp(prefix="bench-fleet-"))
    lab = options.dir or folder / "lab"
    count = options.stacks or (6 if options.small else 50)
    try:
        setup = fresh_machine(folder)
        env = stage.up(lab, toolchain.resolve(), nodes="kwok")
        (folder / "pulumi").mkdir()
        env["PULUMI_BACKEND_URL"] = f"file://{folder / 'pulumi'}"
        made = project(folder / "fleet")
        FleetSet("copied", 1).write(made)
        measure([sys.executable, "-m", "hub2ghcr", "copy", "-s", "copied-000"], made, env, timeout=120.0)
        runs = Runs(made, lab, env, count, processors())
        runs.all()
        showing.compared(runs)
        showing.priced(runs.one(setup))
    except LabError as error:
        print(f"bench: {error}", file=sys.stderr)
        return 1
    finally:
        if not options.dir:
            stage.down(lab)
        shutil.rmtree(folder, ignore_errors=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
