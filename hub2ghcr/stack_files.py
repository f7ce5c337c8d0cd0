"""The stack files of a project's folder: which there are, without reading any."""

from __future__ import annotations

from pathlib import Path
from typing import Final

FOLDER: Final = "stacks"
"""Where they are, below the project's folder; ``stackConfigDir`` of ``Pulumi.yaml`` tells the engine the same."""


def stacks(root: Path) -> tuple[str, ...]:
    """Return the names of the stacks that have a file in ``stacks/``, sorted."""
    return tuple(sorted(file.name[len("Pulumi.") : -len(".yaml")] for file in root.glob(f"{FOLDER}/Pulumi.*.yaml")))
