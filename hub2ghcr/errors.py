"""All errors of hub2ghcr: one tree, one line each, never a traceback for a user.

::

    Hub2GhcrError                 place, what is wrong, offending value, remedy
    ├── InvalidReference          an image name that does not parse (also a ValueError)
    ├── MappingError              a mapping rule, or two sources that share a target
    ├── ManifestError             a manifest that cannot be read or holds what we refuse
    ├── LockError                 images.lock.yaml is missing, malformed or lacks an image
    ├── InventoryError            stacks/<stack>.inventory.yaml is malformed, or is not what the cluster holds
    ├── SettingsError             the stack's configuration
    │   └── NoSuchStack           there is no stacks/Pulumi.<stack>.yaml
    ├── CredentialError           a credential's value is missing, malformed or in plain text
    ├── RegistryError             what a registry answered
    │   ├── Unreachable           no answer: refused connection, timeout, unknown host
    │   ├── AccessRefused         401 or 403
    │   ├── NotFound              404: no such repository, tag, digest or blob
    │   ├── RateLimited           429 after the last retry
    │   │   └── BudgetSpent       no pulls left: the registry's for hours, or those of the run
    │   └── DigestMismatch        the bytes are not what their digest says
    ├── ArchiveError              an image archive that cannot be read, or lacks something
    ├── ClusterError              what a cluster answered, or a kubeconfig that does not reach it
    │   ├── Conflict              409: somebody else changed the object, or owns its fields
    │   ├── Refused               400, 403, 422 …: the API server says no
    │   └── Unavailable           it does not answer, or not now (429, 5xx): it may be restarting
    ├── GitHubError               what GitHub's API answered
    ├── EngineError               what the Pulumi engine answered
    ├── PreviewError              what a preview compares, or was handed, cannot be read
    └── Problems                  many of the above, found in one run
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Self

from .token_shapes import redacted


class Hub2GhcrError(Exception):
    """What is wrong, where (``path``: a file, a settings path), the offending ``value`` and a ``remedy``.

    ``str(error)`` is one line. A secret's value must never be passed; what looks like a token is taken out.
    """

    def __init__(self, what: str, path: str = "", value: str = "", remedy: str = "") -> None:
        super().__init__(what, path, value, remedy)
        self.what = what
        self.path = path
        self.value = value
        self.remedy = remedy

    @classmethod
    def of(cls, error: Hub2GhcrError) -> Self:
        """Return an error as one of this class: a stack file that cannot be read is an error of its settings."""
        return cls(error.what, error.path, error.value, error.remedy)

    def at(self, path: str) -> Self:
        """Return the same error at ``path``; a path it already has is kept behind it."""
        return type(self)(self.what, f"{path}: {self.path}" if self.path else path, self.value, self.remedy)

    @property
    def lines(self) -> tuple[str, ...]:
        """One line for each problem."""
        return (str(self),)

    def __str__(self) -> str:
        place = f"{self.path}: " if self.path else ""
        value = f": {_printable(self.value)}" if self.value else ""
        remedy = f"; {self.remedy}" if self.remedy else ""
        return redacted(" ".join(f"{place}{self.what}{value}{remedy}".split()))


class InvalidReference(Hub2GhcrError, ValueError):
    """An image reference that breaks the grammar of distribution/reference."""


class MappingError(Hub2GhcrError):
    """A mapping rule that cannot hold, or two sources that would share one target."""


class ManifestError(Hub2GhcrError):
    """A manifest that cannot be read, or holds something that is refused."""


class LockError(Hub2GhcrError):
    """The lock file is missing, malformed, or lacks or contradicts an image."""


class InventoryError(Hub2GhcrError):
    """An inventory file is malformed, missing where it is needed, or not what the cluster holds any more."""


class SettingsError(Hub2GhcrError):
    """A key of the stack's configuration: unknown, of the wrong type, missing, contradictory."""


class NoSuchStack(SettingsError):
    """The stack has no file in ``stacks/``."""


class CredentialError(Hub2GhcrError):
    """A credential's value is missing, malformed, or stands somewhere in plain text."""


class RegistryError(Hub2GhcrError):
    """A registry answered something that stops the work."""


class Unreachable(RegistryError):
    """Nothing answered: connection refused, timed out, or the host is unknown."""


class AccessRefused(RegistryError):
    """401 or 403."""


class NotFound(RegistryError):
    """404: no such repository, tag, digest or blob (private ones look the same from outside)."""


