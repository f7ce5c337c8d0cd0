"""All checks of one build, before anything starts."""

from __future__ import annotations

from collections.abc import Iterator

from .context import DEFAULT, Seen, context_findings, dockerfile_names
from .dockerfile import dockerfile_findings
from .finding import Finding


def check(
    context: str = DEFAULT,
    sub_path: str = "",
    dockerfile: str = "Dockerfile",
    seen: Seen | None = None,
    *,
    target: str = "",
    rootless: bool = False,
    archived: bool = True,
) -> tuple[Finding, ...]:
    """Return what is to be said of a build, in the order of its parts.

    Args:
        context: as ``--context`` says it to the executor.
        sub_path: ``--context-sub-path``.
        dockerfile: ``--dockerfile``.
        seen: what is in the context (`seen`), before its sub-path is applied; None where it cannot be seen from here.
        target: ``--target``.
        rootless: whether the executor runs without being root.
        archived: whether it is the archived one.
    """
    found = _findings(context, sub_path, dockerfile, seen, target=target, rootless=rootless, archived=archived)
    return tuple(found)


def _findings(
    context: str,
    sub_path: str,
    dockerfile: str,
    seen: Seen | None,
    *,
    target: str,
    rootless: bool,
    archived: bool,
) -> Iterator[Finding]:
    yield from context_findings(context, sub_path, seen)
    names = dockerfile_names(context, sub_path, dockerfile)
    if seen is None or "://" in dockerfile:
        return
    if not names:
        yield Finding("dockerfile", f"leads out of the context: {dockerfile}", "name a file inside it")
        return
    there = [name for name in names if name in seen.every]
    if not there:
        yield Finding("dockerfile", f"{dockerfile} is not in the context", f"it is looked for as {', '.join(names)}")
        return
    if len(there) > 1:
        told = f"there are two: {there[0]} is taken, not {there[1]}"
        yield Finding("dockerfile", told, f"write --dockerfile={there[1]} if you mean that one", stops=False)
    data = seen.dockerfiles.get(there[0])
    if data is None:
        yield Finding("dockerfile", f"{there[0]} is no file", "name a file")
        return
    base = sub_path if "://" in context else ""
    yield from dockerfile_findings(data, there[0], seen, base, target=target, rootless=rootless, archived=archived)
