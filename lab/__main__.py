"""The embedded environment by hand: ``python3 -m lab up``, then ``eval "$(python3 -m lab env)"``."""

from __future__ import annotations

import argparse
import json
import os
import shlex
import shutil
import sys
import time
from collections.abc import Callable
from pathlib import Path

from lab import processes
from lab.errors import LabError
from lab.toolchain.progress import duration, say

ROOT = Path(__file__).resolve().parent.parent
"""The checkout."""

EXAMPLES = """
examples:
  python3 -m lab up                      start everything (the first time builds the toolchain: about 20 minutes)
  eval "$(python3 -m lab env)"           use it in this shell: kubectl, pulumi, etcd … and where they find each other
  python3 -m lab status --output json    every process, for a script
  python3 -m lab logs apiserver          the end of one log
  python3 -m lab up --dir /var/lab-two   a second lab beside the first
  python3 -m lab down                    end it: processes, mounts and network
"""


def main(argv: list[str] | None = None) -> int:
    """Run one command. 0: done; 1: it failed, or ``status`` found something not running; 130: interrupted."""
    options = _parser().parse_args(argv)
    command: Callable[[argparse.Namespace], int] = options.command
    try:
        code = command(options)
        sys.stdout.flush()
        return code
    except BrokenPipeError:  # `| head` has read enough; the interpreter would complain about what it cannot flush
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    except LabError as error:
        say(f"lab: {error}")
        return 1
    except OSError as error:
        say(f"lab: {error.strerror or error}: {error.filename}\n  remedy: --dir names a folder that can be written")
        return 1
    except ModuleNotFoundError as error:
        say(f"lab: the Python package {error.name} is not installed\n  remedy: run `make venv` first")
        return 1
    except KeyboardInterrupt:
        say("lab: interrupted; the same command goes on where this one was")
        return 130


def _parser() -> argparse.ArgumentParser:
    shared = argparse.ArgumentParser(add_help=False)
    shared.add_argument(
        "--dir", type=Path, default=ROOT / ".lab", metavar="DIR", help="the lab's state (default: .lab in the checkout)"
    )
    parser = argparse.ArgumentParser(
        prog="python3 -m lab",
        description=__doc__,
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    def add(name: str, command: Callable[[argparse.Namespace], int], text: str) -> argparse.ArgumentParser:
        added = commands.add_parser(name, parents=[shared], help=text, description=text)
        added.set_defaults(command=command)
        return added

    up = add("up", _up, "Start what does not run yet: registries and their images, GitHub API, cluster.")
    up.add_argument(
        "--nodes",
        choices=("auto", "kubelet", "kwok"),
        default="auto",
        help="how Pods run: a real kubelet (root), kwok's pretence, or the first where possible (default: auto)",
    )
    status = add("status", _status, "Tell what runs. The exit status is 0 if all of it does.")
    status.add_argument("--output", choices=("table", "json"), default="table", help="default: table")
    down = add("down", _down, "End every process, mount and network of the lab; its state and logs stay.")
    down.add_argument("--forget", action="store_true", help="remove its state and logs too")
    logs = add("logs", _logs, "Show the end of a process's log, or list the logs there are.")
    logs.add_argument("name", nargs="?", help="a process, as `status` names it")
    logs.add_argument("--lines", type=int, default=50, metavar="N", help="how many (default: 50)")
    env = add("env", _env, "Print the variables that make programs use this lab, as shell lines for eval.")
    env.add_argument("--output", choices=("shell", "json"), default="shell", help="default: shell")
    return parser


def _up(options: argparse.Namespace) -> int:
    from lab import cluster, stage
    from lab.toolchain import resolve

    state: Path = options.dir.absolute()
    begun = time.monotonic()
    stage.up(state, resolve(), nodes=options.nodes)
    say(f"lab: up in {duration(time.monotonic() - begun)}; {cluster.describe(state)}")
    say(f'use it in this shell: eval "$(python3 -m lab env{_where(options)})"')
    return 0


def _where(options: argparse.Namespace) -> str:
    return "" if options.dir.absolute() == ROOT / ".lab" else f" --dir {shlex.quote(str(options.dir))}"


def _status(options: argparse.Namespace) -> int:
    found = processes.status(options.dir.absolute())
    if options.output == "json":
        rows = [{"name": one.name, "pid": one.pid, "running": one.running} for one in found]
        print(json.dumps({"dir": str(options.dir.absolute()), "processes": rows}, indent=2))
    elif not found:
        print(f"no lab runs in {options.dir}; start one: python3 -m lab up{_where(options)}")
    else:
        width = max(len(one.name) for one in found)
        for one in found:
            print(
                f"{one.name:<{width}}  {one.pid:>8}  {'running' if one.running else 'ended: see `python3 -m lab logs`'}"
            )
    return 0 if found and all(one.running for one in found) else 1


def _down(options: argparse.Namespace) -> int:
    from lab import stage

    state: Path = options.dir.absolute()
    stage.down(state)
    if options.forget:
        shutil.rmtree(state, ignore_errors=True)
    say("lab: down")
    return 0


def _logs(options: argparse.Namespace) -> int:
    state: Path = options.dir.absolute()
    known = sorted(log.stem for log in (state / "logs").glob("*.log"))
    if options.name is None:
        print("\n".join(known) or f"no logs in {options.dir}")
        return 0
    if options.name not in known:
        raise LabError(
            f"no log named {options.name!r} in {state / 'logs'}", remedy=f"one of: {', '.join(known) or 'none'}"
        )
    print("\n".join(processes.log_tail(state, options.name, options.lines)))
    return 0


def _env(options: argparse.Namespace) -> int:
    from lab.environment import environment
    from lab.toolchain import resolve

    state: Path = options.dir.absolute()
    if not any(one.running for one in processes.status(state)):
        raise LabError(f"no lab runs in {state}", remedy=f"python3 -m lab up{_where(options)}")
    variables = environment(state, resolve(quiet=True))
    if options.output == "json":
        print(json.dumps(variables, indent=2))
    else:
        for name, value in variables.items():
            print(f"export {name}={shlex.quote(value)}")
    return 0


def _inside_virtual_environment() -> None:
    """Go on with the checkout's own Python, so that ``python3 -m lab`` needs no activation."""
    own = ROOT / ".venv" / "bin" / "python"
    if Path(sys.prefix) != ROOT / ".venv" and own.exists():
        os.execv(own, [str(own), "-m", "lab", *sys.argv[1:]])


if __name__ == "__main__":
    _inside_virtual_environment()
    sys.exit(main())
