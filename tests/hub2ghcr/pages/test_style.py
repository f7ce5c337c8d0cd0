"""The colours of pages, by the contrast that WCAG 2.2 asks for (1.4.3, level AA), in light and dark."""

from __future__ import annotations

import re
from importlib import resources

import pytest

STYLE = (resources.files("hub2ghcr.pages") / "templates" / "style.css").read_text()
LIGHT, DARK = (
    dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6});", part)) for part in STYLE.split("@media (prefers-color")[:2]
)
STATES = ("good", "warn", "bad", "quiet")
PAIRS = (
    *((text, back) for text in ("text", "soft", "link") for back in ("back", "raised")),
    *((state, f"{state}-back") for state in STATES),
    *((state, "back") for state in STATES),  # signs of a timeline
)


def contrast(one: str, other: str) -> float:
    """The ratio of two colours' luminance as WCAG defines it."""
    high, low = sorted((luminance(one), luminance(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


def luminance(colour: str) -> float:
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def test_the_measure_is_wcags() -> None:
    assert round(contrast("#000000", "#ffffff"), 2) == 21
    assert round(contrast("#777777", "#ffffff"), 2) == 4.48  # just fails


@pytest.mark.parametrize("palette", [LIGHT, DARK], ids=["light", "dark"])
@pytest.mark.parametrize(("text", "back"), PAIRS)
def test_every_text_can_be_read_on_what_is_behind_it(palette: dict[str, str], text: str, back: str) -> None:
    assert contrast(palette[text], palette[back]) >= 4.5


def test_dark_has_every_colour_that_light_has_and_nothing_else_has_one_of_its_own() -> None:
    assert LIGHT.keys() == DARK.keys()
    assert set(re.findall(r"var\(--([\w-]+)\)", STYLE)) <= {*LIGHT, "part"}
    assert len(re.findall(r"#[0-9a-f]{3,8}\b", STYLE)) == len(LIGHT) + len(DARK)
