"""A project of Rancher: a group of namespaces of one cluster, and the marks by which its Secrets are known.

A project-scoped Secret lies in the project's backing namespace, in the cluster that Rancher itself runs in, with the
project's name as a label. Rancher copies it to every namespace that is annotated with the project, over whatever Secret
has that name there.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

SCOPED: Final = "management.cattle.io/project-scoped-secret"
"""The label of a project-scoped Secret and of its copies; its value is the project's name."""
COPY: Final = "management.cattle.io/project-scoped-secret-copy"
"""The annotation of a copy; its value is ``true``."""
LOCAL: Final = "local"
"""What Rancher calls the cluster that it runs in."""

_ID: Final = re.compile(r"([a-z0-9](?:[-a-z0-9]*[a-z0-9])?):([a-z0-9](?:[-a-z0-9]*[a-z0-9])?)")


@dataclass(frozen=True, slots=True, order=True)
class Project:
    """A project by the names that Rancher gave to its cluster and to itself (people see display names)."""

    cluster: str
    name: str

    @classmethod
    def parse(cls, text: str) -> Project:
        """Return the project that ``c-abc12:p-xyz34`` names.

        Raises:
            ValueError: it names none.
        """
        found = _ID.fullmatch(text)
        if found is None:
            raise ValueError("must be a project's ID such as c-abc12:p-xyz34")
        return cls(found[1], found[2])

    def __str__(self) -> str:
        return f"{self.cluster}:{self.name}"


def is_copy(secret: Mapping[str, Any]) -> bool:
    """Whether a live Secret is a copy that Rancher keeps: whoever changes it changes it for minutes."""
    return str((secret["metadata"].get("annotations") or {}).get(COPY)) == "true"


def is_copy_of(secret: Mapping[str, Any], project: Project) -> bool:
    """Whether a live Secret is the copy of a Secret of this very project."""
    return is_copy(secret) and (secret["metadata"].get("labels") or {}).get(SCOPED) == project.name
