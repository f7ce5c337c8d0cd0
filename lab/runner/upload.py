"""``actions/upload-artifact`` in the lab: files are kept beside the lab's state, by repository, run and name.

https://github.com/actions/upload-artifact#readme
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Mapping
from pathlib import Path

from lab.runner import step
from lab.runner.step import StepError

KEPT = "artifacts"
"""The folder of the lab's state."""


def folder(state: Path, repository: str, run: str, name: str) -> Path:
    """Where an artifact's files are kept."""
    return state / KEPT / repository / run / name


def main(inputs: Mapping[str, str]) -> dict[str, str]:
    """Keep the file or folder ``path`` as ``name``."""
    name = inputs.get("name") or "artifact"
    source = Path(os.environ["GITHUB_WORKSPACE"]) / inputs["path"]
    place = folder(Path(os.environ["LAB_STATE"]), os.environ["GITHUB_REPOSITORY"], os.environ["LAB_RUN"], name)
    if place.exists():
        raise StepError(f"Failed to CreateArtifact: an artifact with this name already exists: {name}")
    if source.is_dir():
        shutil.copytree(source, place)
    elif source.is_file():
        place.mkdir(parents=True)
        shutil.copy(source, place)
    else:
        print(f"::warning::No files were found with the provided path: {inputs['path']}")
    return {}


if __name__ == "__main__":
    step.run(main)
