"""What is told of one repository's files: what would be brought, what was, and what only people can go on with."""

from __future__ import annotations

from typing import Literal, NamedTuple

from .bringing import Brought
from .looking import Look


class Line(NamedTuple):
    """One line, or a few: a warning asks somebody to do something."""

    severity: Literal["info", "warning"]
    text: str


def of_look(look: Look) -> list[Line]:
    """Return what a look tells by itself, in a preview as in a run."""
    place, lines = look.delivery.place, list[Line]()
    if look.drift:
        what = f"{place}: {look.delivery.path} was changed by others, and stays as it is; what they made of it"
        remedy = "to have it from this stack again, delete it there: the next run brings it"
        lines.append(Line("warning", f"{what}:\n{look.drift}\n{remedy}"))
    lines += [Line("warning", f"{place}: {note}") for note in look.notes]
    match look.state:
        case "open":
            lines.append(Line("info", f"{place}: {look.url} waits to be merged"))
        case "closed":
            lines.append(_declined(place, look.url))
        case "theirs":
            lines.append(_theirs(place, look.url, look.delivery.branch))
    return lines


def foretold(look: Look) -> list[Line]:
    """Return what a run would bring; a preview says it."""
    if not look.acts or look.problems:
        return []
    files = ", ".join(f"{each.path}{'' if each.was else ' (new)'}" for each in look.changes)
    if look.delivery.how == "commit":
        how = "to be committed to the default branch"
    else:
        how = f"{look.url} to be updated" if look.url else f"pull request {look.proposal.title!r} to be opened"
    return [Line("info", f"{look.delivery.place}: {how}: {files}")]


def of_brought(look: Look, done: Brought) -> list[Line]:
    """Return what a run has brought."""
    place = look.delivery.place
    instead = "its default branch takes no direct commit: " if done.protected else ""
    match done.state:
        case "committed":
            return [Line("info", f"{place}: committed as {done.commit[:12]}")]
        case "opened" | "updated":
            return [Line("info", f"{place}: {instead}{done.url} {done.state}, waits to be merged")]
        case "open":
            return [Line("info", f"{place}: {instead}{done.url} waits to be merged")]
        case "closed":
            return [_declined(place, done.url)]
        case "theirs":
            return [_theirs(place, done.url or look.url, look.delivery.branch)]
    return []


def _declined(place: str, url: str) -> Line:
    remedy = "open it again, or change what the settings say of the repository"
    return Line("warning", f"{place}: {url} was closed without being merged, so nothing is brought; {remedy}")


def _theirs(place: str, url: str, branch: str) -> Line:
    what = f"others have put commits on the branch {branch}, which stays as it is"
    where = f": {url}" if url else ""
    return Line("warning", f"{place}: {what}{where}; merge it, or delete the branch")
