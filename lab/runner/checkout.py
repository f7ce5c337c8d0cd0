"""``actions/checkout`` of a commit, into a folder that is named: a real repository, made of git's own objects.

https://github.com/actions/checkout#readme: other inputs are refused. The whole history comes, whatever ``fetch-depth``
says. As upstream's it leaves the token in the repository's configuration, unless it is told not to.
"""

from __future__ import annotations

import os
import subprocess
import zlib
from collections.abc import Mapping
from hashlib import sha1
from pathlib import Path

from lab import github_admin
from lab.runner import step
from lab.runner.step import StepError

KNOWN = ("fetch-depth", "path", "persist-credentials", "ref", "repository", "token")
"""Inputs that are followed."""


def main(inputs: Mapping[str, str]) -> dict[str, str]:
    """Put the files of ``ref`` (the event's commit where there is none) into ``path``."""
    if beyond := sorted(name for name, value in inputs.items() if value and name not in KNOWN):
        raise StepError(f"inputs that a lab's checkout does not follow: {', '.join(beyond)}")
    state = Path(os.environ["LAB_STATE"])
    owner, _, name = (inputs.get("repository") or os.environ["GITHUB_REPOSITORY"]).partition("/")
    wanted = inputs.get("ref") or os.environ["LAB_COMMIT"]
    commit, objects = github_admin.objects(state, owner, name, wanted)
    folder = Path(os.environ["GITHUB_WORKSPACE"]) / inputs.get("path", "")
    folder.mkdir(parents=True, exist_ok=True)
    _git(folder, "init", "--quiet")
    for each in objects:
        digest = sha1(each).hexdigest()
        place = folder / ".git" / "objects" / digest[:2] / digest[2:]
        place.parent.mkdir(exist_ok=True)
        place.write_bytes(zlib.compress(each))
    (folder / ".git" / "HEAD").write_text(f"{commit}\n")
    _git(folder, "reset", "--quiet", "--hard", commit)
    if step.truth(inputs.get("persist-credentials") or "true", "persist-credentials"):
        token = inputs.get("token") or os.environ["LAB_TOKEN"]
        _git(folder, "config", "http.https://github.com/.extraheader", f"AUTHORIZATION: basic {token}")
    print(f"checked out {commit}")
    return {"commit": commit, "ref": wanted}


def _git(folder: Path, *arguments: str) -> None:
    done = subprocess.run(["git", *arguments], cwd=folder, capture_output=True, text=True, timeout=60, check=False)
    if done.returncode:
        raise StepError(f"git {arguments[0]}: {done.stderr.strip()}")


if __name__ == "__main__":
    step.run(main)