class RateLimited(RegistryError):
    """429 after the last retry."""


class BudgetSpent(RateLimited):
    """No pulls are left: those that a registry allows in a window of hours, or those that the run may spend."""


class DigestMismatch(RegistryError):
    """Content whose bytes do not have the digest they were asked or sent by."""


class ArchiveError(Hub2GhcrError):
    """An image archive that cannot be read, holds what is refused, or lacks what it should hold."""


class ClusterError(Hub2GhcrError):
    """A cluster is unreachable, refuses a credential, or its kubeconfig does not reach it."""


class Conflict(ClusterError):
    """409: an object that somebody else changed meanwhile, or an apply of fields that others own.

    ``managers`` are the field managers that own the ``fields`` (``.spec.template.spec.containers[name="web"].image``),
    both sorted; empty where the object changed.
    """

    def __init__(
        self,
        what: str,
        path: str = "",
        value: str = "",
        remedy: str = "",
        *,
        managers: tuple[str, ...] = (),
        fields: tuple[str, ...] = (),
    ) -> None:
        super().__init__(what, path, value, remedy)
        self.managers, self.fields = managers, fields

    def at(self, path: str) -> Self:
        """Return the same error at ``path``; a path it already has is kept behind it."""
        place = f"{path}: {self.path}" if self.path else path
        return type(self)(self.what, place, self.value, self.remedy, managers=self.managers, fields=self.fields)


class Refused(ClusterError):
    """The API server says no, in its own words; ``reason`` is that of its ``Status``, ``AlreadyExists``."""

    def __init__(self, what: str, path: str = "", value: str = "", remedy: str = "", *, reason: str = "") -> None:
        super().__init__(what, path, value, remedy)
        self.reason = reason

    @property
    def forbidden(self) -> bool:
        """Whether the credential may not do that: another one may."""
        return self.reason == "Forbidden"

    def at(self, path: str) -> Self:
        """Return the same error at ``path``; a path it already has is kept behind it."""
        place = f"{path}: {self.path}" if self.path else path
        return type(self)(self.what, place, self.value, self.remedy, reason=self.reason)


class Unavailable(ClusterError):
    """An API server that does not answer, or has no answer now (429, 5xx): it may be restarting, or overloaded."""


class GitHubError(Hub2GhcrError):
    """GitHub's API is unreachable or refuses something; ``status`` is that of its answer, 0 where there is none."""

    def __init__(self, what: str, path: str = "", value: str = "", remedy: str = "", *, status: int = 0) -> None:
        super().__init__(what, path, value, remedy)
        self.status = status

    def at(self, path: str) -> Self:
        """Return the same error at ``path``; a path it already has is kept behind it."""
        place = f"{path}: {self.path}" if self.path else path
        return type(self)(self.what, place, self.value, self.remedy, status=self.status)


class EngineError(Hub2GhcrError):
    """The Pulumi engine failed, is missing or too old."""


class PreviewError(Hub2GhcrError):
    """What a preview compares, or was handed, cannot be read: a commit, a folder, an artefact."""


class Problems(Hub2GhcrError):
    """Every problem of one run, sorted, without repetition; ``str`` gives one line each."""

    def __init__(self, problems: Iterable[Hub2GhcrError]) -> None:
        flat: dict[str, Hub2GhcrError] = {}
        for problem in problems:
            for each in problem.problems if isinstance(problem, Problems) else (problem,):
                flat.setdefault(str(each), each)
        self.problems: tuple[Hub2GhcrError, ...] = tuple(flat[line] for line in sorted(flat))
        super().__init__(f"{len(self.problems)} problems")

    def at(self, path: str) -> Self:
        """Return the same problems, each at ``path``."""
        return type(self)(problem.at(path) for problem in self.problems)

    @property
    def lines(self) -> tuple[str, ...]:
        """One line for each problem."""
        return tuple(str(problem) for problem in self.problems)

    def __iter__(self) -> Iterator[Hub2GhcrError]:
        return iter(self.problems)

    def __str__(self) -> str:
        return "\n".join(self.lines)


def raise_all(problems: Iterable[Hub2GhcrError]) -> None:
    """Raise `Problems` if there are any."""
    found = Problems(problems)
    if found.problems:
        raise found


def _printable(value: str) -> str:
    """Quote a value for one line of a terminal: control characters escaped, length bounded."""
    shown = value if len(value) <= 200 else value[:200] + "…"
    return repr(shown)
