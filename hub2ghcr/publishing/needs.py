"""What a publish workflow needs of its repository: the folder that it builds, and the Dockerfile in it."""

from __future__ import annotations

from collections.abc import Callable
from posixpath import join, normpath

from ..errors import SettingsError
from .publish import Publish


def missing(publish: Publish, exists: Callable[[str], bool], place: str = "workflow") -> list[SettingsError]:
    """Return a problem for the first thing that the build would not find.

    Args:
        publish: what is built.
        exists: whether there is a file or a folder at a path of the repository.
        place: the settings path of the workflow.
    """
    if publish.context != "." and not exists(publish.context):
        remedy = "name the folder that is built, or push it first"
        return [SettingsError("no such folder in the repository", f"{place}.context", publish.context, remedy)]
    dockerfile = normpath(join(publish.context, publish.dockerfile))
    if not exists(dockerfile):
        remedy = "name it as seen from `context`, or push it first"
        return [SettingsError("no such file in the repository", f"{place}.dockerfile", dockerfile, remedy)]
    return []
