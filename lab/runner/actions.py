"""The actions that a lab has, each made of one program of this package, as a composite action that act can run."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from os.path import normpath
from pathlib import Path
from typing import Any

import yaml

from lab.errors import LabError


@dataclass(frozen=True)
class Action:
    """``module`` is the program, empty for an action that has nothing to do here; inputs and outputs are upstream's."""

    module: str = ""
    inputs: tuple[str, ...] = ()
    outputs: tuple[str, ...] = ()

    @property
    def text(self) -> str:
        """Its ``action.yml``; JSON is YAML."""
        run = f'"$LAB_PYTHON" -m lab.runner.{self.module}' if self.module else "true"
        step = {"id": "done", "shell": "bash", "run": run, "env": {"INPUTS": "${{ toJSON(inputs) }}"}}
        return json.dumps(
            {
                "name": self.module or "nothing",
                "description": "Stands in for the action of this name in a lab",
                "inputs": {name: {"description": "as upstream's", "default": ""} for name in self.inputs},
                "outputs": {
                    name: {"description": "as upstream's", "value": f"${{{{ steps.done.outputs.{name} }}}}"}
                    for name in self.outputs
                },
                "runs": {"using": "composite", "steps": [step]},
            }
        )


_LOGIN = ("ecr", "logout", "password", "registry", "username")
_METADATA = (
    *("annotations", "bake-target", "context", "flavor", "github-token", "images", "labels"),
    *("sep-annotations", "sep-labels", "sep-tags", "tags"),
)
_BUILD = (
    *("add-hosts", "allow", "annotations", "attests", "build-args", "build-contexts", "builder", "cache-from"),
    *("cache-to", "call", "cgroup-parent", "context", "file", "github-token", "labels", "load", "network", "no-cache"),
    *("no-cache-filters", "outputs", "platforms", "provenance", "pull", "push", "sbom", "secret-envs", "secret-files"),
    *("secrets", "shm-size", "ssh", "tags", "target", "ulimit"),
)
_ATTEST = (
    *("create-storage-record", "github-token", "predicate", "predicate-path", "predicate-type", "push-to-registry"),
    *("sbom-path", "show-summary", "subject-checksums", "subject-digest", "subject-name", "subject-path"),
)
_ATTESTED = ("attestation-id", "attestation-url", "bundle-path")

_CHECKOUT = (
    *("clean", "fetch-depth", "fetch-tags", "filter", "github-server-url", "lfs", "path", "persist-credentials"),
    *("ref", "repository", "set-safe-directory", "show-progress", "sparse-checkout", "sparse-checkout-cone-mode"),
    *("ssh-key", "ssh-known-hosts", "ssh-strict", "ssh-user", "submodules", "token"),
)
_DOWNLOAD = ("artifact-ids", "github-token", "merge-multiple", "name", "path", "pattern", "repository", "run-id")
_UPLOAD = (
    *("compression-level", "if-no-files-found", "include-hidden-files", "name", "overwrite", "path"),
    "retention-days",
)

CHECKOUT = "actions/checkout"
"""Of the event's own commit act does it itself: the files are there. Of another one it asks for the action."""

ACTIONS: dict[str, Action] = {
    CHECKOUT: Action("checkout", _CHECKOUT, ("commit", "ref")),
    "actions/attest": Action("attest", _ATTEST, _ATTESTED),
    "actions/attest-build-provenance": Action("attest", _ATTEST, _ATTESTED),
    "actions/cache": Action(),
    "actions/download-artifact": Action("download", _DOWNLOAD, ("download-path",)),
    "actions/setup-python": Action(),
    "actions/upload-artifact": Action("upload", _UPLOAD, ("artifact-digest", "artifact-id", "artifact-url")),
    "docker/build-push-action": Action("build", _BUILD, ("digest", "imageid", "metadata")),
    "docker/login-action": Action("login", _LOGIN),
    "docker/metadata-action": Action("metadata", _METADATA, ("annotations", "json", "labels", "tags", "version")),
    "docker/setup-buildx-action": Action(),
    "docker/setup-qemu-action": Action(),
}
"""By the name that ``uses`` gives."""


def used(steps: Sequence[Mapping[str, Any]], files: Mapping[str, bytes]) -> list[str]:
    """Return the actions that steps use, and those that the repository's own actions (``./…``) use.

    Raises ``LabError`` for one of the repository that is not there.
    """
    found = [str(one["uses"]) for one in steps if "uses" in one]
    for one in [one for one in found if one.startswith("./")]:
        path = normpath(f"{one}/action.yml")
        if path not in files:
            raise LabError(f"the commit has no {path}", remedy="commit the action that is used")
        found += used(yaml.safe_load(files[path])["runs"].get("steps", []), files)
    return found


def place(folder: Path, used: list[str]) -> dict[str, Path]:
    """Write the actions that are used (``owner/name@reference``); each with its folder.

    Raises ``LabError`` that names all those that a lab has not.
    """
    wanted = [one for one in used if not one.startswith("./")]
    if unknown := sorted({one for one in wanted if one.partition("@")[0] not in ACTIONS}):
        raise LabError(f"a lab has no such actions: {', '.join(unknown)}", remedy=f"known: {', '.join(ACTIONS)}")
    found = {}
    for one in wanted:
        name = one.partition("@")[0]
        target = folder / name
        target.mkdir(parents=True, exist_ok=True)
        (target / "action.yml").write_text(ACTIONS[name].text)
        found[one] = target
    return found
