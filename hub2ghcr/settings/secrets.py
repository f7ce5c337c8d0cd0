"""Secrets in plain text are refused, by the key that holds them. Their values are never shown."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import Any

from ..errors import CredentialError
from ..token_shapes import looks_like_token


def is_secure(value: Any) -> bool:
    """Tell whether a stack file's value is encrypted by Pulumi."""
    return isinstance(value, Mapping) and set(value) == {"secure"}


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
                yield f"{path}.{key}"
            yield from _texts(below, f"{path}.{key}")
    elif isinstance(value, list):
        for index, below in enumerate(value):
            yield from _texts(below, f"{path}[{index}]")
