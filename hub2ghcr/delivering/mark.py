"""The mark of a file that a stack has delivered: it tells, without any state, whether somebody changed it since.

The last line names the stack and the digest of all that stands above it. It survives a merge by any method, a lost
state and a deleted branch.
"""

from __future__ import annotations

import hashlib
import re
from typing import Final

_LINE: Final = re.compile(rb"# hub2ghcr: of stack ([\w.-]+), sha256:([0-9a-f]{64})\n?\Z")


def marked(text: str, stack: str) -> bytes:
    """Return a text as a stack's own file: with the mark as its last line."""
    body = (text if text.endswith("\n") else f"{text}\n").encode()
    return body + f"# hub2ghcr: of stack {stack}, sha256:{_digest(body)}\n".encode()


def is_ours(data: bytes, stack: str) -> bool:
    """Whether a file is what a stack delivered once, and nobody has changed it since."""
    data = data.replace(b"\r\n", b"\n")  # git may give a file the line ends of Windows
    found = _LINE.search(data)
    return bool(found and found[1].decode() == stack and found[2].decode() == _digest(data[: found.start()]))


def _digest(body: bytes) -> str:
    return hashlib.sha256(body).hexdigest()
