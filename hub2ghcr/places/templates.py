"""Files that a program fills in before they are YAML: Helm's ``templates/``, Jinja.

They are never parsed, so they are never broken. Lines that name an image are reported with what decides it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from ..source import Scalar
from .found import Found
from .rows import TEMPLATE
from .variables import parsed

_IMAGE: Final = re.compile(r"^[ \t]*(?:-[ \t]+)?[\"']?(?P<key>\w*[iI]mage)[\"']?:[ \t]+(?P<value>\S.*)$", re.MULTILINE)
_VALUE: Final = re.compile(r"\$?\.Values(?:\.\w+)+")
_LONGEST: Final = 1000
_COMMENT: Final = re.compile(r"[ \t]+#[^{}\"']*$")


def found(data: bytes, place: str) -> Iterator[Found]:
    """Yield the lines of a template that name an image; nothing of them can be edited."""
    text = data.decode("utf-8", "replace")
    line, counted = 1, 0
    for match in _IMAGE.finditer(text):
        value = _COMMENT.sub("", match["value"][:_LONGEST].rstrip())
        bare = value.strip("\"'")
        at = match.start("value")
        line, counted = line + text.count("\n", counted, at), at
        if "{{" in bare or "{%" in bare:
            values = sorted({each.lstrip("$") for each in _VALUE.findall(bare)})
            origin = f"{', '.join(values)} of its values" if values else bare
            note = f"a template: the image comes from {origin}"
        elif parsed(bare) is not None:
            note = "written in a template: change it by hand"
        else:
            continue
        start = len(text[:at].encode("utf-8", "surrogatepass"))
        end = start + len(value.encode("utf-8", "surrogatepass"))
        scalar = Scalar(bare, start, end, line, at - text.rfind("\n", 0, at), "raw")
        yield Found(0, TEMPLATE, "", match["key"], bare, (("image", scalar),), note, "templated")
