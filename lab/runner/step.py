"""What a step of an action is given, and what it gives back: its inputs, its outputs, and how it fails.

https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-commands
"""

from __future__ import annotations

import csv
import json
import os
import sys
import uuid
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any


class StepError(Exception):
    """Why a step fails, in one line."""


def run(main: Callable[[Mapping[str, str]], Mapping[str, str]]) -> None:
    """Run a step's program: ``main`` takes the inputs and gives the outputs. Ends the process with 1 if it fails."""
    inputs: dict[str, str] = {name: value or "" for name, value in json.loads(os.environ["INPUTS"]).items()}
    try:
        outputs = main(inputs)
    except StepError as error:
        print(f"::error::{error}")
        sys.exit(1)
    if target := os.environ.get("GITHUB_OUTPUT"):
        with Path(target).open("a") as file:
            for name, value in outputs.items():
                mark = f"end-{uuid.uuid4().hex}"
                file.write(f"{name}<<{mark}\n{value}\n{mark}\n")


def lines(text: str, *, commas: bool = True) -> list[str]:
    """The entries of a list input: one a line and, with ``commas``, between commas; ``#`` begins a comment."""
    found = [line.strip() for line in text.splitlines()]
    found = [line for line in found if line and not line.startswith("#")]
    if commas:
        found = [part.strip() for line in found for part in next(csv.reader([line], skipinitialspace=True))]
    return [one for one in found if one]


def truth(text: str, name: str) -> bool:
    """A boolean input, which may be empty for false. Raises ``StepError`` for anything else."""
    if text.lower() not in ("", "true", "false"):
        raise StepError(f"{name}: {text!r} is neither true nor false")
    return text.lower() == "true"


def event() -> dict[str, Any]:
    """What happened, as GitHub told it to the run."""
    found: dict[str, Any] = json.loads(Path(os.environ["GITHUB_EVENT_PATH"]).read_text())
    return found
