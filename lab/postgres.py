"""A PostgreSQL server beside a lab, as a shared backend of the engine: Debian's, on loopback, with one account.

It asks for a password, as a shared one does. PostgreSQL refuses to run as root: then Debian's user ``postgres`` does,
who may not reach a lab's folder, so that what it keeps lies below the machine's temporary folder.
"""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from lab import processes
from lab.errors import LabError
from lab.ports import port
from lab.processes import Daemon
from lab.toolchain.debian import ensure

PACKAGE: Final = "postgresql"
ACCOUNT, PASSWORD = "pulumi", "lab-postgres-password"  # public, opens nothing but a lab
DATABASE: Final = "pulumi"

_NAME: Final = "postgres"
_FOLDERS: Final = Path("/usr/lib/postgresql")
_TIMEOUT: Final = 60.0
_QUICK: Final = ("-c", "fsync=off", "-c", "listen_addresses=127.0.0.1")


def up(state: Path) -> dict[str, str]:
    """Start a server with an empty database; return what an environment needs so that the engine keeps its state there.

    Raises ``LabError`` where it cannot be installed, or does not start.
    """
    if not _FOLDERS.is_dir():
        ensure([PACKAGE])
    number, data = port(state, _NAME), _data(state)
    if not data.exists():
        _initialise(data)
    argv = (*_as_user(), _program("postgres"), "-D", str(data), "-p", str(number), "-k", "", *_QUICK)
    processes.start(state, Daemon(_NAME, argv, lambda: _missing(number), ports=(number,)))
    if _psql(number, "postgres", f"SELECT 1 FROM pg_database WHERE datname = '{DATABASE}'") != "1":
        _psql(number, "postgres", f"CREATE DATABASE {DATABASE}")
    return {"PGPASSWORD": PASSWORD, "PULUMI_BACKEND_URL": url(state)}


def url(state: Path, password: str = "") -> str:
    """The URL of the database, as ``PULUMI_BACKEND_URL`` takes it, without a password unless one is given."""
    account = f"{ACCOUNT}:{password}" if password else ACCOUNT
    return f"postgres://{account}@127.0.0.1:{port(state, _NAME)}/{DATABASE}?sslmode=disable"


def query(state: Path, statement: str) -> str:
    """Ask the database something; the values alone, a row a line."""
    return _psql(port(state, _NAME), DATABASE, statement)


def down(state: Path) -> None:
    """End the server, and remove what it keeps; one that is not up is left alone."""
    processes.stop(state, _NAME)
    shutil.rmtree(_data(state), ignore_errors=True)


def _initialise(data: Path) -> None:
    data.mkdir(mode=0o700)
    secret = data.with_suffix(".password")
    secret.touch(mode=0o600)
    secret.write_text(PASSWORD)
    if os.geteuid() == 0:
        user = pwd.getpwnam("postgres")
        for each in (data, secret):
            os.chown(each, user.pw_uid, user.pw_gid)
    flags = ("--username", ACCOUNT, "--pwfile", str(secret), "--auth", "scram-sha-256", "--no-sync")
    _run("initdb", "-D", str(data), *flags, prefix=_as_user())
    secret.unlink()


def _psql(number: int, database: str, statement: str) -> str:
    flags = ("-h", "127.0.0.1", "-p", str(number), "-U", ACCOUNT, "-d", database, "-At", "-c", statement)
    return _run("psql", *flags, PGPASSWORD=PASSWORD).strip()


def _missing(number: int) -> str | None:
    argv = (_program("pg_isready"), "-q", "-h", "127.0.0.1", "-p", str(number))
    ready = subprocess.run(argv, timeout=_TIMEOUT, check=False).returncode == 0
    return None if ready else "does not take connections yet"


def _run(name: str, *flags: str, prefix: Sequence[str] = (), **env: str) -> str:
    done = subprocess.run(
        (*prefix, _program(name), *flags),
        env={**os.environ, **env},
        cwd="/",
        capture_output=True,
        text=True,
        timeout=_TIMEOUT,
        check=False,
    )
    if done.returncode:
        raise LabError(f"{_NAME}: {name} failed", details=tuple(done.stderr.splitlines()[-5:]))
    return done.stdout


def _as_user() -> tuple[str, ...]:
    return ("setpriv", "--reuid=postgres", "--regid=postgres", "--init-groups") if os.geteuid() == 0 else ()


def _program(name: str) -> str:
    """Debian keeps the programs of each version in a folder of its own, off the PATH."""
    found = sorted(_FOLDERS.glob(f"*/bin/{name}"))
    if not found:
        raise LabError(f"{_NAME}: there is no {name}", remedy=f"apt-get install {PACKAGE}")
    return str(found[-1])


def _data(state: Path) -> Path:
    return Path(tempfile.gettempdir()) / f"hub2ghcr-lab-postgres-{port(state, _NAME)}"
