"""What a job's ``GITHUB_TOKEN`` may do: what its workflow says or, where it does not, the repository's settings.

https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-syntax#permissions
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

ALL = (
    "actions",
    "attestations",
    "checks",
    "contents",
    "deployments",
    "discussions",
    "id-token",
    "issues",
    "packages",
    "pages",
    "pull-requests",
    "security-events",
    "statuses",
)
"""Every permission, by the name that workflows give it."""

NEVER_READ = ("id-token",)
"""What ``read`` means nothing for."""


def held(workflow: Mapping[Any, Any], job: Mapping[str, Any], default: str, *, fork: bool) -> dict[str, str]:
    """Name to ``read`` or ``write``, without what the token may not do at all.

    ``default`` is the repository's setting, ``read`` or ``write``. For a pull request from a ``fork`` nothing is
    written, whatever the workflow says.
    """
    said = job.get("permissions", workflow.get("permissions"))
    found: dict[str, str]
    if said is None:
        found = dict.fromkeys(ALL, "write") if default == "write" else {"contents": "read", "packages": "read"}
        found.pop("id-token", None)
    elif isinstance(said, str):
        found = dict.fromkeys(ALL, said.removesuffix("-all"))
    else:
        found = {str(name): str(level) for name, level in said.items() if level != "none"}
    if fork:
        found = dict.fromkeys(found, "read")
    return {name: level for name, level in sorted(found.items()) if level == "write" or name not in NEVER_READ}
