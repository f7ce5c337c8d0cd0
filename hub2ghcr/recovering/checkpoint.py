"""What a kill may leave of a state in a file backend: it is replaced in one step, what describes it is not.

Beside ``STACK.json`` lies ``STACK.json.attrs``, which is written in place (gocloud.dev ``blob/fileblob``). Killed in
between, it is empty, and the engine reads no state any more: ``failed to load checkpoint: EOF``. Without it, it does.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final
from urllib.parse import unquote, urlsplit

PACKED: Final = ("", ".gz", ".zst")
"""How the name of a state goes on: plain, or compressed (pulumi v3.256, ``sdk/go/common/encoding/marshal.go``)."""


def mend(backend: str, project: str, stack: str) -> tuple[Path, ...]:
    """Remove empty descriptions of a stack's state, and return them. Nobody may be writing it.

    Args:
        backend: the URL that ``pulumi whoami`` tells.
        project: the name in ``Pulumi.yaml``.
        stack: the stack's name.
    """
    url = urlsplit(backend)
    if url.scheme != "file":
        return ()
    stacks = Path(unquote(url.path)) / ".pulumi" / "stacks" / project
    found = (stacks / f"{stack}.json{packed}{kept}.attrs" for packed in PACKED for kept in ("", ".bak"))
    empty = tuple(each for each in found if each.is_file() and not each.stat().st_size)
    for each in empty:
        each.unlink()
    return empty
