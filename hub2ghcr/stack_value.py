"""The value of a credential, put into a stack's encrypted configuration by ``pulumi config set --secret``."""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import Final

from .credentials import Credential
from .errors import CredentialError, EngineError, SettingsError
from .settings import CredentialSettings, file_of
from .token_shapes import looks_like_token

SECONDS: Final = 60.0
"""Seconds that the engine may take: a key service far away is asked, too."""


def declared(stack: str, name: str, root: Path) -> CredentialSettings:
    """Return what a stack file says of a credential. What else is wrong there, such as its missing value, is not asked.

    Raises:
        NoSuchStack, SettingsError, Problems: there is no such stack or credential, or its section is broken.
    """
    from .settings import partial

    place = file_of(stack, root)
    found = partial(place, root, ("credentials",)).credentials
    if name not in found:
        shown = "" if looks_like_token(name) else name
        there = ", ".join(sorted(found)) or "none"
        raise SettingsError("no such credential", f"{place}: credentials", shown, f"the credentials there are: {there}")
    return found[name]


def of_user(credential: Credential, wanted: CredentialSettings, name: str) -> str:
    """Return the secret of a credential that speaks as the settings say.

    Raises:
        CredentialError: it speaks as somebody else.
    """
    if credential.username != wanted.username:
        what = f"the settings say {wanted.username}, and this token is of {credential.username}"
        raise CredentialError(what, f"credentials.{name}", remedy="change `username`, or log in as that user")
    return credential.secret


def store(stack: str, wanted: CredentialSettings, value: str, root: Path) -> str:
    """Set the value, which goes to the engine by its standard input, and return the full key it is kept under.

    Raises:
        CredentialError: it is no secret that a registry could be sent.
        EngineError: the engine is not there, or refused; in its words, without the value.
    """
    credential = Credential(wanted.username, value)
    key = f"hub2ghcr:{wanted.secretKey}"
    command = ["pulumi", "config", "set", "--secret", key, "--stack", stack, "--non-interactive", "--color", "never"]
    place = f"pulumi config set --secret {key} -s {stack}"
    try:
        done = subprocess.run(
            command, input=value, capture_output=True, text=True, cwd=root, timeout=SECONDS, check=False
        )
    except OSError as error:
        remedy = "install it, at the version that requirements.txt names"
        raise EngineError(f"pulumi cannot be run: {error.strerror}", "PATH", remedy=remedy) from None
    except subprocess.TimeoutExpired:
        raise EngineError(f"no answer within {SECONDS:.0f} s", place) from None
    if done.returncode:
        from .engine.explaining import plain  # with the Automation API: seconds that a success does not need

        lines = plain(stack, credential.redact(done.stderr)) or (f"ended with {done.returncode}",)
        raise EngineError("; ".join(lines), place)
    return key
