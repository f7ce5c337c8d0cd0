"""Makes ``.venv``: every Python package at the version and with the hashes of ``requirements-dev.lock``.

Runs on whatever ``python3`` there is, with nothing installed, and costs nothing when there is nothing to do. It must
parse on any Python 3, so that one that is too old gets a clear line.
"""

import hashlib
import os
import shutil
import subprocess
import sys
import time

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
VENV = os.path.join(ROOT, ".venv")
STAMP = os.path.join(VENV, "made-from")
LOCK = os.path.join(ROOT, "requirements-dev.lock")
MINIMUM = (3, 11)


def main() -> int:
    """Make or renew ``.venv``; 0 when it is there, 1 with one clear line when it cannot be."""
    if sys.version_info < MINIMUM:
        return _refuse(
            "Python {}.{} is too old: {}.{} or newer is needed".format(*sys.version_info[:2], *MINIMUM),
            "install one, and name it: make PYTHON=/path/to/python3.11",
        )
    wanted = _wanted()
    if _made_from() == wanted:
        return 0
    begun = time.monotonic()
    python = os.path.join(VENV, "bin", "python")
    if not _works(python):
        _say("[1/3] virtual environment .venv")
        shutil.rmtree(VENV, ignore_errors=True)
        if not _venv():
            return _refuse(
                f"{sys.executable} cannot make a virtual environment",
                "as root on Debian: apt-get install python3-venv",
            )
    _say("[2/3] Python packages of requirements-dev.lock (about a minute)")
    if not _pip(python, "--require-hashes", "-r", LOCK):
        return _refuse("pip could not install requirements-dev.lock", "see above; then run it again")
    _say("[3/3] this checkout")
    if not _pip(python, "--no-deps", "--no-build-isolation", "-e", ROOT):
        return _refuse("pip could not install this checkout", "see above; then run it again")
    with open(STAMP + ".tmp", "w") as stamp:
        stamp.write(wanted)
    os.replace(STAMP + ".tmp", STAMP)
    _say(f".venv ready in {time.monotonic() - begun:.0f} s")
    return 0


def _wanted() -> str:
    digest = hashlib.sha256(f"{sys.version}{ROOT}".encode())
    for name in ("requirements-dev.lock", "requirements.txt", "pyproject.toml", "setup.py"):
        with open(os.path.join(ROOT, name), "rb") as file:
            digest.update(file.read())
    return digest.hexdigest()


def _made_from() -> str:
    try:
        with open(STAMP) as stamp:
            return stamp.read()
    except OSError:
        return ""


def _works(python: str) -> bool:
    """Whether there is a virtual environment of this Python, pip included."""
    question = "import sys, pip; print('%d.%d' % sys.version_info[:2])"
    try:
        told = subprocess.run([python, "-c", question], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=False)
    except OSError:
        return False
    return told.stdout.decode().strip() == "{}.{}".format(*sys.version_info[:2])


def _venv() -> bool:
    """Make ``.venv``. Debian keeps what that takes in a package of its own, which root may install."""
    command = [sys.executable, "-m", "venv", VENV]
    if subprocess.run(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, check=False).returncode == 0:
        return True
    if os.geteuid() != 0 or not shutil.which("apt-get"):
        return False
    _say("      python3-venv is missing: apt-get install python3-venv")
    environment = dict(os.environ, DEBIAN_FRONTEND="noninteractive")
    for arguments in (["update"], ["install", "--yes", "--no-install-recommends", "python3-venv"]):
        apt = ["apt-get", "--quiet", "-o", "DPkg::Lock::Timeout=120", *arguments]
        if subprocess.run(apt, env=environment, stdin=subprocess.DEVNULL, stdout=sys.stderr, check=False).returncode:
            return False
    shutil.rmtree(VENV, ignore_errors=True)
    return subprocess.run(command, stdin=subprocess.DEVNULL, check=False).returncode == 0


def _pip(python: str, *arguments: str) -> bool:
    command = [python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-input"]
    return subprocess.run(command + list(arguments), stdin=subprocess.DEVNULL, stdout=sys.stderr).returncode == 0


def _refuse(what: str, remedy: str) -> int:
    _say(f"bootstrap: {what}\n  remedy: {remedy}")
    return 1


def _say(line: str) -> None:
    sys.stderr.write(line + "\n")
    sys.stderr.flush()


def _told() -> int:
    try:
        return main()
    except KeyboardInterrupt:
        _say("bootstrap: interrupted; the same command goes on")
        return 130
    except OSError as error:
        return _refuse(f"{error.strerror or error}: {error.filename}", "make the checkout a folder that you can write")


if __name__ == "__main__":
    sys.exit(_told())
