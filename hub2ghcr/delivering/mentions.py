"""Images that a text for people mentions: whole references, in Markdown or plain text, moved as the mapping says.

A name without registry, tag and digest may be a repository on GitHub as well (``acme/shop``): it is an image only in a
line that is about images, such as ``docker pull acme/shop``. Addresses (``https://hub.docker.com/r/acme/shop``) stay.
"""

from __future__ import annotations

import re
from typing import Final

from ..errors import Hub2GhcrError
from ..mapping import Mapped, Mapping

_REFERENCE: Final = re.compile(
    r"(?<![\w./:@#$%+=~\\-])"
    r"(?:[A-Za-z0-9.-]+(?::\d+)?/)?[a-z0-9]+(?:[._-]+[a-z0-9]+)*(?:/[a-z0-9]+(?:[._-]+[a-z0-9]+)*)*"
    r"(?::[\w][\w.-]{0,127})?(?:@sha256:[0-9a-f]{64})?"
    r"(?![\w/:@#$%+=~{\\-]|\.\w)"
)
_ABOUT: Final = re.compile(r"\b(?:docker|podman|nerdctl|skopeo|crane|buildah|kubectl|helm|kind|image|FROM)\b|image:")


def moved(text: str, mapping: Mapping, target: str) -> str:
    """Return a text whose images have moved.

    Args:
        text: lines for people.
        mapping: which image moves where.
        target: the one name that images move to here (``ghcr.io/acme/shop``): ``10:30`` would be an image, too.
    """
    return "".join(_line(line, mapping, target) for line in text.splitlines(keepends=True))


def _line(line: str, mapping: Mapping, target: str) -> str:
    about = _ABOUT.search(line) is not None

    def one(found: re.Match[str]) -> str:
        # a full stop that ends the sentence is no part of a tag
        written = found[0].rstrip(".")
        plain = "/" in written or ":" in written
        sure = ":" in written or "@" in written or "." in written.partition("/")[0]
        if not plain or not (sure or about):
            return found[0]
        try:
            decided = mapping.decide_text(written)
        except Hub2GhcrError:
            return found[0]
        if not isinstance(decided, Mapped) or decided.target.name != target:
            return found[0]
        return f"{decided.target}{found[0][len(written) :]}"

    return _REFERENCE.sub(one, line)
