"""``python -m hub2ghcr``: the same as the command ``hub2ghcr``."""

from .cli import main

main()
