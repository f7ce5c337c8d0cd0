"""What the pages promise of the settings is what the schema takes."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, get_args

from pydantic import BaseModel

from hub2ghcr.settings import Settings

ROOT = Path(__file__).parents[2]
PAGES = ("docs/settings.md", "docs/mapping.md", "docs/places.md", "docs/platforms/*.md")
TEXT = "".join(page.read_text(encoding="utf-8") for name in PAGES for page in sorted(ROOT.glob(name)))


def keys(annotation: Any) -> Iterator[str]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        for name, field in annotation.model_fields.items():
            yield field.alias or name
            yield from keys(field.annotation)
    for argument in get_args(annotation):
        yield from keys(argument)


def test_the_pages_name_every_key_of_the_settings() -> None:
    missing = sorted({key for key in keys(Settings) if key != "stack" and f"`{key}`" not in TEXT})
    assert missing == []


def test_the_table_of_the_settings_names_no_section_that_is_not_there() -> None:
    table = TEXT[TEXT.index("| key | meaning |") :].split("\n\n")[0]
    named = {name.partition(".")[0].removesuffix("[]") for name in re.findall(r"^\| `([^`]+)`", table, re.MULTILINE)}
    assert named == set(Settings.model_fields) - {"stack"}
