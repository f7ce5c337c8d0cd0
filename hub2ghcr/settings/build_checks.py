"""What the keys of one build cannot say alone."""

from __future__ import annotations

from collections.abc import Iterator

from ..errors import SettingsError
from .builds import BuildSettings, ContextSettings
from .schema import Settings


def build_problems(settings: Settings, build: BuildSettings, path: str) -> Iterator[SettingsError]:
    """Require one source of files, a registry that images may move to, and somebody who pushes there."""
    yield from _context(build.context, f"{path}.context")
    host = build.image.partition("/")[0]
    for key, image in (("image", build.image), ("cache", build.cache)):
        if image is None:
            continue
        if image.partition("/")[0] not in settings.homes:
            yield SettingsError("is no name on GHCR", f"{path}.{key}", image, "write ghcr.io/OWNER/NAME")
        elif image.partition("/")[0] != host:
            yield SettingsError("is on another registry than `image`", f"{path}.{key}", image, f"write {host}/…")
    declared = settings.registries.get(host)
    if build.pushCredential is None and (declared is None or declared.push is None):
        remedy = f"name a credential, or set `registries.{host}.push`"
        yield SettingsError("is missing: nobody pushes", f"{path}.pushCredential", remedy=remedy)


def _context(context: ContextSettings, path: str) -> Iterator[SettingsError]:
    named = [name for name in ("git", "archive", "folder") if getattr(context, name) is not None]
    if len(named) != 1:
        what = "is one of `git`, `archive` and `folder`" + (f", not {' and '.join(named)}" if named else "")
        yield SettingsError(what, path, remedy="name one of them")
    for key, value in (("ref", context.ref), ("credential", context.credential)):
        if value is not None and context.git is None:
            yield SettingsError("goes with `git`", f"{path}.{key}", value, "remove it")
