"""The repositories that ``hub2ghcr workflows`` reads, one after the other, and what is done with each."""

from __future__ import annotations

import os
from collections.abc import Mapping as Values
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from .. import files
from ..errors import GitHubError, Hub2GhcrError, Problems
from ..mapping import Mapping
from ..walking import Input, walk
from ..workflows import Flavour, Migration, kind_of_path, migrate
from .counting import Counting

if TYPE_CHECKING:
    from ..github import GitHub


@dataclass(frozen=True, slots=True)
class Result:
    """One repository; without a name it is files here. ``done``: what became of its pull request, with its page."""

    name: str
    migration: Migration
    done: tuple[str, str] | None = None


class Run:
    """One run; `results`, `problems`, `notes` and `skipped` repositories, with the reasons, are there afterwards."""

    def __init__(self, mapping: Mapping, flavour: Flavour, values: Values[str, str]) -> None:
        self._mapping, self._flavour, self._values = mapping, flavour, values
        self.results: list[Result] = []
        self._problems: list[Hub2GhcrError] = []
        self.notes: list[str] = []
        self.skipped: list[tuple[str, str]] = []

    @property
    def problems(self) -> tuple[Hub2GhcrError, ...]:
        """Everything that is left, sorted."""
        return Problems(self._problems).problems

    def local(self, paths: Sequence[str], *, write: bool) -> None:
        """Migrate files here; with ``write`` replace those that change."""
        walked = walk(paths)
        self._problems += walked.problems
        named = {os.path.normpath(path) for path in paths}
        found: dict[str, bytes] = {}
        real: dict[str, str] = {}
        for each in (*walked.inputs, *_bake_files(walked.inputs)):
            if each.place in named or kind_of_path(each.place.replace(os.sep, "/")):
                try:
                    found[each.place] = files.read(each.path, each.place)
                    real[each.place] = each.path
                except Hub2GhcrError as error:
                    self._problems.append(error)
        migration = migrate(found, self._mapping, self._flavour, self._values)
        self._keep(Result("", migration))
        if not migration.files:
            self.notes.append(f"no workflow or action in {', '.join(paths)}")
        for file in migration.changed if write else ():
            try:
                files.replace(real[file.place], file.data, file.place)
            except Hub2GhcrError as error:
                self._problems.append(error)

    def remote(self, stack: str, names: Sequence[str], owner: str | None, *, propose: bool) -> None:
        """Migrate repositories on GitHub; with ``propose`` bring each its pull request."""
        from .. import settings
        from ..github_access import declared
        from ..workflows import remote

        with declared(settings.load(stack, Path.cwd()), os.environ) as github:
            wanted = dict.fromkeys(names)
            if owner is not None:
                for each in remote.listed(github, owner):
                    if each.skipped:
                        self.skipped.append((f"{owner}/{each.name}", each.skipped))
                        self.notes.append(f"{owner}/{each.name}: {each.skipped}, not read")
                    else:
                        wanted[f"{owner}/{each.name}"] = None
            with Counting("repositories") as count:
                for number, name in enumerate(wanted):
                    count(number, len(wanted))
                    try:
                        self._repository(github, name, propose)
                    except Hub2GhcrError as error:
                        self._problems.append(error.at(name))

    def _repository(self, github: GitHub, full: str, wanted: bool) -> None:
        from ..github.pull_request import propose
        from ..workflows import remote

        owner, slash, name = full.partition("/")
        if not slash or not owner or not name or "/" in name:
            raise GitHubError("no repository's name", value=full, remedy="write OWNER/NAME")
        known = remote.told(owner, name, self._values)
        migration = migrate(remote.files(github, owner, name), self._mapping, self._flavour, known)
        done: tuple[str, str] | None = None
        try:
            if wanted and migration.changed:
                proposed = propose(github, remote.proposal(owner, name, migration, self._flavour))
                done = proposed.state, proposed.url
                if proposed.state == "closed":
                    what = "was closed without being merged, and is not opened again"
                    raise GitHubError(what, proposed.url, remedy="open it again")
        finally:
            self._keep(Result(full, migration, done))

    def _keep(self, result: Result) -> None:
        self.results.append(result)
        place = f"{result.name}: " if result.name else ""
        self.notes += (f"{place}{note}" for note in result.migration.notes)
        self._problems += (each.at(result.name) if result.name else each for each in result.migration.problems)


def _bake_files(inputs: Sequence[Input]) -> list[Input]:
    """Return the bake files in the folders that have workflows."""
    found: dict[str, Input] = {}
    for each in inputs:
        root, folder, _ = each.place.replace(os.sep, "/").partition(".github/workflows/")
        if folder:
            top = Path(root or ".")
            for file in sorted((*top.glob("docker-bake*.hcl"), *top.glob("*/docker-bake*.hcl"))):
                place = f"{root}{file.relative_to(top).as_posix()}"
                found[place] = Input(place, str(file.resolve()))
    return list(found.values())
