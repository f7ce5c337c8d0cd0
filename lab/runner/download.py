"""``actions/download-artifact`` in the lab: one artifact by name, of this run or, with a token, of another one.

https://github.com/actions/download-artifact#readme
"""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Mapping
from pathlib import Path

from lab.runner import step
from lab.runner.step import StepError
from lab.runner.upload import folder


def main(inputs: Mapping[str, str]) -> dict[str, str]:
    """Put the files of the artifact ``name`` into ``path``."""
    run, name = inputs.get("run-id") or os.environ["LAB_RUN"], inputs.get("name", "")
    held: dict[str, str] = json.loads(os.environ["LAB_PERMISSIONS"])
    if run != os.environ["LAB_RUN"] and not (inputs.get("github-token") and "actions" in held):
        raise StepError("Resource not accessible by integration: another run's artifacts need actions: read")
    kept = folder(Path(os.environ["LAB_STATE"]), os.environ["GITHUB_REPOSITORY"], run, name)
    if not name or not kept.is_dir():
        raise StepError(f"Unable to download artifact(s): Artifact not found for name: {name}")
    target = Path(os.environ["GITHUB_WORKSPACE"]) / inputs.get("path", "")
    shutil.copytree(kept, target, dirs_exist_ok=True)
    return {"download-path": str(target)}


if __name__ == "__main__":
    step.run(main)
