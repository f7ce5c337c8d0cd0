"""Where a build's files come from: the forms of ``--context``, and where the Dockerfile is looked for.

What holds was read from kaniko v1.24.0 (``cmd/executor/cmd/root.go``, ``pkg/buildcontext``): ``gs://``, ``s3://``,
``dir://``, ``tar://``, ``git://`` and ``https://``; without ``://`` it is a local directory. ``git://`` is kaniko's own
scheme: it clones ``https://`` (or ``http://``, by ``GIT_PULL_METHOD``), never Git's own protocol, which GitHub ended.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from typing import Final

from .finding import Finding

DEFAULT: Final = "/workspace/"
"""The context where none is said (kaniko's ``--context``)."""
WORKDIR: Final = "/workspace"
"""The working directory of the executor's image: a relative Dockerfile is looked for there first."""
UNPACKED: Final = "/kaniko/buildcontext"
"""Where the executor puts a context that it fetches."""

_SCHEMES: Final = ("dir://", "tar://", "git://", "https://", "gs://", "s3://")
_HASH: Final = re.compile(r"[0-9a-f]{40}|[0-9a-f]{64}")
_SSH: Final = re.compile(r"[\w.-]+@[\w.-]+:(?!//)")
_AZURE: Final = re.compile(
    r"https://.+?\.blob\.core\.(windows\.net|chinacloudapi\.cn|cloudapi\.de|usgovcloudapi\.net)/"
)
_FORGES: Final = frozenset({"github.com", "gitlab.com", "bitbucket.org", "codeberg.org"})
_TAR: Final = re.compile(r"\.tar\.gz$|\.tgz$|/(?:archive|tarball|-/archive)/")


@dataclass(frozen=True)
class Seen:
    """A context as far as it can be seen from here.

    Attributes:
        names: its files and folders, relative, with ``/``; folders above a file need not be listed.
        dockerfiles: the bytes of those files that may be its Dockerfile, by name.
    """

    names: frozenset[str]
    dockerfiles: dict[str, bytes] = field(default_factory=dict)

    @cached_property
    def every(self) -> frozenset[str]:
        """Its files, and all folders above them."""
        found = set(self.names)
        for name in self.names:
            while name := posixpath.dirname(name):
                found.add(name)
        return frozenset({*found, "."})


def local(context: str) -> str | None:
    """Return the directory in the executor's container that a context is; None for one that it fetches."""
    scheme, sign, rest = context.partition("://")
    if not sign:
        return context or DEFAULT
    return rest if scheme == "dir" else None


def dockerfile_names(context: str, sub_path: str = "", dockerfile: str = "Dockerfile") -> tuple[str, ...]:
    """Return where in a context the executor looks for the Dockerfile, in its order; nothing where it is a URL.

    What it names from the working directory comes before what stands in the context: so a ``Dockerfile`` at the top of
    ``/workspace`` is taken before that of a sub-path.
    """
    if re.match(r"https?://", dockerfile):
        return ()
    at = local(context)
    root = posixpath.normpath(posixpath.join(WORKDIR, at)) if at is not None else UNPACKED
    base = posixpath.join(root, sub_path.strip("/")) if "://" in context else root
    tried = (posixpath.join(WORKDIR, dockerfile), posixpath.join(base, dockerfile.lstrip("/")))
    below = [posixpath.relpath(posixpath.normpath(each), root) for each in tried]
    return tuple(dict.fromkeys(each for each in below if not each.startswith("..")))


def context_findings(context: str, sub_path: str = "", names: Seen | None = None) -> Iterator[Finding]:
    """Yield what is to be said of ``--context`` and ``--context-sub-path``."""
    scheme = next((each for each in _SCHEMES if context.startswith(each)), "")
    if scheme == "git://":
        yield from _git(context.removeprefix(scheme))
    elif scheme == "https://":
        yield from _https(context)
    elif not scheme and ("://" in context or _SSH.match(context)):
        said = context.partition("://")[0] + "://" if "://" in context else "an SSH address"
        told = "write git://HOST/PATH#refs/heads/BRANCH: it is cloned over https"
        fetched = said.startswith(("ssh", "git+", "http:", "an SSH"))
        remedy = told if fetched else f"write one of {', '.join(_SCHEMES)}"
        yield Finding("context", f"kaniko does not know {said}", remedy)
    elif not scheme and sub_path:
        remedy = f"write dir://{posixpath.join(WORKDIR, context or DEFAULT).rstrip('/')}"
        yield Finding("context-sub-path", "kaniko leaves it out where the context has no scheme", remedy)
        return
    clean = posixpath.normpath(sub_path.strip("/") or ".")
    if clean.startswith(".."):
        yield Finding("context-sub-path", f"leads out of the context: {sub_path}", "name a folder inside it")
    elif names is not None and clean not in names.every:
        yield Finding("context-sub-path", f"is not in the context: {sub_path}", "correct it")
    elif names is not None and clean in names.dockerfiles:
        yield Finding("context-sub-path", f"is a file: {sub_path}", "name a folder")


def _git(rest: str) -> Iterator[Finding]:
    url, _, reference = rest.partition("#")
    if "://" in rest:
        inner = rest.partition("://")[2]
        shown = inner.rpartition("@")[2]
        yield Finding(
            "context", "a second :// in a git:// context is cut off with all behind it", f"write git://{shown}"
        )
        return
    host, _, _ = url.partition("/")
    if "@" in host:
        remedy = "set GIT_USERNAME and GIT_PASSWORD, or GIT_TOKEN, from a Secret"
        yield Finding("context", "a credential in the address stands in the Pod for everybody who may read it", remedy)
        host = host.rpartition("@")[2]
    if host.endswith(":9418"):
        told = "kaniko clones over https, and 9418 is the port of Git's own protocol"
        yield Finding("context", told, f"write git://{host.removesuffix(':9418')}/…")
    name = reference.partition("#")[0]
    if name and not name.startswith("refs/") and not _HASH.fullmatch(name):
        told = f"executors before v1.24 find a reference by its whole name alone, and {name!r} is none"
        yield Finding("context", told, f"write refs/heads/{name}, refs/tags/{name}, or a whole commit", stops=False)
    if not name:
        told = "no reference: each build takes what the default branch is then"
        yield Finding("context", told, "write #refs/heads/BRANCH, or #COMMIT", stops=False)
    told = (
        "git:// is kaniko's own scheme: it clones over https (http with GIT_PULL_METHOD=http), not Git's own protocol"
    )
    yield Finding("context", told, "let the network policy allow port 443", stops=False)


def _https(context: str) -> Iterator[Finding]:
    host, _, path = context.removeprefix("https://").partition("/")
    path = path.partition("?")[0].partition("#")[0]
    if "@" in host:
        told = "a credential in the address stands in the Pod for everybody who may read it"
        yield Finding("context", told, "use an address that needs none, or another context")
    forge = host.rpartition("@")[2] in _FORGES and not _TAR.search(path)
    if not _AZURE.match(context) and (forge or path.endswith(".git")):
        told = "kaniko reads https:// as a compressed tar, and this is a Git repository"
        yield Finding("context", told, f"write git://{host.rpartition('@')[2]}/{path}")
