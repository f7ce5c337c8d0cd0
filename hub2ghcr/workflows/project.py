"""The workflows and actions of one repository, by their paths."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal

from ..errors import Hub2GhcrError
from ..source import MapNode, trees

Kind = Literal["workflow", "action", "dependabot", "bake"]

_WORKFLOW: Final = re.compile(r"(?:.*/)?\.github/workflows/[^/]+\.ya?ml", re.I)
_ACTION: Final = re.compile(r"(?:.*/)?action\.ya?ml", re.I)
_DEPENDABOT: Final = re.compile(r"(?:.*/)?\.github/dependabot\.ya?ml", re.I)
_BAKE: Final = re.compile(r"(?:.*/)?docker-bake(?:\.[\w-]+)?\.hcl", re.I)
_PASSED: Final = re.compile(r"(?:.*/)?(?:node_modules|vendor|\.git)/.*")


def kind_of_path(path: str) -> Kind | None:
    """Return what a file is by its path, None for what cannot be a workflow or an action."""
    if _PASSED.fullmatch(path):
        return None
    if _WORKFLOW.fullmatch(path):
        return "workflow"
    if _ACTION.fullmatch(path):
        return "action"
    if _BAKE.fullmatch(path):
        return "bake"
    return "dependabot" if _DEPENDABOT.fullmatch(path) else None


@dataclass(frozen=True, slots=True)
class File:
    """A file that was understood; a bake file has an empty ``node``."""

    path: str
    data: bytes
    kind: Kind
    node: MapNode


@dataclass(frozen=True, slots=True)
class Project:
    """The files that were understood, sorted by path, and what is wrong with the others."""

    files: Mapping[str, File]
    problems: tuple[Hub2GhcrError, ...] = ()

    def of_kind(self, kind: Kind) -> list[File]:
        """Return the files of a kind."""
        return [file for file in self.files.values() if file.kind == kind]

    def called(self, uses: str, caller: str) -> File | None:
        """Return the workflow or action that ``uses: ./path`` names in a file, None where it is not among them."""
        root = caller.partition(".github/")[0] if ".github/" in caller else ""
        path = posixpath.normpath(posixpath.join(root, uses))
        names = (path, f"{path}/action.yml", f"{path}/action.yaml")
        return next((self.files[name] for name in names if name in self.files), None)


def project(files: Mapping[str, bytes]) -> Project:
    """Return a repository's workflows and actions; files that are none are passed over."""
    found: dict[str, File] = {}
    problems: list[Hub2GhcrError] = []
    for path, data in sorted(files.items()):
        if kind_of_path(path) == "bake":
            found[path] = File(path, data, "bake", MapNode(()))
            continue
        try:
            nodes = list(trees(data, path))
        except Hub2GhcrError as error:
            problems.append(error)
            continue
        node = nodes[0] if nodes else None
        if not isinstance(node, MapNode):
            continue
        kind = _kind(path, node)
        if kind is not None:
            found[path] = File(path, data, kind, node)
    return Project(found, tuple(problems))


def _kind(path: str, node: MapNode) -> Kind | None:
    keys = {key.value for key, _ in node.items}
    if "jobs" in keys and (kind_of_path(path) == "workflow" or "on" in keys or "true" in keys):
        return "workflow"
    if "runs" in keys and kind_of_path(path) == "action":
        return "action"
    return "dependabot" if "updates" in keys and kind_of_path(path) == "dependabot" else None
