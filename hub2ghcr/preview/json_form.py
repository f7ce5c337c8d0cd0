"""A preview as JSON, both ways. What is read may come from a stranger's pull request: it is data, and held to bounds.

Secrets are in none: a preview has none, and what looks like a token was taken out when it was made.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Final

from pydantic import ValidationError

from ..errors import PreviewError
from .form import VERSION, Form
from .nouns import Preview, StackPreview
from .tidy import tidy

LARGEST: Final = 32 * 1024 * 1024
"""Bytes of a file that is read."""


def dumps(preview: Preview) -> str:
    """Return a preview as JSON, keys sorted: the same bytes for the same preview."""
    data = {
        "version": VERSION,
        "base": preview.base,
        "head": preview.head,
        "bytes": preview.bytes,
        "pulls": preview.pulls,
        "stacks": [_stack(each) for each in preview.stacks],
    }
    return json.dumps(data, indent=2, sort_keys=True, ensure_ascii=False) + "\n"


def read(path: Path) -> Preview:
    """Read a preview that another run has written.

    Raises:
        PreviewError: it cannot be read, is too large, or is not what `dumps` writes.
    """
    try:
        with path.open("rb") as file:
            data = file.read(LARGEST + 1)
    except OSError as error:
        raise PreviewError(f"cannot be read: {error.strerror}", str(path)) from None
    try:
        return loads(data)
    except PreviewError as error:
        raise error.at(str(path)) from None


def loads(data: bytes | str) -> Preview:
    """Return the preview that a text holds.

    Raises:
        PreviewError: it is too large, or not what `dumps` writes.
    """
    remedy = "make it with `hub2ghcr preview --output json`, of the same version"
    if len(data) > LARGEST:
        raise PreviewError(f"larger than {LARGEST >> 20} MiB", remedy="preview fewer stacks at once")
    try:
        found = Form.model_validate_json(data, strict=True)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False, include_context=False)[0]
        place = ".".join(map(str, first["loc"]))
        raise PreviewError(f"is not a preview: {first['msg']}", place[:200], remedy=remedy) from None
    return tidy(found.noun())


def _stack(stack: StackPreview) -> dict[str, Any]:
    return {
        "stack": stack.stack,
        "mode": stack.mode,
        "why": stack.why,
        "bytes": stack.bytes,
        "pulls": stack.pulls,
        "images": [_fields(each) for each in stack.images],
        "copies": [_fields(each) for each in stack.copies],
        "secrets": [_fields(each) for each in stack.secrets],
        "workloads": [_fields(each) for each in stack.workloads],
        "github": [_fields(each) for each in stack.github],
        "warnings": list(stack.warnings),
        "knownWarnings": list(stack.known_warnings),
        "problems": list(stack.problems),
        "steps": [_fields(each) for each in stack.steps],
    }


def _fields(noun: Any) -> dict[str, Any]:
    return {name: getattr(noun, name) for name in noun.__dataclass_fields__}
