"""What a pull request's own run claims, put beside what was made by a run that the change could not rewrite."""

from __future__ import annotations

from dataclasses import replace

from .nouns import Preview, StackPreview


def claimed(preview: Preview) -> Preview:
    """Return a preview as somebody claims it: whatever it says of how it was made, it names no engine."""
    return replace(preview, stacks=tuple(map(_claimed, preview.stacks)))


def joined(made: Preview | None, claims: Preview) -> Preview:
    """Return what was made, and of the stacks that it could not preview what is claimed.

    Args:
        made: by a run that can be trusted; None where there was none.
        claims: by the pull request's own run.
    """
    told = {each.stack: each for each in claimed(claims).stacks}
    if made is None:
        return replace(claims, stacks=tuple(told.values()))
    return replace(made, stacks=tuple(_filled(each, told.get(each.stack)) for each in made.stacks))


def _filled(stack: StackPreview, told: StackPreview | None) -> StackPreview:
    return stack if stack.mode != "none" or told is None else replace(told, why=stack.why)


def _claimed(stack: StackPreview) -> StackPreview:
    return replace(stack, mode="claimed", why="", steps=())
