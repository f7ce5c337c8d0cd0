"""The tree of a commit, as files in a folder of their own. Nothing of it is executed; the checkout stays as it is."""

from __future__ import annotations

import tarfile
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from .. import git
from ..errors import PreviewError

DEFAULTS: Final = ("origin/HEAD", "origin/main", "origin/master", "main", "master")
"""Where the default branch may be, in this order; a clone has the first."""


def default_base(root: Path) -> str | None:
    """Return the commit that a checkout left the default branch at; None where git knows neither.

    On the default branch itself that is its last commit: what is not committed yet is compared with it.
    """
    for name in DEFAULTS:
        if (found := git.told(root, "merge-base", "HEAD", name)) is not None:
            return found
    return None


def merge_base(ref: str, root: Path) -> str:
    """Return the commit at which ``HEAD`` left ``ref``: what came to it since is no part of the change.

    Where history is too shallow to know, it is the commit of ``ref`` itself.

    Raises:
        PreviewError: git knows no such commit, or there is no git.
    """
    commit = None if ref.startswith("-") else git.told(root, "rev-parse", "--verify", "--quiet", f"{ref}^{{commit}}")
    if commit is None:
        remedy = f"fetch it, `git fetch origin {ref}`, or name another base"
        raise PreviewError("git knows no such commit here", "--base", ref, remedy)
    return git.told(root, "merge-base", "HEAD", commit) or commit


def commit_of(root: Path) -> str | None:
    """Return the commit of a checkout, with a ``+`` where files differ from it; None where there is none."""
    commit = git.told(root, "rev-parse", "--verify", "--quiet", "HEAD")
    if commit is None:
        return None
    # What is not tracked counts among the stacks alone: elsewhere it is whatever a run writes, such as this preview
    for files, where in (("no", "."), ("normal", "stacks")):
        if git.told(root, "status", "--porcelain", f"--untracked-files={files}", "--", where):
            return f"{commit}+"
    return commit


@contextmanager
def tree(commit: str, root: Path) -> Iterator[Path]:
    """Give the project's folder as a commit has it, for as long as the context lasts.

    Args:
        commit: as `merge_base` returns it.
        root: the project's folder, in the checkout.

    Raises:
        PreviewError: git does not give it.
    """
    with tempfile.TemporaryDirectory(prefix="hub2ghcr-base-") as folder:
        packed, unpacked = Path(folder, "tree.tar"), Path(folder, "tree")
        if not git.told(root, "ls-tree", commit, "./"):  # the change brings the folder
            unpacked.mkdir()
            yield unpacked
            return
        # Run in the project's folder, so that the archive has that folder alone, and paths as seen from it
        done = git.run(root, "archive", "--format=tar", f"--output={packed}", commit)
        if done.returncode:
            raise PreviewError("git does not give its files", commit, _last(done.stderr), "is the clone complete?")
        try:
            with tarfile.open(packed) as files:
                files.extractall(unpacked, filter=_inside)
        except (tarfile.TarError, OSError) as error:
            raise PreviewError("its files cannot be unpacked", commit, str(error)) from None
        packed.unlink()
        yield unpacked


def _inside(member: tarfile.TarInfo, folder: str) -> tarfile.TarInfo | None:
    """Leave out links that lead out of the folder: there they would lead elsewhere than in the checkout."""
    try:
        return tarfile.data_filter(member, folder)
    except (tarfile.AbsoluteLinkError, tarfile.LinkOutsideDestinationError):
        return None


def _last(text: bytes) -> str:
    return (text.decode(errors="replace").strip().splitlines() or [""])[-1]
