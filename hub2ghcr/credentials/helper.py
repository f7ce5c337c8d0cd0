"""Credential helpers: programs that keep what ``docker login`` was given, and print it when asked.

Protocol: https://docs.docker.com/reference/cli/docker/login/#credential-helper-protocol.
"""

from __future__ import annotations

import re
import subprocess
from collections.abc import Callable
from typing import Final

from ..errors import CredentialError
from .credential import Credential
from .docker_config import credential, identity_token, json_object

HELPER_SECONDS: Final = 10.0
"""Seconds that a credential helper may take."""

Run = Callable[[str, str], str | None]
"""``run(helper, server)``: the helper's JSON, None when it knows no such server."""

_NAME = re.compile(r"[A-Za-z0-9._-]+")
_TOKEN_USER: Final = "<token>"
_BY_HAND: Final = "give the token itself, by a file, standard input or the environment"


def ask(helper: str, server: str, run: Run | None = None) -> Credential | None:
    """Return the credential that a helper keeps for a server, None when it knows none.

    Raises:
        CredentialError: see `ask_helper`; or the answer is malformed, or an identity token.
    """
    text = (run or ask_helper)(helper, server)
    if text is None:
        return None
    place = f"docker-credential-{helper} get {server}"
    answer = json_object(text, place)
    username, secret = answer.get("Username"), answer.get("Secret")
    if username == _TOKEN_USER:
        raise identity_token(place)
    return credential(username, secret, place) if secret else None


def ask_helper(helper: str, server: str) -> str | None:
    """Ask ``docker-credential-HELPER get`` for a server; None when it has no credential for it.

    Protocol: the server on standard input, JSON with ``Username`` and ``Secret`` on standard output.

    Raises:
        CredentialError: no such program, it failed, or took longer than ``HELPER_SECONDS``.
    """
    program = f"docker-credential-{helper}"
    if not _NAME.fullmatch(helper):
        raise CredentialError("a credential helper's name is malformed", value=helper)
    try:
        answer = subprocess.run(
            [program, "get"], input=server.encode(), capture_output=True, timeout=HELPER_SECONDS, check=False
        )
    except FileNotFoundError:
        raise CredentialError(f"{program} is not on PATH", remedy=f"install it, or {_BY_HAND}") from None
    except OSError as error:
        raise CredentialError(f"{program} cannot be run: {error.strerror}", remedy=_BY_HAND) from None
    except subprocess.TimeoutExpired:
        what = f"{program} did not answer within {HELPER_SECONDS:.0f} s"
        raise CredentialError(what, value=server, remedy=f"unlock it, or {_BY_HAND}") from None
    output = answer.stdout.decode(errors="replace")
    if answer.returncode == 0:
        return output
    if "credentials not found" in output + answer.stderr.decode(errors="replace"):
        return None
    # Its output is not shown: a helper may print anything.
    raise CredentialError(f"{program} ended with {answer.returncode}", value=server, remedy="try it by hand")
