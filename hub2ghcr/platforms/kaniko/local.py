"""A build made ready on this machine: its context checked, and packed where it is handed over."""

from __future__ import annotations

import posixpath
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from ...errors import SettingsError, raise_all
from .build import ARCHIVED, Build
from .checking import check
from .context import dockerfile_names
from .packing import digest_of, pack
from .seeing import seen


@dataclass(frozen=True)
class Ready:
    """A build that can begin.

    Attributes:
        build: with the digest of what is handed over.
        archive: the ``.tar.gz`` to hand over; None for what the executor fetches.
        notes: what does not stop it, and is worth a line.
    """

    build: Build
    archive: Path | None
    notes: tuple[str, ...]


@contextmanager
def ready(build: Build, root: Path) -> Iterator[Ready]:
    """Check a build, and pack its folder; what was packed is gone when the context ends.

    Args:
        build: what is to be built.
        root: the folder that paths of contexts begin at.

    Raises:
        Problems: a context that cannot be read, or that the executor could not build.
    """
    where = root / build.context.where
    if build.context.kind == "folder":
        if not where.is_dir():
            raise SettingsError("the context is no folder", build.context.where, remedy="name the folder to build")
        with tempfile.TemporaryDirectory(prefix="hub2ghcr-build-") as temporary:
            packed = Path(temporary) / "context.tar.gz"
            with packed.open("wb") as file:
                # as paths of the folder are written: ./Dockerfile is a Dockerfile that is never left out, too
                dockerfile = posixpath.normpath(f"{build.sub_path.strip('/') or '.'}/{build.dockerfile}")
                content = pack(where, dockerfile, file)
            yield _checked(replace(build, content=content), packed)
    elif build.context.kind == "archive":
        yield _checked(replace(build, content=digest_of(where)), where)
    else:
        yield _checked(build, None)


def _checked(build: Build, archive: Path | None) -> Ready:
    flag = build.context.flag
    held = seen(archive, dockerfile_names(flag, build.sub_path, build.dockerfile)) if archive else None
    found = check(flag, build.sub_path, build.dockerfile, held, archived=ARCHIVED in build.executor)
    raise_all(each.error(build.context.where) for each in found if each.stops)
    return Ready(build, archive, tuple(str(each) for each in found))
