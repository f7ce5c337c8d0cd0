"""What the default branch of a repository lacks, and where the proposal of it stands. Nothing is written."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, Literal

from .. import diff, rewriting
from ..errors import Hub2GhcrError
from ..github import GitHub
from ..github.default_branch import DefaultBranch
from ..github.pull_request import Proposal, standing
from ..github.repository import name_of
from ..places.formats import of_file
from ..token_shapes import redacted
from . import mentions, wording
from .delivery import Delivery
from .mark import is_ours, marked
from .settled import Settled

SHOWN: Final = 12
"""Lines of a difference that a warning shows."""

_WORKFLOWS: Final = ".github/workflows/"


@dataclass(frozen=True, slots=True)
class Change:
    """A file that is to change: ``was`` is git's name of what is there (empty: nothing)."""

    path: str
    was: str
    data: bytes


@dataclass(frozen=True, slots=True)
class Look:
    """What was seen.

    Attributes:
        delivery: what was looked for.
        state: ``delivered``: the default branch has it all; ``wanted``: it is to be brought; ``open``: its pull request
            waits to be merged; ``closed``: that was declined; ``theirs``: others have put commits on the branch;
            ``drifted``: the workflow's file is another, by others, and nothing else is to be brought.
        changes: what the default branch lacks.
        url: of the pull request, empty where there is none.
        drift: what others have made of the workflow's file, as the beginning of a unified diff; empty: nothing.
        problems: what the workflow needs and the repository has not: it is not brought as long as there are any.
        notes: files that could not be rewritten, and why.
    """

    delivery: Delivery
    state: Literal["delivered", "wanted", "open", "closed", "theirs", "drifted"]
    changes: tuple[Change, ...] = ()
    url: str = ""
    drift: str = ""
    problems: tuple[Hub2GhcrError, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def acts(self) -> bool:
        """Whether there is something to be written."""
        return self.state == "wanted"

    @property
    def proposal(self) -> Proposal:
        """The pull request of what is lacking."""
        return _proposal(self.delivery, self.changes)


def look(github: GitHub, delivery: Delivery, settled: Settled | None = None) -> Look:
    """Look at a repository: one call where nothing is lacking, two or three more where something is.

    Args:
        github: where.
        delivery: what is looked for.
        settled: knows files that were read by an earlier look; default: all that may have to be rewritten are read.

    Raises:
        GitHubError: as `GitHub` does; no such repository.
    """
    branch = DefaultBranch.look(github, delivery.owner, delivery.repository)
    changes, drift, problems = list[Change](), "", list[Hub2GhcrError]()
    if delivery.path:
        wanted = marked(delivery.text, delivery.stack)
        was = branch.name(delivery.path)
        if was != name_of(wanted):
            found = branch.read(delivery.path) if was else b""
            if was and not is_ours(found, delivery.stack):
                drift = _shown(wanted, found, delivery.path)
            else:
                changes.append(Change(delivery.path, was, wanted))
                problems = delivery.lacks(branch.has)
    notes: list[str] = []
    changes += _rewritten(branch, delivery, notes, settled or Settled())
    if not changes:
        return Look(delivery, "drifted" if drift else "delivered", drift=drift, notes=tuple(notes))
    stands = standing(github, _proposal(delivery, tuple(changes)))
    state: Literal["wanted", "open", "closed", "theirs"] = "wanted"
    if stands.state in ("open", "closed", "theirs"):
        state = stands.state
    return Look(delivery, state, tuple(changes), stands.url, drift, tuple(problems), tuple(notes))


def _proposal(delivery: Delivery, changes: tuple[Change, ...]) -> Proposal:
    files = {each.path: each.data for each in changes}
    return Proposal(
        delivery.owner,
        delivery.repository,
        delivery.branch,
        wording.title(delivery, tuple(files)),
        wording.text(delivery, tuple(files)),
        files,
        wording.subject(delivery, tuple(files)),
        {each.path: each.was for each in changes},
    )


def _rewritten(branch: DefaultBranch, delivery: Delivery, notes: list[str], settled: Settled) -> Iterator[Change]:
    """Yield the other files in which references move, sorted; workflows are `hub2ghcr workflows`' affair.

    GitHub reads what a symbolic link leads to: it would become a file, and that moves by itself.
    """
    patterns = [_pattern(each) for each in delivery.also_rewrite]
    for path in sorted(branch.files.keys() - branch.links):
        if path.startswith(_WORKFLOWS) or not any(each.fullmatch(path) for each in patterns):
            continue
        name = branch.files[path]
        if settled.knows(delivery, path, name):
            continue
        try:
            before = branch.read(path)
            after = _moved(before, path, delivery)
        except (Hub2GhcrError, UnicodeDecodeError) as error:
            notes.append(f"{path} is not rewritten: {error}")
            continue
        if after == before:
            settled.keep(delivery, path, name)
        else:
            yield Change(path, name, after)


def _moved(data: bytes, path: str, delivery: Delivery) -> bytes:
    if of_file(data, path):
        return rewriting.rewrite(data, path, delivery.mapping).data
    return mentions.moved(data.decode(), delivery.mapping, delivery.image).encode()


def _pattern(glob: str) -> re.Pattern[str]:
    """Return a pattern as git has them: ``*`` and ``?`` stay in a folder, ``**/`` is any number of folders."""
    parts = {"**/": "(?:.*/)?", "**": ".*", "*": "[^/]*", "?": "[^/]"}
    return re.compile("".join(parts.get(each) or re.escape(each) for each in re.split(r"(\*\*/|\*\*|\*|\?)", glob)))


def _shown(wanted: bytes, found: bytes, path: str) -> str:
    lines = diff.unified(wanted, found, path).decode(errors="replace").splitlines()[2:]
    more = [f"… {len(lines) - SHOWN} lines more"] if len(lines) > SHOWN else []
    return redacted("\n".join([*lines[:SHOWN], *more]))
