"""What well-known tokens look like, so that one in the wrong place is refused and never printed."""

from __future__ import annotations

import re

_TOKEN = re.compile(
    r"gh[pousr]_[A-Za-z0-9]{16,}|github_pat_[A-Za-z0-9_]{16,}|dckr_(?:pat|oat)_[A-Za-z0-9_-]{16,}|glpat-[A-Za-z0-9_-]{16,}"
    r"|pul-[0-9a-f]{32,}|AKIA[A-Z0-9]{16}|xox[abprs]-[A-Za-z0-9-]{10,}|npm_[A-Za-z0-9]{30,}|pypi-[A-Za-z0-9_-]{30,}"
    r"|eyJ[A-Za-z0-9_-]{8,}\.eyJ[A-Za-z0-9_-]{8,}|-----BEGIN [A-Z ]*PRIVATE KEY-----"
)
"""Shapes that vendors gave their tokens so that scanners find them."""


def looks_like_token(text: str) -> bool:
    """Tell whether a text holds something of the shape of a well-known token or of a private key."""
    return _TOKEN.search(text) is not None


def redacted(text: str) -> str:
    """Return the text with such shapes taken out."""
    return _TOKEN.sub("…", text)
