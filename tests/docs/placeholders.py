"""Names in the documentation's commands that stand for the reader's own, and what they are where the commands run."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

STACKS: Final = {"STACK", "prod", "$each"}
"""Besides those that ``stacks/`` has, and those that a page begins itself (``hub2ghcr init --stack``); ``$each`` is a
loop's."""

VALUES: Final = {
    "COMMAND": "plan",
    "FOLDER": "app",
    "IMAGE": "ghcr.io/acme/tools:3",
    "NAME": "hub2ghcr-tokens",
    "NS": "builds",
    "STACK": "prod",
}


def own(text: str, names: Mapping[str, str] = VALUES) -> str:
    """Put the reader's own names in place of placeholders."""
    return re.sub(r"(?<![\w/.=-])(" + "|".join(map(re.escape, names)) + r")(?![\w/-])", lambda m: names[m[1]], text)
