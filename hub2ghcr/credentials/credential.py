"""A user name and a secret that never shows itself."""

from __future__ import annotations

import base64
from dataclasses import dataclass, field

from ..errors import CredentialError


@dataclass(frozen=True, slots=True)
class Credential:
    """A user name and its secret; ``repr`` and ``str`` show the user name alone.

    ``email`` is what old registries asked for: written into pull Secrets where it is given, and read by nobody.
    """

    username: str
    secret: str = field(repr=False)
    email: str = field(default="", repr=False)

    def __post_init__(self) -> None:
        if not self.username or ":" in self.username:
            raise CredentialError("a user name is not empty and holds no colon", value=self.username)
        if not self.secret or self.secret != self.secret.strip() or not self.secret.isprintable():
            raise CredentialError(
                f"the secret of {self.username} is empty or holds line breaks or spaces around it",
                remedy="set it again, without the line break that `echo` adds",
            )

    @property
    def basic(self) -> str:
        """Base64 of ``user:secret``, the value of Basic authentication and of ``auth`` in ``config.json``."""
        return base64.b64encode(f"{self.username}:{self.secret}".encode()).decode()

    def redact(self, text: str) -> str:
        """Return ``text`` without the secret, should a server have echoed it."""
        return text.replace(self.secret, "***").replace(self.basic, "***")
