"""Secrets in plain text are refused, by the key that holds them. Their values are never shown."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from typing import Any

from ..errors import CredentialError

_TOKEN = re.compile(
    r"gh[pousr]_[A-Za-z0-9]{16,}|github_pat_[A-Za-z0-9_]{16,}|dckr_(?:pat|oat)_[A-Za-z0-9_-]{16,}|glpat-[A-Za-z0-9_-]{16,}"
    r"|pul-[0-9a-f]{32,}|AKIA[A-Z0-9]{16}|xox[abprs]-[A-Za-z0-9-]{10,}|npm_[A-Za-z0-9]{30,}|pypi-[A-Za-z0-9_-]{30,}"
    r"|eyJ[A-Za-z0-9_-]{8,}\.eyJ[A-Za-z0-9_-]{8,}|-----BEGIN [A-Z ]*PRIVATE KEY-----"
)
"""Shapes that vendors gave their tokens so that scanners find them."""


def is_secure(value: Any) -> bool:
    """Tell whether a stack file's value is encrypted by Pulumi."""
    return isinstance(value, Mapping) and set(value) == {"secure"}


def looks_like_token(text: str) -> bool:
    """Tell whether a text has the shape of a well-known token or of a private key."""
    return _TOKEN.search(text) is not None


def plain_tokens(values: Mapping[str, Any], secret: Collection[str]) -> Iterator[CredentialError]:
    """Yield a problem for each key, of any namespace, under which something like a token stands in plain text."""
    for key, value in values.items():
        if key in secret:
            continue
        for path in _texts(value, key):
            yield CredentialError(
                "a token in plain text",
                path,
                remedy="revoke it, and store a new one with `pulumi config set --secret` under a flat key",
            )


def _texts(value: Any, path: str) -> Iterator[str]:
    if is_secure(value):
        return
    if isinstance(value, str) and looks_like_token(value):
        yield path
    elif isinstance(value, Mapping):
        for key, below in value.items():
            if looks_like_token(str(key)):
                yield f"{path}.…"
            yield from _texts(below, f"{path}.{key}" if not looks_like_token(str(key)) else f"{path}.…")
    elif isinstance(value, list):
        for index, below in enumerate(value):
            yield from _texts(below, f"{path}[{index}]")
