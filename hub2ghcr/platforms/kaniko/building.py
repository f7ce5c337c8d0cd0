"""A build, from its Job to the digest that GHCR holds; what it needed is gone in the end, however it ends."""

from __future__ import annotations

import hashlib
import re
import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Final

from ...cluster import Cluster
from ...credentials import Credential
from ...errors import AccessRefused, ClusterError, Hub2GhcrError, RegistryError
from ...registry import Registry
from ...token_shapes import redacted
from .build import RECEIVED, Build
from .job import KANIKO, RECEIVER, job, push_secret
from .running import Running

MANAGER: Final = "hub2ghcr"
_PIECE: Final = 1 << 16
_DIGEST: Final = re.compile(r"sha256:[0-9a-f]{64}")
_RECEIVE: Final = (
    f'head -c "$1" >{RECEIVED}.part && '
    f'if [ "$(sha256sum <{RECEIVED}.part)" = "$2  -" ]; then mv {RECEIVED}.part {RECEIVED}; '
    "else echo 'the context did not arrive whole' >&2; exit 1; fi"
)
"""Run with the size and the hash of what comes: standard input is not closed behind it."""


@dataclass(frozen=True)
class Site:
    """Where a build happens, and who pushes.

    ``registry`` is the one that the image goes to, and ``credential`` pushes there. ``tell`` is given every line of the
    log, from a thread of its own. ``clone`` opens a private Git repository.
    """

    cluster: Cluster
    namespace: str
    registry: Registry
    credential: Credential
    tell: Callable[[str], object]
    clone: Credential | None = None


@dataclass(frozen=True)
class Built:
    """What a build has made: its digest, and where it lies."""

    digest: str
    references: tuple[str, ...]


def build(wanted: Build, site: Site, content: Path | None = None, *, name: str = "", keep: bool = False) -> Built:
    """Build, push, and prove that the registry holds what was pushed.

    A Job of the same name, as a killed run leaves it, is removed first. The Secret that pushes never outlives the
    build; nor does the Job, unless ``keep`` leaves it with its log for an hour.

    Args:
        wanted: what is built.
        site: where.
        content: the ``.tar.gz`` of a context that is handed over.
        name: of the Job (default: that of this build).
        keep: whether the Job stays.

    Raises:
        ClusterError: the build cannot begin, does not end in time, or fails; with the last word of its log.
        RegistryError: what the registry holds is not what was pushed.
    """
    name = name or wanted.object_name()
    done = False
    try:
        running = Running(site.cluster, site.namespace, name, _begin(wanted, site, name), wanted.timeout)
        if content is not None:
            _hand_over(content, running)
        digest = _watched(wanted, site, running)
        _prove(wanted, site.registry, digest)
        done = True
    finally:
        _clear(site, name, keep=keep, quietly=not done)
    return Built(digest, tuple(f"{each}@{digest}" for each in wanted.destinations))


def _begin(wanted: Build, site: Site, name: str) -> str:
    """Make the Job, then its Secret, which goes with it; then let it go on. Return the Job's UID."""
    site.cluster.delete("batch/v1", "Job", site.namespace, name)
    made = site.cluster.create(job(wanted, site.namespace, name, suspended=True), manager=MANAGER)
    site.cluster.apply(push_secret(wanted, made, site.credential, site.clone), manager=MANAGER, force=True)
    site.cluster.apply(job(wanted, site.namespace, name, suspended=False), manager=MANAGER, force=True)
    return str(made["metadata"]["uid"])


def _hand_over(content: Path, running: Running) -> None:
    pod = running.receiver()
    with content.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
        file.seek(0)
        command = ["sh", "-c", _RECEIVE, "sh", str(content.stat().st_size), digest]
        running.cluster.feed(running.namespace, pod, RECEIVER, command, _pieces(file))


def _pieces(file: IO[bytes]) -> Iterator[bytes]:
    while piece := file.read(_PIECE):
        yield piece


def _watched(wanted: Build, site: Site, running: Running) -> str:
    """Tell the log, and return the digest that the executor told."""
    pod = running.begun()
    last: list[str] = []
    thread = threading.Thread(target=_tell, args=(site, pod, last), daemon=True)
    thread.start()
    ended = running.ended()
    thread.join(5)
    if ended.get("exitCode") != 0:
        raise _failed(wanted, running, [*last, *str(ended.get("message") or "").splitlines()])
    found = _DIGEST.search(str(ended.get("message") or ""))
    if found is None:
        remedy = "is the image that of kaniko's executor?"
        raise ClusterError("the build ended without a digest", running.place, wanted.executor, remedy)
    return found[0]


def _tell(site: Site, pod: str, last: list[str]) -> None:
    try:
        for line in site.cluster.log(site.namespace, pod, KANIKO):
            last[:] = [line] if line.strip() else last
            site.tell(redacted(line))
    except ClusterError as error:
        site.tell(f"(the log cannot be followed: {error})")


def _failed(wanted: Build, running: Running, words: Sequence[str]) -> Hub2GhcrError:
    told = next((each for each in reversed(words) if each.strip()), "without a word")
    if "push permission" in told or ("denied" in told.lower() and "PUT " in told):
        remedy = f"the credential {wanted.push or 'that pushes'} needs write:packages, and this package to let it in"
        return AccessRefused(f"the build may not push: {told}", running.place, remedy=remedy)
    return ClusterError(f"the build failed: {told}", running.place, remedy="its log says more")


def _prove(wanted: Build, registry: Registry, digest: str) -> None:
    host, _, repository = wanted.image.partition("/")
    for tag in wanted.tags:
        found = registry.head_manifest(repository, tag, push=True)
        if found is None or found.digest != digest:
            there = found.digest if found else "nothing"
            raise RegistryError(
                f"holds {there}, and the build told {digest}",
                f"{host}/{repository}:{tag}",
                remedy="somebody else pushes this tag, or the build pushed elsewhere: run it again",
            )


def _clear(site: Site, name: str, *, keep: bool, quietly: bool) -> None:
    """Remove the Secret, and the Job unless it stays; a failure of the build is told before one of this."""
    problem: Hub2GhcrError | None = None
    for api_version, kind in (("v1", "Secret"), *(() if keep else (("batch/v1", "Job"),))):
        try:
            site.cluster.delete(api_version, kind, site.namespace, name)
        except Hub2GhcrError as error:
            problem = problem or error
            if quietly:
                site.tell(f"not removed: {error}")
    if problem and not quietly:
        raise problem
