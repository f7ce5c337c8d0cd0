"""Names in the documentation's commands that stand for the reader's own, and what they are where the commands run."""

from __future__ import annotations

from typing import Final

STACKS: Final = {"STACK", "prod"}
"""Besides those that ``stacks/`` has, and those that a page begins itself (``hub2ghcr init --stack``)."""

VALUES: Final = {
    "FOLDER": "app",
    "IMAGE": "ghcr.io/acme/tools:3",
    "NAME": "hub2ghcr-tokens",
    "NS": "builds",
    "STACK": "prod",
}
