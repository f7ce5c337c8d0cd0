"""A credential as it is talked of: by its name."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class CredentialRef:
    """A named credential without its value: where the value is found, and as whom it speaks."""

    name: str
    username: str
    secret_key: str
    email: str = ""
