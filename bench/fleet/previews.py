"""Our own previews of a whole fleet, from plans and with the engine; what falls back to plans is not taken for one."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Final

from lab.errors import LabError

OURS: Final = {
    "hub2ghcr preview --all --plan-only": ("plan", ("--plan-only",)),
    "hub2ghcr preview --all": ("engine", ()),
}
"""Each with what its stacks have to say that they were made with, and its flags."""
_SHOWN: Final = "preview.json"
COMMAND: Final = (
    *("sh", "-c", f'exec "$@" >{_SHOWN}', "sh"),
    *(sys.executable, "-m", "hub2ghcr", "preview", "--all", "--output", "json"),
)


def check(folder: Path, mode: str, count: int) -> None:
    """See that the preview in a folder has so many stacks, all of them made as they should be.

    Raises:
        LabError: it has not.
    """
    stacks = json.loads((folder / _SHOWN).read_text())["stacks"]
    others = tuple(str(each["why"]) for each in stacks if each["mode"] != mode)
    if others or len(stacks) != count:
        raise LabError(f"the preview has {len(stacks)} stacks, {len(others)} not made with the {mode}", details=others)
