"""The parts of a stack's preview as tables: a title, a header, rows of plain texts. Markdown and HTML show the same."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from ..amounts import many, size_of
from .nouns import Change, Mode, Preview, StackPreview
from .thing import SHOWN


@dataclass(frozen=True, slots=True)
class Part:
    """One table of a stack's preview."""

    title: str
    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


COUNTED = ("stack", "made with", "images", "copies", "at most", "pulls", "Secrets", "clusters", "GitHub", "warnings")
"""The header of `counted`."""


def counted(stack: StackPreview) -> tuple[str, ...]:
    """Return a stack's row of the table of all; a dash where nothing is."""
    if stack.problems:
        return (stack.stack, f"problems: {len(stack.problems)}", *["-"] * (len(COUNTED) - 2))
    numbers = (len(stack.images), len(stack.copies))
    after = (stack.pulls, len(stack.secrets), len(stack.workloads), len(stack.github), len(stack.warnings))
    size = size_of(stack.bytes) if stack.bytes else "-"
    return (stack.stack, stack.mode, *map(_number, numbers), size, *map(_number, after))


def headline(preview: Preview) -> str:
    """Return what all of it comes to, in one line."""
    changing = sum(each.changes for each in preview.stacks)
    broken = sum(bool(each.problems) for each in preview.stacks)
    said = [f"Something changes in {changing} of {many(len(preview.stacks), 'stack')}"]
    if broken:
        said.append(f"{broken} with problems")
    if preview.copies:
        said.append(f"{many(len(preview.copies), 'image')} to copy, at most {size_of(preview.bytes)}")
        said.append(f"at most {many(preview.pulls, 'pull')} of Docker Hub's allowance")
    return "; ".join(said)


def made_with(stack: StackPreview) -> str:
    """Return in one sentence what a stack's preview was made with; why it was not the engine is told beside it."""
    return _MADE[stack.mode]


_MADE: Final[Mapping[Mode, str]] = {
    "engine": "Made with the engine, and from plan, lock and inventory",
    "plan": "Made from plan, lock and inventory alone, without the engine",
    "claimed": "Claimed by the pull request's own run, without the engine; nobody has checked it",
    "none": "Not previewed",
}


def parts(stack: StackPreview) -> Iterator[Part]:
    """Yield the tables of a stack that have rows."""
    found = (
        Part("Problems", ("what is wrong",), tuple((each,) for each in stack.problems)),
        Part("The engine will", ("what", "name", "fields", "not known yet"), tuple(_steps(stack))),
        Part("Images", ("cluster", "namespace", "workload", "field", "now", "then"), tuple(_images(stack))),
        Part("Copies", ("source", "target", "digest", "at most", "pulls", "by"), tuple(_copies(stack))),
        Part("Secrets", _CHANGED, tuple(_changes(stack.secrets))),
        Part("Clusters", _CHANGED, tuple(_changes(stack.workloads))),
        Part("GitHub", _CHANGED, tuple(_changes(stack.github))),
        Part("Warnings that are new", ("warning",), tuple((each,) for each in stack.warnings)),
    )
    yield from (each for each in found if each.rows)


_CHANGED = ("what", "name", "is", "in words")


def _steps(stack: StackPreview) -> Iterator[tuple[str, ...]]:
    for each in stack.steps:
        paths = ", ".join(each.paths[:SHOWN])
        more = f", and {len(each.paths) - SHOWN} more" if len(each.paths) > SHOWN else ""
        yield f"{each.operation} {each.type}", each.name, paths + more, each.unsure


def _images(stack: StackPreview) -> Iterator[tuple[str, ...]]:
    for each in stack.images:
        yield each.cluster, each.namespace, each.workload, each.field, _shorter(each.before), _shorter(each.after)


def _copies(stack: StackPreview) -> Iterator[tuple[str, ...]]:
    for each in stack.copies:
        by = "hub2ghcr copy, before" if each.required else "up"
        target = each.target.partition("@")[0]
        yield _shorter(each.source), target, _short(each.digest), size_of(each.size), _pulls(each.pulls, each), by


def _pulls(pulls: int, each: object) -> str:
    unknown = getattr(each, "manifests", 0) == 0 and pulls
    return f"{pulls} or more" if unknown else str(pulls)


def _changes(found: Iterable[Change]) -> Iterator[tuple[str, ...]]:
    for each in found:
        yield each.kind, each.name, each.action, each.detail


def _number(count: int) -> str:
    return str(count) if count else "-"


def _shorter(text: str) -> str:
    """Shorten a digest to what a person compares; JSON has it whole."""
    name, at, digest = text.partition("@")
    return f"{name}@{_short(digest)}" if at else text


def _short(digest: str) -> str:
    return digest[: len("sha256:") + 12]
